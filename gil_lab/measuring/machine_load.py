"""What else runs on this machine: how many cores other processes keep busy, and which of them most of all."""

import time

import psutil

from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.model.frozen import frozen
from gil_lab.model.text import one_line

BUSY_CORES = 0.10
"""Of others: with more on two cores, turns begin to be flagged."""
MAX_NAME = 40
SHORTEST_S = 1e-3


@frozen
class MachineLoad:
    """Of the processes that can be seen, without this one."""

    cores_busy: float
    busiest: str = ""
    """Its name and pid; empty if none used anything."""

    @property
    def is_busy(self) -> bool:
        return self.cores_busy > BUSY_CORES


class LoadWatch:
    """Counts from when it is made; on Linux only. What this process starts meanwhile does not count."""

    def __init__(self) -> None:
        self._others = OtherProcesses()
        self._others.look(())
        self._clocks_s, self._began_s = self._others.clocks_s(), time.monotonic()

    def load(self) -> MachineLoad:
        """On average until now."""
        elapsed_s = max(SHORTEST_S, time.monotonic() - self._began_s)
        used_s = {pid: now_s - self._clocks_s[pid] for pid, now_s in self._others.clocks_s().items()}
        if not used_s:
            return MachineLoad(0.0)
        busiest = max(used_s, key=lambda pid: used_s[pid])
        return MachineLoad(max(0.0, sum(used_s.values())) / elapsed_s, _named(busiest) if used_s[busiest] > 0 else "")


def _named(pid: int) -> str:
    try:
        return f"{one_line(psutil.Process(pid).name(), MAX_NAME)} (pid {pid})"
    except psutil.Error:
        return f"a process that has ended (pid {pid})"
