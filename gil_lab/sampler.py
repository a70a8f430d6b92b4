"""Per-core counters and CPU clocks, read from outside the measured process.

A sampling thread inside it would fight for the very GIL that it observes.
"""

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from gil_lab.records import CoreSample, Usage

PERIOD_S = 0.1


def core_sample(
    planned_ns: int | None = None,
    child: Sequence[psutil.Process] = (),
    services: Sequence[psutil.Process] = (),
) -> CoreSample:
    """The cumulative busy and stolen seconds of each core, and CPU seconds of the processes that are named.

    `planned_ns` says when it should have been taken. It takes 0.1 ms and no look for new processes, which would take
    milliseconds.
    """
    times = psutil.cpu_times(percpu=True)
    at = time.monotonic_ns()
    return CoreSample(
        at_ns=at,
        late_ns=max(0, at - planned_ns) if planned_ns is not None else 0,
        # guest time is part of user time already (proc(5))
        busy_s=tuple(sum(getattr(core, name, 0.0) for name in _BUSY) for core in times),
        steal_s=tuple(getattr(core, "steal", 0.0) for core in times),
        child_s=sum(map(_cpu_s_or_nothing, child)),
        service_s=sum(map(_cpu_s_or_nothing, services)),
        controller_s=time.process_time(),
    )


_BUSY = ("user", "nice", "system", "irq", "softirq")


def process_cpu_s(process: psutil.Process) -> float:
    """CPU seconds of one process, all its threads.

    On Linux by its CPU clock, in nanoseconds: the clock's number is made from the pid as in the kernel's
    `posix-timers.h`, which is what clock_getcpuclockid(3) does. Elsewhere by psutil, in ticks of 10 ms.
    """
    if sys.platform == "linux":
        return time.clock_gettime_ns((~process.pid << 3) | 2) / 1e9
    times = process.cpu_times()
    return times.user + times.system


def _cpu_s_or_nothing(process: psutil.Process) -> float:
    """0 for a process that is gone: in a series of samples, the step down shows that it ended."""
    try:
        return process_cpu_s(process)
    except (psutil.Error, OSError):
        return 0.0


def _reaped_cpu_s(process: psutil.Process) -> float:
    """CPU seconds of the children that it has waited for, in ticks: what ended meanwhile is not lost."""
    times = process.cpu_times()
    return times.children_user + times.children_system


def total_cpu_s(processes: Iterable[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            total += process_cpu_s(process) + _reaped_cpu_s(process)
        except (psutil.Error, OSError):
            continue  # it ended meanwhile, and its parent's account has it
    return total


def descendants(pid: int) -> list[psutil.Process]:
    """The process and all its descendants that live now; empty if it is gone."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def peak_rss_bytes(processes: Iterable[psutil.Process]) -> int | None:
    """Sum of the processes' peak resident sizes (`VmHWM`, proc(5)); None where the system does not tell."""
    peaks = []
    for process in processes:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peaks += [int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")]
        except OSError:
            continue
    return sum(peaks) if peaks else None


def pss_bytes(processes: Iterable[psutil.Process]) -> int | None:
    """Sum of the processes' proportional set sizes (`Pss` of smaps_rollup, proc(5)); None where one cannot be had."""
    total = 0
    for process in processes:
        try:
            told = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        except OSError:
            return None  # a sum without it would be too small
        total += sum(int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("Pss:"))
    return total or None


@dataclass(frozen=True)
class Reading:
    """All that `Usage` is the difference of, at one moment at which the child waits."""

    sample: CoreSample
    child_s: float
    service_s: float
    child: tuple[psutil.Process, ...]
    """The child and its descendants, less `services`."""
    services: tuple[psutil.Process, ...]

    @classmethod
    def before(cls, pid: int, services: frozenset[int]) -> "Reading":
        """Taken last thing before the go; processes in `services` are counted apart."""
        child, apart = _parted(pid, services)
        child_s, service_s = total_cpu_s(child), total_cpu_s(apart)
        return cls(core_sample(None, child, apart), child_s, service_s, child, apart)

    def later(self, planned_ns: int | None = None) -> CoreSample:
        """A sample of the same processes."""
        return core_sample(planned_ns, self.child, self.services)

    def after(self, pid: int, services: frozenset[int]) -> "Reading":
        """Taken first thing after the news: what it costs to look for processes is not charged to the passes."""
        sample = self.later()
        child, apart = _parted(pid, services)
        return Reading(sample, total_cpu_s(child), total_cpu_s(apart), child, apart)

    def until(self, end: "Reading") -> Usage:
        return Usage(
            wall_s=(end.sample.at_ns - self.sample.at_ns) / 1e9,
            child_s=max(0.0, end.child_s - self.child_s),
            service_s=max(0.0, end.service_s - self.service_s),
            controller_s=end.sample.controller_s - self.sample.controller_s,
            busy_s=sum(end.sample.busy_s) - sum(self.sample.busy_s),
            steal_s=max(0.0, sum(end.sample.steal_s) - sum(self.sample.steal_s)),
        )


def _parted(pid: int, services: frozenset[int]) -> tuple[tuple[psutil.Process, ...], tuple[psutil.Process, ...]]:
    tree = descendants(pid)
    return tuple(p for p in tree if p.pid not in services), tuple(p for p in tree if p.pid in services)
