"""What differs between two sessions besides their numbers: machine, interpreter, packages, gil-lab, options.

session.json is foreign: a value that is missing, or not of its kind, is "not recorded", and never an error.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.model.text import one_line

NOT_RECORDED = "not recorded"
MAX_FACT_CHARACTERS = 60
"""Characters of a value; a kernel's name has forty."""
LARGEST = 2**63


class Kind(StrEnum):
    """What a difference is a difference of."""

    MACHINE = "machine"
    INTERPRETER = "interpreter"
    PACKAGES = "packages"
    LAB = "gil-lab"
    FILE = "your file"
    """That the work, or strategies, came from."""
    OPTIONS = "options"
    CONTROLLER = "controller"
    """The Python that drives and samples; it runs nothing that is measured but the spin that tells the pace."""


CAUSES = (Kind.MACHINE, Kind.INTERPRETER, Kind.PACKAGES, Kind.LAB, Kind.FILE)
"""What wall times may differ by. Options change how well they are known; other tasks or sizes are other cells."""


@frozen
class Difference:
    """One fact as both sessions tell it: text for a reader."""

    kind: Kind
    what: str
    a: str
    b: str

    @property
    def differs(self) -> bool:
        return self.a != self.b

    @property
    def recorded(self) -> bool:
        return NOT_RECORDED not in (self.a, self.b)


@frozen
class Differences:
    """What two sessions tell of themselves."""

    differing: tuple[Difference, ...]
    same: tuple[str, ...]
    """Kinds of which everything that is recorded is the same and, of the other kinds, the facts that are."""
    same_machine: bool | None
    """By host, CPU and cores. None if a session does not tell them."""
    same_interpreters: bool | None
    """By version and build. None if a session does not tell them."""
    same_controller: bool | None = None
    """The Python that gil-lab itself ran on. None if a session does not tell it."""

    @property
    def causes(self) -> tuple[Kind, ...]:
        """The kinds that differ and are recorded by both: each of them may be what a difference comes from."""
        differ = {one.kind for one in self.differing if one.recorded}
        return tuple(kind for kind in CAUSES if kind in differ)


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> Differences:
    """What the `session.json` of two sessions tell differently, and what is the same."""
    facts = list(_facts(a, b))
    differing = tuple(fact for fact in facts if fact.differs)
    kinds = {fact.kind for fact in differing}
    same = [fact for fact in facts if fact.recorded and not fact.differs]
    return Differences(
        differing,
        tuple(dict.fromkeys(fact.what if fact.kind in kinds else str(fact.kind) for fact in same)),
        _same(fact for fact in facts if fact.kind is Kind.MACHINE and fact.what in SAME_MACHINE),
        _same(fact for fact in facts if fact.kind is Kind.INTERPRETER),
        _same(fact for fact in facts if fact.kind is Kind.CONTROLLER),
    )


def _same(facts: Iterable[Difference]) -> bool | None:
    found = list(facts)
    if any(fact.recorded and fact.differs for fact in found):
        return False
    return True if found and all(fact.recorded for fact in found) else None


Shown = Callable[[Any], str | None]
"""A value as text; None for what cannot be such a value."""
Columns = Mapping[str, tuple[str, Shown]]
"""By key in the file: the name for a reader, and how the value is shown."""


def _text(value: Any) -> str | None:
    return one_line(value, MAX_FACT_CHARACTERS) if isinstance(value, str) and value else None


def _number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
        return None
    return f"{value:g}" if isinstance(value, float) else str(value)


def _memory(value: Any) -> str | None:
    """To a tenth: a kernel keeps some pages more or less for itself at each start."""
    return None if _number(value) is None else f"{value / 2**30:.1f} GiB"


def _digest(value: Any) -> str | None:
    """Enough of it to see whether it is another one."""
    text = _text(value)
    return f"SHA-256 {text[:12]}" if text else None


def _digests(value: Any) -> str | None:
    """Of several, by name."""
    if not isinstance(value, dict):
        return None
    shown = [f"{one_line(name, 40)} {digest}" for name, one in value.items() if (digest := _digest(one))]
    return ", ".join(sorted(shown)) or None


def _yes_or_no(value: Any) -> str | None:
    return ("yes" if value else "no") if isinstance(value, bool) else None


def _number_or(missing: str) -> Shown:
    """Of a number that may be null, which then means something."""
    return lambda value: missing if value is None else _number(value)


def _number_or_word(missing: str) -> Shown:
    """The same of a number in whose place a word may stand."""
    return lambda value: _text(value) if isinstance(value, str) else _number_or(missing)(value)


def _numbers_or(missing: str) -> Shown:
    """The same of a list of numbers."""
    return lambda value: _numbers(value) if isinstance(value, list) else _number_or(missing)(value)


