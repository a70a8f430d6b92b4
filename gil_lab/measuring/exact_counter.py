"""CPU time of everything that ran here, also of processes that began and ended meanwhile, counted in nanoseconds.

The kernel adds up what each control group used: `cpuacct.usage` of the topmost group in version 1, `usage_usec` in
version 2 (cgroup-v1/cpuacct.rst, cgroup-v2.rst). In a container the topmost group that can be seen is the container's
own, and on a host with version 2 processes outside of every group are missing: it is a lower bound then. Rejected: the
root's own `usage_usec` in version 2 and /proc/stat, which sample in ticks; /proc/schedstat, which counts the time of a
process when that leaves its core, and not before.
"""

from collections.abc import Sequence
from pathlib import Path

from gil_lab.measuring.cgroups import ROOT


class ExactCounter:
    """`used_s` is None where the kernel has no such counter. Reading it takes 15 µs in version 1."""

    def __init__(self, root: Path = ROOT) -> None:
        self._files, self._unit_s = _files(root)

    def used_s(self) -> float | None:
        """CPU seconds, cumulative."""
        try:
            total = sum([_number(file) for file in self._files])
        except (OSError, ValueError, IndexError):  # a group that was removed meanwhile
            return None
        return total * self._unit_s if self._files else None


def _files(root: Path) -> tuple[Sequence[str], float]:
    """Those to add up, and the unit of their numbers."""
    for folder in (root / "cpuacct", root / "cpu,cpuacct"):
        if (folder / "cpuacct.usage").is_file():
            return (str(folder / "cpuacct.usage"),), 1e-9
    if (root / "cgroup.events").is_file():  # every group has it but the root of the machine
        return (str(root / "cpu.stat"),), 1e-6
    return tuple(sorted(map(str, root.glob("*/cpu.stat")))), 1e-6


def _number(file: str) -> int:
    """The first one in it: version 2 has a name before it."""
    with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - pathlib takes twice as long
        return int(opened.read(60).split(b"\n")[0].split()[-1])
