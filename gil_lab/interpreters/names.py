"""Names of interpreters as users type them: `3.14`, `3.13t+gil`, `pypy3.11+switch=1ms`, `this`, `all`, a path."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from gil_lab.measuring.core_kinds import KINDS, core_kinds
from gil_lab.measuring.machine import allowed_cores, pinnable_cores
from gil_lab.model.errors import UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.variables import CLUSTER, CORES, DIVIDED, LIBRARY_THREADS, SWITCH_INTERVAL_S, UNCAPPED

THIS, ALL = "this", "all"
MAX_NAME_CHARACTERS = 4096
"""No path is longer."""
MIN_SWITCH_MS, MAX_SWITCH_MS = 0.1, 1000.0
"""Limits of the switch interval: with a shorter one Python does nothing but switch; a longer one is never reached."""


@frozen
class Setting:
    """One setting: an environment variable, because options given by `-X` do not reach the workers of pools."""

    text: str
    variable: str
    value: str
    free_threaded_only: bool = False
    at_start: bool = False
    """Whether it changes what a Python reports about itself."""


@frozen
class Version:
    """The version that a name like `pypy3.11` or `3.13t` requests."""

    implementation: str
    version: str
    """As far as it is given; may be empty."""
    free_threaded: bool

    def matches(self, implementation: str, version: str, free_threaded: bool) -> bool:
        whole = re.match(re.escape(self.version) + "(?![0-9])", version) or not self.version
        return bool(whole) and (self.implementation, self.free_threaded) == (implementation, free_threaded)


@frozen
class Request:
    """A name, parsed."""

    text: str
    base: str
    settings: tuple[Setting, ...] = ()
    complaint: str = ""
    """Why the settings make no sense."""


FREE_THREADED = {"gil": "1", "nogil": "0"}
THREADS_IN_WORDS = (DIVIDED, UNCAPPED)
SETTINGS = "gil, nogil, switch=5ms, cores=1, threads=4, cudasim, cluster=HOST:8786"
MAX_LIBRARY_THREADS = 1024
"""In each task: OpenBLAS is built for no more."""
MILLISECONDS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s)", re.ASCII)
COUNT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
ADDRESS = re.compile(r"(?:tcp://)?((?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5}))", re.ASCII)
"""As dask writes it; a name has at most 253 characters (RFC 1035, 2.3.4), and the longest IPv6 address 45."""
MAX_PORT = 65_535
VERSION_NAME = re.compile(
    r"(?:(?:c?python)|([a-z]+py))?-?([0-9]+(?:\.[0-9]+){0,2}(?:(?:a|b|rc)[0-9]+)?)?(t?)", re.ASCII
)


def parse_name(text: str) -> Request:
    """Parse a name. Raises UsageError if it is invalid; settings that make no sense become a complaint."""
    if not text or not text.isprintable() or len(text) > MAX_NAME_CHARACTERS:
        raise UsageError(f"{text!a:.60} is not a name of a Python; write 3.14, 3.13t+gil, this, all or a path")
    base, *settings = _parts(text)
    if not base or not all(settings):
        raise UsageError(f"{text!a:.60} has an empty part; write it like 3.13t+gil, with settings {SETTINGS}")
    try:
        chosen = {setting(text) for text in settings}
    except ValueError as error:
        return Request(text, base, complaint=f"{text}: {error}")
    if len({item.variable for item in chosen}) < len(chosen):
        return Request(text, base, complaint=f"{text}: its settings contradict each other; keep one of them")
    return Request(text, base, ordered(chosen))


def ordered(settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """In the order of labels: the GIL first."""
    return tuple(sorted(settings, key=lambda setting: (not setting.free_threaded_only, setting.text)))


def setting(text: str) -> Setting:
    """The setting of that name. Raises ValueError with the reason if there is none."""
    if text in FREE_THREADED:
        return Setting(text, "PYTHON_GIL", FREE_THREADED[text], free_threaded_only=True, at_start=True)
    if text == "cudasim":
        return Setting(text, "NUMBA_ENABLE_CUDASIM", "1", at_start=True)
    name, _, value = text.partition("=")
    if name not in VALUED:
        raise ValueError(f"unknown setting {text!a:.40}; there are {SETTINGS}")
    return VALUED[name](value)


def _switch(value: str) -> Setting:
    match = MILLISECONDS.fullmatch(value)
    milliseconds = float(f"{float(match[1]) * (1000 if match[2] == 's' else 1):.6g}") if match else 0.0
    if not MIN_SWITCH_MS <= milliseconds <= MAX_SWITCH_MS:
        raise ValueError(
            f"switch takes {MIN_SWITCH_MS:g}ms to {MAX_SWITCH_MS:g}ms, not {value!a:.40}; write switch=5ms"
        )
    return Setting(f"switch={milliseconds:g}ms", SWITCH_INTERVAL_S, f"{milliseconds / 1000:g}")


def _cores(value: str) -> Setting:
    """Pins the child to that many of the cores that this process may use."""
    available = pinnable_cores()
    if available is None:
        raise ValueError("cores cannot be chosen on this system; leave the setting out")
    if value in KINDS:
        return _cores_of_kind(value)
    if not (COUNT.fullmatch(value) and int(value) <= available):
        raise ValueError(
            f"cores takes 1 to {available}, the usable cores, {' or '.join(KINDS)}, not {value!a:.40}; write cores=1"
        )
    return Setting(f"cores={value}", CORES, value)


def _cores_of_kind(kind: str) -> Setting:
    """Pins the child to one hardware thread of each physical core, or to the fast cores of a mixed machine."""
    cores = core_kinds(allowed_cores()).of(kind)
    if cores is None:
        raise ValueError(f"this system does not say which cores are {kind} ones; write cores=1 or leave it out")
    return Setting(f"cores={kind}", CORES, "".join(f"{core}," for core in cores))


def _threads(value: str) -> Setting:
    """Lets libraries use that many threads inside each task."""
    if value not in THREADS_IN_WORDS and not (COUNT.fullmatch(value) and int(value) <= MAX_LIBRARY_THREADS):
        words = " or ".join(THREADS_IN_WORDS)
        raise ValueError(f"threads takes 1 to {MAX_LIBRARY_THREADS}, {words}, not {value!a:.40}; write threads=4")
    return Setting(f"threads={value}", LIBRARY_THREADS, value)


def _cluster(value: str) -> Setting:
    """Has strategies that use a cluster use a running one."""
    match = ADDRESS.fullmatch(value)
    if not match or not 1 <= int(match[2]) <= MAX_PORT:
        raise ValueError(f"cluster takes the address of a scheduler, not {value!a:.60}; write tcp://HOST:8786")
    return Setting(f"cluster={match[1]}", CLUSTER, match[1])


def with_cluster(name: str, address: str) -> str:
    """The name with that setting. Raises ValueError for what is no address."""
    return f"{name}+{_cluster(address).text}"


def cluster_in(label: str) -> str:
    """Where the cluster is, by a label; empty if it names none."""
    return _value_in(label, "cluster")


def with_threads(name: str, threads: int) -> str:
    """The name with that setting. Raises ValueError for a number that libraries do not take."""
    return f"{name}+{_threads(str(threads)).text}"


def cores_in(label: str, kinds: Mapping[str, int] = MappingProxyType({})) -> int | None:
    """To how many cores a label pins its child, on whatever machine that was; None if it does not.

    `kinds` says how many of each kind that machine has.
    """
    value = _value_in(label, "cores")
    return kinds.get(value) if value in KINDS else _count(value)


def threads_in(label: str) -> int | None:
    """How many threads libraries may use inside a task, by a label; None if it does not say so in a number: one."""
    return _count(_value_in(label, "threads"))


def threads_in_words(label: str) -> str:
    """One of `THREADS_IN_WORDS`; empty if the label has none."""
    value = _value_in(label, "threads")
    return value if value in THREADS_IN_WORDS else ""


def _value_in(label: str, setting_name: str) -> str:
    settings = (text.partition("=") for text in label.split("+"))
    return next((value for name, _, value in settings if name == setting_name), "")


def _count(value: str) -> int | None:
    return int(value) if COUNT.fullmatch(value) else None


VALUED = {"switch": _switch, "cores": _cores, "threads": _threads, "cluster": _cluster}


def _parts(text: str) -> list[str]:
    """The name and its settings. A path that exists may contain plus signs of its own."""
    if not is_path(text):
        return text.split("+")
    cut = len(text)
    while cut > 0 and not at_home(text[:cut]).exists():
        cut = text.rfind("+", 0, cut)
    if cut <= 0:  # no such path: its last component has the settings
        folder, slash, last = text.rpartition(os.sep)
        base, *settings = last.split("+")
        return [folder + slash + base, *settings]
    return [text[:cut], *(text[cut + 1 :].split("+") if cut < len(text) else ())]


def is_path(text: str) -> bool:
    """Whether the name has a separator in it, or begins like a path and exists."""
    return os.sep in text or text == "~" or (text.startswith(".") and Path(text.partition("+")[0]).exists())


def at_home(path: str) -> Path:
    """The path with `~` expanded, if there is a home folder."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def parse_version(base: str) -> Version | None:
    """The version that a name requests; None if it is the name of a program."""
    match = VERSION_NAME.fullmatch(base.lower())
    return Version(match[1] or "cpython", match[2] or "", bool(match[3])) if match else None
