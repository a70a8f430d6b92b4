"""Arms: the programs and settings that names mean, before they are asked, and the labels that tell them apart."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gil_lab.interpreters.dialogue import LONGEST_REASON
from gil_lab.interpreters.discovery import Candidate, Search
from gil_lab.interpreters.names import ALL, Setting, Wanted, ordered, setting
from gil_lab.model.interpreter import Greeting
from gil_lab.model.text import one_line
from gil_lab.model.variables import Settings


@dataclass(frozen=True, slots=True)
class Arm:
    """One interpreter to be asked."""

    name: str
    executable: str
    identity: object
    greeting: Greeting
    settings: tuple[Setting, ...]
    demanded: bool
    """By its own name, and not by `all`."""

    @property
    def settings_at_start(self) -> Settings:
        """Those that change what it says of itself."""
        return tuple((one.variable, one.value) for one in self.settings if one.at_start)


def of(one: Wanted, search: Search) -> list[Arm] | str:
    """What a name means, or why it means nothing."""
    if one.complaint:
        return one_line(one.complaint, LONGEST_REASON)
    return _of_all(one, search) if one.base == ALL else _of_name(one, search.found(one))


def _of_name(one: Wanted, found: Candidate) -> list[Arm] | str:
    if found.reason or found.greeting is None:
        return found.reason
    if any(each.free_threaded_only for each in one.settings) and not found.greeting.free_threaded:
        wrong = next(each.text for each in one.settings if each.free_threaded_only)
        label = found.greeting.label
        return f"{label} has its GIL built in; +{wrong} is for free-threaded builds, such as 3.14t+{wrong}"
    return [arm(one.text, found, one.settings, demanded=True)]


def in_order(label: str) -> tuple[str, list[int], str]:
    """CPython first, then by number; a free-threaded build stands beside the one with the GIL."""
    numbers = label.lstrip("abcdefghijklmnopqrstuvwxyz")
    return label.removesuffix(numbers), [int(part) for part in numbers.rstrip("t").split(".")], numbers


def arm(name: str, found: Candidate, settings: Iterable[Setting], *, demanded: bool = False) -> Arm:
    assert found.greeting is not None
    return Arm(name, found.executable, found.identity, found.greeting, ordered(settings), demanded)


def _of_all(one: Wanted, search: Search) -> list[Arm]:
    """One of each short label, where the settings make sense; and each that can do without its GIL with it as well."""
    arms: dict[str, list[Arm]] = {}
    of_builds = any(each.free_threaded_only for each in one.settings)
    for found in search.everything():
        if found.reason or found.greeting is None or found.greeting.label in arms:
            continue
        if found.greeting.free_threaded:
            more = [] if of_builds else [(setting("gil"), *one.settings)]
            arms[found.greeting.label] = [arm(one.text, found, each) for each in (one.settings, *more)]
        elif not of_builds:
            arms[found.greeting.label] = [arm(one.text, found, one.settings)]
    return [one for label in sorted(arms, key=in_order) for one in arms[label]]


def labels(arms: Sequence[Arm]) -> list[str]:
    """Short ones, unless two programs share one: then the full version tells them apart, or else a number."""
    programs = {one.identity: one.greeting for one in arms}
    short = Counter(greeting.label for greeting in programs.values())
    names: dict[object, str] = {}
    for identity, greeting in programs.items():
        name = greeting.label if short[greeting.label] == 1 else full(greeting)
        number = 1 + sum(other == name or other.startswith(f"{name}-") for other in names.values())
        names[identity] = name if number == 1 else f"{name}-{number}"
    return ["+".join([names[one.identity], *(each.text for each in one.settings)]) for one in arms]


def full(greeting: Greeting) -> str:
    """`3.13.0`; of a build between releases (`3.15.0a1+`) without the plus sign, after which settings stand."""
    return greeting.named(greeting.version.rstrip("+"))
