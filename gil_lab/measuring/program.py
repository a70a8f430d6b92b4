"""Watches a whole program from outside: its processes and threads, how many cores they keep busy or wait for."""

import contextlib
import os
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence

import psutil

from gil_lab.measuring.machine import usable_cores
from gil_lab.measuring.processes import descendants, ready_s, total_cpu_s
from gil_lab.measuring.program_gil import ProgramGil, ProgramGilUse
from gil_lab.measuring.supervisor import PR_SET_CHILD_SUBREAPER, prctl
from gil_lab.model.errors import UsageError
from gil_lab.model.frozen import frozen

PERIOD_S = 0.1
"""Between two looks: each takes some milliseconds for a program of a hundred threads."""
STARTED_S = 0.5
"""A program has started its Python by then, and the Python its pool, as far as one can know."""
END_S = 5.0
"""For a program to end after SIGTERM, before it is killed."""
LEAST_SHARE = 0.1
"""Of a core: a thread that uses as much computes."""


@frozen
class ProgramUse:
    """What a program used while it was watched."""

    wall_s: float
    cpu_s: float
    """Of all its processes, also of those that ended."""
    ready_s: float | None
    """For which its threads waited for a core; None where the system does not report it."""
    processes: int
    threads: int
    """The most that were seen at a time."""
    computing: int
    """The most threads of one process that each kept a tenth of a core busy at least."""
    computing_cores: float
    """How many cores that process kept busy."""
    computing_processes: int
    """Processes that each kept a tenth of a core busy at least."""
    cores: int
    """That it may use."""
    exit_code: int | None
    """None if it was still running."""
    gil: ProgramGilUse | None = None
    """None where it cannot be seen, or it runs no Python."""

    @property
    def cores_busy(self) -> float:
        return self.cpu_s / self.wall_s

    @property
    def cores_wanted(self) -> float:
        """Kept busy, or waited for."""
        return self.cores_busy + (self.ready_s or 0.0) / self.wall_s


def watch(command: Sequence[str], most_s: float) -> ProgramUse:
    """Run the program until it ends, or for so long; then it is ended. Its streams are ours.

    Raises UsageError if it cannot be started.
    """
    before = {each.pid for each in descendants(os.getpid())}
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        process = subprocess.Popen(command)
    except OSError as error:
        why = f"{command[0]!a:.100} cannot be started ({error.strerror})"
        raise UsageError(f"{why}; give a program and its arguments, or sh -c '...'") from error
    began = time.monotonic()
    seen, gil = _Seen(), ProgramGil()
    try:
        with gil:
            while process.poll() is None and (now_s := time.monotonic() - began) < most_s:
                tree = descendants(process.pid)
                seen.look(tree)
                if now_s > STARTED_S:
                    gil.look([each.pid for each in tree])
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(PERIOD_S)
            wall_s = time.monotonic() - began
            code = process.poll()
    finally:
        _end(process, before)
        prctl(PR_SET_CHILD_SUBREAPER, 0)
    return seen.use(wall_s, code, gil.use)


def _end(process: "subprocess.Popen[bytes]", before: Collection[int]) -> None:
    """With all that it started: also what has left it for a session of its own, which we then are the parent of."""
    tree = [each for each in descendants(os.getpid()) if each.pid not in before]
    for each in tree:
        with contextlib.suppress(psutil.Error):
            each.terminate()
    _, alive = psutil.wait_procs(tree, END_S)
    for each in alive:
        with contextlib.suppress(psutil.Error):
            each.kill()
    process.wait()


class _Seen:
    """What was seen so far."""

    def __init__(self) -> None:
        self._cpu_s = self._processes = self._threads = 0.0
        self._ready: dict[tuple[int, int], float] = {}
        self._used: dict[tuple[int, int], float] = {}

    def look(self, tree: Sequence[psutil.Process]) -> None:
        self._cpu_s = max(self._cpu_s, total_cpu_s(tree)[0])  # the last look may miss what has just ended
        self._ready.update(ready_s(tree))
        threads = _threads_cpu_s(tree)
        self._used.update(threads)
        self._processes, self._threads = max(self._processes, len(tree)), max(self._threads, len(threads))

    def use(self, wall_s: float, code: int | None, gil: ProgramGilUse | None) -> ProgramUse:
        by_process: dict[int, list[float]] = {}
        for (pid, _), used_s in self._used.items():
            by_process.setdefault(pid, []).append(used_s / wall_s)
        computing = {pid: sum(share >= LEAST_SHARE for share in shares) for pid, shares in by_process.items()}
        first = max(computing, key=lambda pid: (computing[pid], sum(by_process[pid])), default=None)
        return ProgramUse(
            wall_s,
            self._cpu_s,
            sum(self._ready.values()) if self._ready else None,
            int(self._processes),
            int(self._threads),
            computing[first] if first is not None else 0,
            sum(by_process[first]) if first is not None else 0.0,
            sum(sum(shares) >= LEAST_SHARE for shares in by_process.values()),
            usable_cores(),
            code,
            gil,
        )


def _threads_cpu_s(tree: Sequence[psutil.Process]) -> Mapping[tuple[int, int], float]:
    """CPU seconds, cumulative, in ticks, by pid and thread."""
    found = {}
    for process in tree:
        with contextlib.suppress(psutil.Error, OSError):
            found.update({(process.pid, one.id): one.user_time + one.system_time for one in process.threads()})
    return found
