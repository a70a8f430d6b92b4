"""Arms: the programs and settings that names refer to, before they are asked, and their distinct labels."""

from collections import Counter
from collections.abc import Iterable, Sequence

from gil_lab.interpreters.dialogue import MAX_REASON_CHARACTERS
from gil_lab.interpreters.discovery import Candidate, Search
from gil_lab.interpreters.names import ALL, Request, Setting, ordered, setting
from gil_lab.model.frozen import frozen
from gil_lab.model.interpreter import Greeting
from gil_lab.model.text import one_line
from gil_lab.model.variables import Settings


@frozen
class Arm:
    """One interpreter to ask."""

    name: str
    executable: str
    identity: object
    greeting: Greeting
    settings: tuple[Setting, ...]
    by_name: bool
    """Requested by its own name, and not by `all`."""

    @property
    def settings_at_start(self) -> Settings:
        """The settings that change what it reports about itself."""
        return tuple((setting.variable, setting.value) for setting in self.settings if setting.at_start)


def arms_of(request: Request, search: Search) -> list[Arm] | str:
    """The arms that a name refers to, or why there are none."""
    if request.complaint:
        return one_line(request.complaint, MAX_REASON_CHARACTERS)
    return _of_all(request, search) if request.base == ALL else _of_name(request, search.find(request))


def _of_name(request: Request, candidate: Candidate) -> list[Arm] | str:
    if candidate.reason or candidate.greeting is None:
        return candidate.reason
    free_threaded_only = [setting.text for setting in request.settings if setting.free_threaded_only]
    if free_threaded_only and not candidate.greeting.free_threaded:
        wrong, label = free_threaded_only[0], candidate.greeting.label
        return f"{label} always has a GIL; +{wrong} is for free-threaded builds, such as 3.14t+{wrong}"
    return [make_arm(request.text, candidate, request.settings, by_name=True)]


def sort_key(label: str) -> tuple[str, list[int], str]:
    """CPython first, then by version; a free-threaded build comes after the one with the GIL."""
    numbers = label.lstrip("abcdefghijklmnopqrstuvwxyz")
    return label.removesuffix(numbers), [int(part) for part in numbers.rstrip("t").split(".")], numbers


def make_arm(name: str, candidate: Candidate, settings: Iterable[Setting], *, by_name: bool = False) -> Arm:
    assert candidate.greeting is not None
    return Arm(name, candidate.executable, candidate.identity, candidate.greeting, ordered(settings), by_name)


def _of_all(request: Request, search: Search) -> list[Arm]:
    """One for each short label for which the settings make sense; free-threaded builds also with their GIL on."""
    arms: dict[str, list[Arm]] = {}
    free_threaded_only = any(setting.free_threaded_only for setting in request.settings)
    for candidate in search.everything():
        if candidate.reason or candidate.greeting is None or candidate.greeting.label in arms:
            continue
        several = [request.settings]
        if candidate.greeting.free_threaded and not free_threaded_only:
            several.append((setting("gil"), *request.settings))
        if candidate.greeting.free_threaded or not free_threaded_only:
            arms[candidate.greeting.label] = [make_arm(request.text, candidate, settings) for settings in several]
    return [arm for label in sorted(arms, key=sort_key) for arm in arms[label]]


def labels(arms: Sequence[Arm]) -> list[str]:
    """Short labels; where two programs share one, with the full version or else a number."""
    programs = {arm.identity: arm.greeting for arm in arms}
    short = Counter(greeting.label for greeting in programs.values())
    names: dict[object, str] = {}
    for identity, greeting in programs.items():
        name = greeting.label if short[greeting.label] == 1 else full_label(greeting)
        number = 1 + sum(other == name or other.startswith(f"{name}-") for other in names.values())
        names[identity] = name if number == 1 else f"{name}-{number}"
    return ["+".join([names[arm.identity], *(setting.text for setting in arm.settings)]) for arm in arms]


def full_label(greeting: Greeting) -> str:
    """`3.13.0`; of a build between releases (`3.15.0a1+`) without the plus sign, which separates settings."""
    return greeting.named(greeting.version.rstrip("+"))
