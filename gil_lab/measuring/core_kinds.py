"""Kinds of cores: which are hardware threads of one physical core (SMT), and which are the fast ones of several kinds.

Two hardware threads share the units that compute, so that two workers on them gain less than two on physical cores; an
efficiency core is slower than a performance core. A law of scaling sees either as a serial share that is none.

Sources: the kernel's admin-guide/cputopology.rst (`thread_siblings_list`) and ABI/testing/sysfs-devices-system-cpu
(`cpu_capacity`, of Arm and of newer kernels on Intel); `cpu_core` and `cpu_atom`, the performance counters of Intel's
mixed machines, each with the cores that it counts (perf, Documentation/intel-hybrid.txt).
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from gil_lab.model.frozen import frozen

ROOT = Path("/sys/devices")
MAX_CORES = 100_000
PHYSICAL, PERFORMANCE = "physical", "performance"
KINDS = (PHYSICAL, PERFORMANCE)


@frozen
class CoreKinds:
    """Numbers of the cores that may be used; None where the system does not say."""

    physical: tuple[int, ...] | None
    """The first hardware thread of each physical core."""
    performance: tuple[int, ...] | None
    """The fast ones; None also where all are alike."""

    def of(self, kind: str) -> tuple[int, ...] | None:
        """Those of one of `KINDS`."""
        return {PHYSICAL: self.physical, PERFORMANCE: self.performance}[kind]


def core_kinds(allowed: Iterable[int], root: Path = ROOT) -> CoreKinds:
    """Of these cores."""
    cores = sorted(allowed)
    return CoreKinds(_physical(cores, root), _performance(cores, root))


def _physical(cores: list[int], root: Path) -> tuple[int, ...] | None:
    first: list[int] = []
    seen: set[int] = set()
    for core in cores:
        siblings = _numbers(root / f"system/cpu/cpu{core}/topology/thread_siblings_list")
        if core not in siblings:
            return None
        if core not in seen:
            first.append(core)
        seen |= siblings
    return tuple(first) or None


def _performance(cores: list[int], root: Path) -> tuple[int, ...] | None:
    fast, slow = _numbers(root / "cpu_core/cpus"), _numbers(root / "cpu_atom/cpus")
    if not (fast and slow):
        capacities = {core: _numbers(root / f"system/cpu/cpu{core}/cpu_capacity") for core in cores}
        most = max(map(max, filter(None, capacities.values())), default=0)
        if not all(capacities.values()):
            return None
        fast = {core for core, capacity in capacities.items() if max(capacity) == most}
        slow = set(cores) - fast
    if not slow.intersection(cores):
        return None
    return tuple(core for core in cores if core in fast) or None


def _numbers(file: Path) -> set[int]:
    """Of a list such as `0-3,8`; empty if it cannot be read or is none."""
    with contextlib.suppress(OSError, ValueError):
        return set(_listed(file.read_text(encoding="ascii")))
    return set()


def _listed(text: str) -> Iterator[int]:
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        if not 0 <= begin <= end <= MAX_CORES:
            raise ValueError(text)
        yield from range(begin, end + 1)
