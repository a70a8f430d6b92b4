"""What a cell shows: one task at a time, tasks that take turns, tasks that wait together, or parallelism.

Cores busy tell as long as there are cores to be had: who wants one more takes it. Where others use them, or the process
may use a single one, what its tasks *wanted* tells: the time that they ran or were ready to run, on average.
"""

from enum import Enum, StrEnum

from gil_lab.model.frozen import frozen
from gil_lab.sessions.rows import StateShares

MANY_IN_FLIGHT = 1.5
"""Tasks in flight on average: below it they ran, in the main, one after the other."""
MORE_THAN_A_CORE = 1.2
"""Cores busy: what a second core adds by chance (start-up, the pool's own threads) stays below it."""
HALF_A_CORE = 0.5
"""Cores busy: below it the time went into waiting rather than computing."""
ROOM = 0.25
"""Idle cores, on average: with as much room, cores busy tell, unless more was waited for. Others whose load comes and
goes leave idle cores on average, and none when one is wanted."""
ONE_WANTED, SEVERAL_WANTED = 1.5, 1.8
"""Cores wanted: up to the first, one task at a time computed; from the second on, several did. In between lie threads
that wait for the GIL: they wake up every 5 ms, and may wait for a core. By `benchmarks/known_truths.py`, on two cores
without room, one that computes beside five that sleep wanted 1.1 to 1.3, six threads under the GIL 1.5 to 1.7, and two
that compute 2.1 to 3.1."""
HARDLY_A_CORE = 0.1
"""Cores busy: who wants more gets more, beside up to nine others on the same core."""
OFTEN_BLOCKED = 0.5
"""Share of the tasks' time: then being ready may be nothing but waking up late again and again."""
BLOCKED_BY_A_LOCK = 0.1
"""The same where workers share a GIL: two threads that compute under it, on one core, are blocked a quarter of the time
(0.28 in the reference session `concurrency-parallelism`), and two that release it are not blocked at all (0.002)."""


class Verdict(StrEnum):
    """What the tasks of a cell did beside each other."""

    ONE_AT_A_TIME = "one at a time"
    CONCURRENT = "concurrent, not parallel"
    WAITING = "waiting together"
    PARALLEL = "parallel"
    ACROSS_MACHINES = "parallel across machines"
    SHORT_OF_CORES = "parallel, short of cores"
    """They would have kept more than one busy, and there were no more."""
    INCONCLUSIVE = "inconclusive"
    """The machine left no room to tell."""


PARALLEL = (Verdict.PARALLEL, Verdict.ACROSS_MACHINES, Verdict.SHORT_OF_CORES)
"""Tasks that run at the same time, as far as there are cores."""
REGIONS = (Verdict.PARALLEL, Verdict.ONE_AT_A_TIME, Verdict.CONCURRENT, Verdict.WAITING)
"""Of the map of tasks in flight against cores busy."""


class GilUse(Enum):
    """What a GIL means for the workers of a cell."""

    NONE = "there is none, or each worker has its own"
    SHARED = "they share one, and may release it"
    HELD = "they share one, and compute in pure Python, which holds it"


@frozen
class Demand:
    """How much a cell asked of the machine, on average."""

    in_flight: float
    cores_busy: float
    states: StateShares | None = None
    idle_cores: float | None = None
    """Of those that it may use, what was idle. None if that is unknown."""
    gil_use: GilUse = GilUse.SHARED
    cores_wanted: float | None = None
    """Kept busy, or waited for: also by workers that have not begun their task, for want of a core."""

    @property
    def wanted(self) -> float | None:
        """The cores wanted, or as many as tasks in flight wanted; None where the system does not report either."""
        if self.cores_wanted is not None:
            return self.cores_wanted
        if self.states is None or self.states.ready is None:
            return None
        return self.in_flight * (self.states.running + self.states.ready)


def region(in_flight: float, cores_busy: float) -> Verdict:
    """Where a cell lies on the map: one of `REGIONS`."""
    if cores_busy > MORE_THAN_A_CORE:
        return Verdict.PARALLEL
    if in_flight < MANY_IN_FLIGHT:
        return Verdict.ONE_AT_A_TIME
    return Verdict.WAITING if cores_busy < HALF_A_CORE else Verdict.CONCURRENT


def verdict(demand: Demand) -> Verdict:
    """The region, where there was room for another one; else what the cores that were wanted say, if they can."""
    missed = 0.0 if demand.wanted is None else demand.wanted - demand.cores_busy
    had_room = demand.idle_cores is None or demand.idle_cores >= max(ROOM, missed)
    if had_room or demand.cores_busy > MORE_THAN_A_CORE:
        return region(demand.in_flight, demand.cores_busy)
    if demand.in_flight < MANY_IN_FLIGHT:  # or others have not begun, for want of a core
        alone = demand.wanted is None or demand.wanted <= ONE_WANTED
        return Verdict.ONE_AT_A_TIME if alone else Verdict.INCONCLUSIVE
    return _of_several_in_flight(demand)


def _of_several_in_flight(demand: Demand) -> Verdict:
    """On a machine without room."""
    busy, wanted = demand.cores_busy, demand.wanted
    blocked = 1.0 if demand.states is None or demand.states.blocked is None else demand.states.blocked
    # Less than half of the time blocked, on so little of a core: not even a tenth of one was left for them.
    waits = busy < HARDLY_A_CORE and blocked >= OFTEN_BLOCKED
    if demand.gil_use is GilUse.HELD or waits:
        return Verdict.WAITING if waits else Verdict.CONCURRENT
    apart = demand.gil_use is GilUse.NONE
    if wanted is None or (apart and busy < HALF_A_CORE <= wanted <= ONE_WANTED):
        return Verdict.INCONCLUSIVE  # of the latter: one computes on a part of a core, or all wait and wake up late
    if wanted <= ONE_WANTED:
        return region(demand.in_flight, min(wanted, MORE_THAN_A_CORE))
    most_blocked = BLOCKED_BY_A_LOCK if demand.gil_use is GilUse.SHARED else OFTEN_BLOCKED
    if wanted < SEVERAL_WANTED or blocked > most_blocked:
        return Verdict.INCONCLUSIVE
    return Verdict.SHORT_OF_CORES
