"""Processes as the system shows them: the tree of one, their CPU clocks, memory, and the cores they may use."""

import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil


def clock_s(pid: int) -> float:
    """CPU seconds of one process with all its threads, by its CPU clock, in nanoseconds; on Linux only.

    The clock's id is derived from the pid as in the kernel's `posix-timers.h`, like clock_getcpuclockid(3) does.
    Raises OSError for a process that is gone.
    """
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def process_cpu_s(process: psutil.Process) -> float:
    """CPU seconds of one process with all its threads; outside of Linux by psutil, in ticks of 10 ms."""
    if sys.platform == "linux":
        return clock_s(process.pid)
    times = process.cpu_times()
    return times.user + times.system


def cpu_s_or_zero(process: psutil.Process) -> float:
    """0 for a process that is gone: in a series of samples, the drop shows that it ended."""
    try:
        return process_cpu_s(process)
    except (psutil.Error, OSError):
        return 0.0


def reaped_cpu_s(process: psutil.Process) -> float:
    """CPU seconds, in ticks, of the children that it has waited for: those of ended children are not lost."""
    times = process.cpu_times()
    return times.children_user + times.children_system


def total_cpu_s(processes: Iterable[psutil.Process]) -> tuple[float, int]:
    """CPU seconds of the processes and of the children they have waited for; and how many could not be read."""
    total, unread = 0.0, 0
    for process in processes:
        for clock in (process_cpu_s, reaped_cpu_s):
            try:
                total += clock(process)
            except (psutil.NoSuchProcess, ProcessLookupError):
                break  # it ended meanwhile, and its parent has its CPU time
            except (psutil.Error, OSError):
                unread += not _has_ended(process)
                break
    return total, unread


def ready_s(processes: Iterable[psutil.Process]) -> dict[tuple[int, int], float]:
    """Seconds, cumulative, that each of their threads waited for a core, by pid and thread id: the second number in its
    schedstat (Linux, sched-stats.rst). Empty where the system does not report them.
    """
    waits: dict[tuple[int, int], float] = {}
    for process in processes:
        try:
            threads = os.listdir(f"/proc/{process.pid}/task")  # noqa: PTH208 - pathlib takes three times as long
        except OSError:
            continue
        for thread in threads:
            try:
                with open(f"/proc/{process.pid}/task/{thread}/schedstat", "rb", buffering=0) as file:  # noqa: PTH123
                    waits[process.pid, int(thread)] = int(file.read(100).split()[1]) / 1e9
            except (OSError, IndexError, ValueError):  # it has ended meanwhile
                continue
    return waits


def faults_of_ended(pids: Iterable[int]) -> int | None:
    """Page faults, cumulative, of the children that they have waited for (`cminflt`, proc(5)): if it has not changed,
    none was, for none lives without any. None if one of them has ended and was not waited for, or where it is unknown.
    """
    faults = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # noqa: PTH123 - as above
                state, *numbers = file.read(1000).rpartition(b")")[2].split()
            faults += int(numbers[7])
        except (OSError, IndexError, ValueError):
            return None
        if state == b"Z":
            return None
    return faults


def _has_ended(process: psutil.Process) -> bool:
    """The clock of a process that is gone, or a zombie, raises EINVAL, like that of a pid that never existed."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, OSError):
        return False


def affinities(processes: Iterable[psutil.Process]) -> dict[int, frozenset[int]]:
    """The cores that each process may use, by pid; empty on a system without CPU affinity."""
    allowed = {}
    for process in processes:
        try:
            allowed[process.pid] = frozenset(os.sched_getaffinity(process.pid))
        except (AttributeError, OSError):  # AttributeError: macOS
            continue
    return allowed


def descendants(pid: int) -> list[psutil.Process]:
    """The process and all its living descendants; empty if it is gone."""
    tree = []
    try:
        tree.append(psutil.Process(pid))
        tree += _listed(pid) if _says_children() else tree[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    except (psutil.Error, OSError):
        return tree  # at least the process itself
    return tree


LOOKS = 5
"""At a tree until it is the same twice: while a process ends, the list of its parent may lack another one, and what it
leaves behind is adopted (`children` in proc(5)). A tree that changes all the time is not to be had in any way."""


@cache
def _says_children() -> bool:
    """Whether the system lists the children of a process (CONFIG_PROC_CHILDREN). psutil looks at all processes that
    there are, which takes ten milliseconds where they are hundreds, and a turn has several such looks.
    """
    return Path(f"/proc/self/task/{os.getpid()}/children").exists()


def _listed(pid: int) -> list[psutil.Process]:
    """Its descendants, by the lists of the system."""
    pids = _below(pid)
    for _ in range(LOOKS - 1):
        if pids == (pids := _below(pid)):
            break
    living = []
    for one in pids:
        with suppress(psutil.NoSuchProcess):
            living.append(psutil.Process(one))
    return living


def _below(pid: int) -> list[int]:
    """Pids of its descendants, parents first; one that is adopted meanwhile stands in two lists."""
    pids = [pid]
    for parent in pids:  # it grows
        with suppress(OSError):  # it has ended
            for thread in os.listdir(f"/proc/{parent}/task"):  # noqa: PTH208 - as above
                with suppress(OSError), open(f"/proc/{parent}/task/{thread}/children", "rb") as file:  # noqa: PTH123
                    pids += [one for one in map(int, file.read().split()) if one not in pids]
    return pids[1:]


def supervised(supervisor: int) -> list[psutil.Process]:
    """What lives below a supervisor: the measured process, its descendants, and orphans among them that it adopted."""
    return descendants(supervisor)[1:]


def orphans_cpu_s(supervisor: int) -> float:
    """CPU seconds, in ticks, of orphans that it adopted and that have ended: no other process has waited for them."""
    try:
        return reaped_cpu_s(psutil.Process(supervisor))
    except (psutil.Error, OSError):
        return 0.0


def peak_rss_bytes(processes: Iterable[psutil.Process]) -> int | None:
    """Sum of the processes' peak resident sizes (`VmHWM`, proc(5)); None where the system does not report them."""
    peaks = []
    for process in processes:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peaks += [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")]
        except OSError:
            continue
    return sum(peaks) if peaks else None


def pss_bytes(processes: Iterable[psutil.Process]) -> int | None:
    """Sum of the processes' proportional set sizes (`Pss` of smaps_rollup, proc(5)); None if any cannot be read."""
    total = 0
    for process in processes:
        try:
            rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        except OSError:
            return None  # without it the sum would be too small
        total += sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total or None