def _numbers(value: list[Any]) -> str | None:
    shown = [_number(item) for item in value]
    return None if None in shown else ", ".join(filter(None, shown))


MACHINE: Columns = {
    "host": ("host", _text),
    "cpu": ("CPU", _text),
    "cores": ("cores", _number),
    "quota": ("quota in cores", _number_or("none")),
    "usable_cores": ("usable cores", _number),
    "system": ("system", _text),
    "memory_bytes": ("memory", _memory),
}
SAME_MACHINE = ("host", "CPU", "cores")
INTERPRETER: Columns = {
    "version": ("version", _text),
    "implementation": ("implementation", _text),
    "compiler": ("compiler", _text),
    "free_threaded": ("free-threaded build", _yes_or_no),
    "gil": ("GIL", _yes_or_no),
}
LAB: Columns = {"gil_lab": ("version", _text)}
FILE: Columns = {"name": ("name", _text), "sha256": ("content", _digest), "modules": ("modules beside it", _digests)}
CONTROLLER: Columns = {"python": ("Python", _text), "implementation": ("implementation", _text)}
OPTIONS: Columns = {
    "min_time_s": ("min time in s", _number),
    "rounds": ("rounds", _number_or("as many as fit")),
    "budget_s": ("time in s", _number_or("by the number of cells")),
    "quick": ("quick", _yes_or_no),
    "workers": ("workers", _numbers_or("the experiment's own")),
    "tasks": ("tasks", _number_or("the workload's own")),
    "sizes": ("size", _numbers_or("the workload's own")),
    "chunk": ("tasks handed over at a time", _number_or_word("the API's own")),
}


def _facts(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
    """Every fact that a session may tell, whether it differs or not."""
    yield from _compared(Kind.MACHINE, MACHINE, _inside(a, "machine"), _inside(b, "machine"))
    yield from _interpreters(_inside(a, "interpreters"), _inside(b, "interpreters"))
    yield from _compared(Kind.LAB, LAB, a, b)
    if _inside(a, "file") or _inside(b, "file"):
        yield from _compared(Kind.FILE, FILE, _inside(a, "file"), _inside(b, "file"), "file's ")
    yield from _compared(Kind.OPTIONS, OPTIONS, _options(a), _options(b))
    if "controller" in a and "controller" in b:  # sessions of earlier versions do not tell it
        yield from _compared(Kind.CONTROLLER, CONTROLLER, _inside(a, "controller"), _inside(b, "controller"))


def _options(about: Mapping[str, Any]) -> Mapping[str, Any]:
    """As they were given; earlier sessions have one `size`, where later ones have `sizes`."""
    options = dict(_inside(about, "options"))
    if "size" in options:
        size = options.pop("size")
        options.setdefault("sizes", None if size is None else [size])
    return options


def _inside(about: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = about.get(name)
    return found if isinstance(found, dict) else {}


def _compared(
    kind: Kind, columns: Columns, a: Mapping[str, Any], b: Mapping[str, Any], before: str = ""
) -> Iterator[Difference]:
    for key, (what, shown) in columns.items():
        texts = [(shown(about[key]) if key in about else None) or NOT_RECORDED for about in (a, b)]
        yield Difference(kind, before + what, *texts)


def _interpreters(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[Difference]:
    """By label; if each session has exactly one, that one and the other."""
    if len(a) == len(b) == 1:
        yield from _interpreter("", *(next(iter(side.values())) for side in (a, b)))
        return
    for label in {**a, **b}:
        name = one_line(label, 20)
        if label in a and label in b:
            yield from _interpreter(f"{name}: ", a[label], b[label])
        else:
            texts = [
                "measured" if label in recorded else "not measured" if recorded else NOT_RECORDED for recorded in (a, b)
            ]
            yield Difference(Kind.INTERPRETER, f"Python {name}", *texts)


def _interpreter(before: str, a: Any, b: Any) -> Iterator[Difference]:
    one, other = (side if isinstance(side, dict) else {} for side in (a, b))
    yield from _compared(Kind.INTERPRETER, INTERPRETER, one, other, before)
    installed = [_packages(side) for side in (one, other)]
    for name in dict.fromkeys(name for found in installed for name in found or ()):
        texts = [NOT_RECORDED if found is None else found.get(name, "not installed") for found in installed]
        yield Difference(Kind.PACKAGES, before + name, *texts)


def _packages(interpreter: Mapping[str, Any]) -> dict[str, str] | None:
    """Version by name."""
    listed = interpreter.get("packages")
    if not isinstance(listed, list):
        return None
    pairs = ((_text(one.get("name")), _text(one.get("version"))) for one in listed if isinstance(one, dict))
    return {name: version or NOT_RECORDED for name, version in pairs if name}
