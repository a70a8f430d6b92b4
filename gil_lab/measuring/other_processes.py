"""CPU time of the processes that are neither measured nor measure, by their CPU clocks.

The per-core counters tick every 10 ms, which says little about a turn of 50 ms; CPU clocks count nanoseconds. They miss
what cannot be seen: processes outside of a container, those that began meanwhile, and those that ended. Where the
kernel counts the CPU time of everything exactly, the last two are found by that.
"""

import os
import sys
from collections.abc import Iterable

import psutil

from gil_lab.measuring.exact_counter import ExactCounter
from gil_lab.measuring.processes import clock_s


class OtherProcesses:
    """Those that lived at the last `look`; none before the first."""

    def __init__(self) -> None:
        self._pids: tuple[int, ...] = ()
        self._everything: ExactCounter | None = None

    def look(self, ours: Iterable[int]) -> None:
        """Find them anew. Not `ours`, by pid, but whatever else this process may have started: a notebook's pool."""
        if sys.platform == "linux":
            known = {os.getpid(), *ours}
            self._pids = tuple([pid for pid in psutil.pids() if pid not in known])
            self._everything = ExactCounter()

    def clocks_s(self) -> dict[int, float]:
        """CPU seconds, cumulative, of each by its pid, in a microsecond for each. Empty where there are no clocks."""
        clocks = {}
        for pid in self._pids:
            try:
                clocks[pid] = clock_s(pid)
            except OSError:  # it has ended
                continue
        return clocks

    def everything_s(self) -> float | None:
        """CPU seconds, cumulative, of all processes, ours too; None where that is not counted exactly."""
        return self._everything.used_s() if self._everything else None


def used_s(before: dict[int, float], after: dict[int, float]) -> float | None:
    """CPU seconds between two readings of the clocks, of those in both; None if there are none."""
    both = before.keys() & after.keys()
    return sum([max(0.0, after[pid] - before[pid]) for pid in both]) if both else None
