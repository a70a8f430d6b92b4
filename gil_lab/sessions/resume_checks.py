"""Whether a session that is resumed would be measured as it was: the machine, the lab, the interpreters, the file."""

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gil_lab.interpreters import Choice, Interpreter, choose
from gil_lab.measuring.machine import Machine
from gil_lab.model.errors import StoreError
from gil_lab.model.frozen import frozen
from gil_lab.model.interpreter import Greeting
from gil_lab.model.text import one_line
from gil_lab.model.version import __version__

SAME_MEMORY = 0.05
"""Share by which the memory may differ: another kernel keeps another part of it for itself."""
MAX_LISTED = 8
MAX_VALUE_CHARACTERS = 60


@frozen
class Found:
    """The interpreters of a session, found again under the labels that they had."""

    choice: Choice
    differences: list[str]


def find(
    labels: Sequence[str],
    about: Mapping[str, Any],
    pythons: Sequence[str] | None,
    strategies: Sequence[str],
    file: Path | None,
) -> Found:
    """`pythons` are names or paths by which the user helps. Raises StoreError for one that is not there.

    A label may mean another Python by now: of those that fit it, the one that differs least from the noted facts is
    taken, and no program twice.
    """
    noted = about.get("interpreters")
    facts = noted if isinstance(noted, dict) else {}
    names = dict.fromkeys(name for label in labels for name in _names(label, pythons or ()))
    choice = choose(tuple(names), strategies=strategies, file=file)
    chosen: list[Interpreter] = []
    differences: list[str] = []
    for label in labels:
        taken = {(one.executable, _settings(one.label)) for one in chosen}
        fitting = [
            (_differences(label, facts.get(label), one), one)
            for one in choice.interpreters
            if _fits(one, label) and (one.executable, _settings(label)) not in taken
        ]
        if not fitting:
            why = next((one.reason for one in choice.missing if one.name == label), f"{label} is not there")
            raise StoreError(f"{one_line(why)}; it was used before, so name it with --python PATH")
        fewest, best = min(fitting, key=lambda each: len(each[0]))
        differences += fewest
        chosen.append(dataclasses.replace(best, label=label))
    return Found(Choice(tuple(chosen), ()), differences)


def differences(about: Mapping[str, Any], machine: Machine, file: Mapping[str, Any] | None) -> Iterator[str]:
    """What is not as session.json says, one line each, but for the interpreters."""
    yield from _unlike("gil-lab", about.get("gil_lab"), __version__)
    noted = about.get("machine")
    was = noted if isinstance(noted, dict) else {}
    for name in ("cpu", "cores", "usable_cores"):
        yield from _unlike(name.replace("_", " "), was.get(name), getattr(machine, name))
    memory = was.get("memory_bytes")
    if not (isinstance(memory, int) and abs(memory - machine.memory_bytes) <= SAME_MEMORY * machine.memory_bytes):
        yield from _unlike("memory_bytes", memory, machine.memory_bytes)
    if about.get("file") != file:
        beside = " (or a module beside it)" if file and "modules" in file else ""
        yield f"{file['name'] if file else 'the file'}{beside} is not as it was"


def listed(found: Sequence[str]) -> str:
    """All of them in one line."""
    rest = f" and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
    return "; ".join(found[:MAX_LISTED]) + rest


def _names(label: str, pythons: Sequence[str]) -> Iterator[str]:
    """Under which a Python of that label may be found."""
    base, settings = _base(label), _settings(label)
    own = ("this",) if base.startswith(Greeting.own().label) else ()
    for name in (*pythons, *own, base):
        yield f"{name}+{settings}" if settings else name


def _settings(label: str) -> str:
    return label.partition("+")[2]


def _base(label: str) -> str:
    """Without settings, and without the number that tells two programs of one version apart."""
    return re.sub(r"-[0-9]+$", "", label.partition("+")[0])


def _fits(one: Interpreter, label: str) -> bool:
    """Labels are short, or have the full version where the short one meant two programs."""
    named = Greeting(one.facts.version, "", one.facts.free_threaded).named(one.facts.version.rstrip("+"))
    base = _base(label)
    return _settings(one.label) == _settings(label) and (base == one.facts.label or base.endswith(named))


def _differences(label: str, noted: object, one: Interpreter) -> list[str]:
    if not isinstance(noted, dict):
        return [f"nothing is known of the {label} that was used"]
    now = json.loads(json.dumps(dataclasses.asdict(one.facts)))
    return [line for name in now for line in _unlike(f"{label} {name}", _plain(noted.get(name)), _plain(now[name]))]


def _plain(value: object) -> object:
    """Lists of packages and of what does not work, as words: the order says nothing."""
    if not isinstance(value, list):
        return value
    return sorted(" ".join(map(str, item.values())) if isinstance(item, dict) else str(item) for item in value)


def _unlike(name: str, was: object, now: object) -> Iterator[str]:
    if was == now:
        return
    if isinstance(was, list) and isinstance(now, list):
        was, now = (", ".join(each for each in one if each not in other) for one, other in ((was, now), (now, was)))
    yield one_line(f"{name} was {_word(was)}, is {_word(now)}")


def _word(value: object) -> str:
    return "unknown" if value is None else one_line(str(value) or "nothing", MAX_VALUE_CHARACTERS)
