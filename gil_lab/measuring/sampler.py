"""Per-core counters and CPU clocks, read from outside the measured process.

A sampling thread inside it would compete for the very GIL that it observes.
"""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from gil_lab.measuring.cgroups import throttled_s
from gil_lab.model.records import CoreSample, Usage

PERIOD_S = 0.1


def core_sample(
    planned_ns: int | None = None,
    child: Sequence[psutil.Process] = (),
    services: Sequence[psutil.Process] = (),
) -> CoreSample:
    """The cumulative busy and stolen seconds of each core, and CPU seconds of the given processes.

    `planned_ns` is when it was due. It takes 0.1 ms, and does not search for new processes, which would take
    milliseconds.
    """
    times = psutil.cpu_times(percpu=True)
    at = time.monotonic_ns()
    return CoreSample(
        at_ns=at,
        late_ns=max(0, at - planned_ns) if planned_ns is not None else 0,
        # guest time is part of user time already (proc(5))
        busy_s=tuple(map(_busy_s, times)),
        steal_s=tuple(getattr(core, "steal", 0.0) for core in times),
        child_s=sum(map(cpu_s_or_zero, child)),
        service_s=sum(map(cpu_s_or_zero, services)),
        controller_s=time.process_time(),
    )


_BUSY = ("user", "nice", "system", "irq", "softirq")


def _busy_s(times: object) -> float:
    return sum(getattr(times, name, 0.0) for name in _BUSY)


def process_cpu_s(process: psutil.Process) -> float:
    """CPU seconds of one process with all its threads.

    On Linux by its CPU clock, in nanoseconds: the clock's id is derived from the pid as in the kernel's
    `posix-timers.h`, like clock_getcpuclockid(3) does. Elsewhere by psutil, in ticks of 10 ms.
    """
    if sys.platform == "linux":
        return time.clock_gettime_ns((~process.pid << 3) | 2) / 1e9
    times = process.cpu_times()
    return times.user + times.system


def cpu_s_or_zero(process: psutil.Process) -> float:
    """0 for a process that is gone: in a series of samples, the drop shows that it ended."""
    try:
        return process_cpu_s(process)
    except (psutil.Error, OSError):
        return 0.0


def _reaped_cpu_s(process: psutil.Process) -> float:
    """CPU seconds, in ticks, of the children that it has waited for: those of ended children are not lost."""
    times = process.cpu_times()
    return times.children_user + times.children_system


def total_cpu_s(processes: Iterable[psutil.Process]) -> tuple[float, int]:
    """CPU seconds of the processes and of the children they have waited for; and how many could not be read."""
    total, unread = 0.0, 0
    for process in processes:
        for clock in (process_cpu_s, _reaped_cpu_s):
            try:
                total += clock(process)
            except (psutil.NoSuchProcess, ProcessLookupError):
                break  # it ended meanwhile, and its parent has its CPU time
            except (psutil.Error, OSError):
                unread += not _has_ended(process)
                break
    return total, unread


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
        tree += tree[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    except (psutil.Error, OSError):
        return tree  # at least the process itself
    return tree


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


@dataclass(frozen=True)
class Reading:
    """The counters that `Usage` is the difference of, read at a moment when the child waits."""

    sample: CoreSample
    busy_s: float
    """Of all cores, including those unplugged since; cumulative, like `steal_s`."""
    steal_s: float
    throttled_s: float | None
    child_s: float
    service_s: float
    unread: int
    allowed: dict[int, frozenset[int]]
    """The cores that each process of `child` may use, by pid."""
    child: tuple[psutil.Process, ...]
    """The child and its descendants, less `services`."""
    services: tuple[psutil.Process, ...]

    @classmethod
    def before(cls, pid: int, services: frozenset[int]) -> "Reading":
        """Read immediately before Go; processes in `services` are counted apart."""
        child, apart = _split(pid, services)
        child_s, service_s, allowed = total_cpu_s(child), total_cpu_s(apart), affinities(child)
        throttled = throttled_s()
        sample = core_sample(None, child, apart)
        return cls(sample, *_all_cores(), throttled, child_s[0], service_s[0], child_s[1], allowed, child, apart)

    def later(self, planned_ns: int | None = None) -> CoreSample:
        """A sample of the same processes."""
        return core_sample(planned_ns, self.child, self.services)

    def after(self, pid: int, services: frozenset[int]) -> "Reading":
        """Read immediately after Timed, clocks first: searching for processes is not charged to the passes."""
        sample, all_cores, throttled = self.later(), _all_cores(), throttled_s()
        child, apart = _split(pid, services)
        child_s, service_s, allowed = total_cpu_s(child), total_cpu_s(apart), affinities(child)
        return Reading(sample, *all_cores, throttled, child_s[0], service_s[0], child_s[1], allowed, child, apart)

    def until(self, end: "Reading") -> Usage:
        """The usage from this reading to `end`. Counters that go back, as in some virtual machines, count as zero."""
        both = self.allowed.keys() & end.allowed.keys()
        return Usage(
            wall_s=(end.sample.at_ns - self.sample.at_ns) / 1e9,
            child_s=max(0.0, end.child_s - self.child_s),
            service_s=max(0.0, end.service_s - self.service_s),
            controller_s=end.sample.controller_s - self.sample.controller_s,
            busy_s=max(0.0, end.busy_s - self.busy_s),
            steal_s=max(0.0, end.steal_s - self.steal_s),
            throttled_s=max(0.0, (end.throttled_s or 0.0) - (self.throttled_s or 0.0)),
            affinity_changed=len(self.sample.busy_s) != len(end.sample.busy_s)
            or any(self.allowed[pid] != end.allowed[pid] for pid in both),
            unread=max(self.unread, end.unread),
        )


def _all_cores() -> tuple[float, float]:
    """Busy and stolen seconds of all cores since boot: the system's sum still holds those of unplugged cores."""
    times = psutil.cpu_times()
    return _busy_s(times), getattr(times, "steal", 0.0)


def _split(pid: int, services: frozenset[int]) -> tuple[tuple[psutil.Process, ...], tuple[psutil.Process, ...]]:
    tree = descendants(pid)
    return tuple(p for p in tree if p.pid not in services), tuple(p for p in tree if p.pid in services)
