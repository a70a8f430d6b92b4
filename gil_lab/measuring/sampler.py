"""Per-core counters and CPU clocks, read from outside the measured process.

A sampling thread inside it would compete for the very GIL that it observes.
"""

import time
from collections.abc import Sequence
from contextlib import suppress

import psutil

from gil_lab.measuring.cgroups import throttled_s
from gil_lab.measuring.other_processes import OtherProcesses, used_s
from gil_lab.measuring.processes import (
    affinities,
    cpu_s_or_zero,
    faults_of_ended,
    orphans_cpu_s,
    ready_s,
    supervised,
    total_cpu_s,
)
from gil_lab.model.frozen import frozen
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


@frozen
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
    others: OtherProcesses
    others_s: dict[int, float]
    """Of the clocks of `others`, by pid."""
    ready_s: dict[tuple[int, int], float]
    """For how long each thread of `child` waited for a core, by pid and thread id; empty if that is unknown."""
    everything_s: float | None
    """CPU seconds of all processes, read beside `sample`; None where they are not counted exactly."""
    faults_of_ended: int | None
    """Unchanged as long as no process of the child or its services ended; None if that is unknown."""

    @classmethod
    def before(
        cls, supervisor: int, services: frozenset[int], others: OtherProcesses, beside: frozenset[int] = frozenset()
    ) -> "Reading":
        """Read immediately before Go; processes in `services` are counted apart, as are those `beside` its tree."""
        child, apart = _split(supervisor, services, beside)
        others_s = _without(beside, others.clocks_s())
        child_s, service_s, allowed = _of_all(supervisor, child), total_cpu_s(apart), affinities(child)
        throttled, ready = throttled_s(), ready_s(child)
        faults = faults_of_ended((supervisor, *[each.pid for each in (*child, *apart)]))
        sample = core_sample(None, child, apart)
        everything_s = others.everything_s()
        return cls(
            *(sample, *_all_cores(), throttled, child_s[0], service_s[0], child_s[1], allowed, child, apart),
            *(others, others_s, ready, everything_s, faults),
        )

    def later(self, planned_ns: int | None = None) -> CoreSample:
        """A sample of the same processes."""
        return core_sample(planned_ns, self.child, self.services)

    def after(self, supervisor: int, services: frozenset[int], beside: frozenset[int] = frozenset()) -> "Reading":
        """Read immediately after Timed, clocks first: searching for processes is not charged to the passes."""
        sample, everything_s = self.later(), self.others.everything_s()
        all_cores, throttled, others_s = _all_cores(), throttled_s(), _without(beside, self.others.clocks_s())
        child, apart = _split(supervisor, services, beside)
        child_s, service_s, allowed = _of_all(supervisor, child), total_cpu_s(apart), affinities(child)
        return Reading(
            *(sample, *all_cores, throttled, child_s[0], service_s[0], child_s[1], allowed, child, apart),
            *(
                self.others,
                others_s,
                ready_s(child),
                everything_s,
                faults_of_ended((supervisor, *[each.pid for each in (*child, *apart)])),
            ),
        )

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
            other_processes_s=self._others_until(end),
            ready_s=waited_s(self.ready_s, end.ready_s),
        )

    def _others_until(self, end: "Reading") -> float | None:
        """CPU seconds of others: the clocks miss processes that began or ended meanwhile, and the exact counter what is
        outside of a container.

        Where a process of the child ended, its time is known in ticks only, and what is left of the exact number is not
        exact.
        """
        seen_s = used_s(self.others_s, end.others_s)
        ended = end.faults_of_ended is None or end.faults_of_ended != self.faults_of_ended
        if self.everything_s is None or end.everything_s is None or ended or self.unread or end.unread:
            return seen_s
        controller_s = end.sample.controller_s - self.sample.controller_s
        ours_s = end.child_s - self.child_s + end.service_s - self.service_s + controller_s
        return max(seen_s or 0.0, end.everything_s - self.everything_s - ours_s)


def waited_s(before: dict[tuple[int, int], float], after: dict[tuple[int, int], float]) -> float | None:
    """Seconds between two readings, of the threads that still live; one that began meanwhile with all of its own. None
    if there are none.
    """
    return sum([max(0.0, ready - before.get(thread, 0.0)) for thread, ready in after.items()]) if after else None


def _all_cores() -> tuple[float, float]:
    """Busy and stolen seconds of all cores since boot: the system's sum still holds those of unplugged cores."""
    times = psutil.cpu_times()
    return _busy_s(times), getattr(times, "steal", 0.0)


def _of_all(supervisor: int, child: Sequence[psutil.Process]) -> tuple[float, int]:
    """CPU seconds of the child's processes, with those of orphans that ended; and how many could not be read."""
    used_s, unread = total_cpu_s(child)
    return used_s + orphans_cpu_s(supervisor), unread


def _without(beside: frozenset[int], clocks_s: dict[int, float]) -> dict[int, float]:
    return {pid: used_s for pid, used_s in clocks_s.items() if pid not in beside} if beside else clocks_s


def _split(
    supervisor: int, services: frozenset[int], beside: frozenset[int]
) -> tuple[tuple[psutil.Process, ...], tuple[psutil.Process, ...]]:
    tree = supervised(supervisor)
    apart = [process for process in tree if process.pid in services]
    for pid in beside:
        with suppress(psutil.NoSuchProcess):
            apart.append(psutil.Process(pid))
    return tuple(process for process in tree if process.pid not in services), tuple(apart)
