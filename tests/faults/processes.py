"""Which processes are still there. A pid may be given to another process: each is known by its start time as well."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

MARK = "GIL_LAB_TRIAL"
"""The variable that every process of a trial inherits: the pid of the gil-lab that started it, and more."""
STATE, STARTED = 0, 19
"""Fields of /proc/PID/stat behind the name (proc(5)): the state, the start in clock ticks since the system started."""


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, also when it has ended and its pid has been given to another."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> Self:
        """Of a process that is there. Raises OSError."""
        return cls(pid, int(_stat(pid)[STARTED]))

    def runs(self) -> bool:
        """Whether it has not ended: a zombie has."""
        try:
            fields = _stat(self.pid)
        except OSError:
            return False
        return int(fields[STARTED]) == self.started and fields[STATE] not in "ZX"


def recorded(file: Path) -> list[Identity]:
    """What processes have written about themselves: a pid and a start time in each line."""
    return [Identity(*map(int, line.split())) for line in file.read_text().splitlines()] if file.exists() else []


def of_run(pid: int) -> list[psutil.Process]:
    """Running processes that were started for trials of the gil-lab with this pid, in whichever session or group."""
    processes = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(f"{pid}-") and process.status() != psutil.STATUS_ZOMBIE:
                processes.append(process)
        except (psutil.Error, OSError):
            continue
    return processes
