"""Reasons to distrust a measurement, found in its own numbers."""

from gil_lab.model.records import Flag, Measurement
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.workloads import Workload

OTHERS_SHARE = 0.10
"""Of the usable cores: above it, what others used or the hypervisor took has cost the strategy something."""
TICK_S = 0.02
"""The per-core counters tick every 10 ms, twice: in a short trial less than this is no evidence."""
PACE_CHANGE = 0.15
SHORTEST_S = 1e-9
"""What a clock of nanoseconds tells apart from nothing."""
ONE_CORE = 1.15
"""More than that from pure Python in one process under one GIL cannot be."""


def doubts(
    measurement: Measurement,
    workload: Workload,
    strategy: Strategy,
    workers: int,
    cores: int,
    pinned: int | None = None,
) -> tuple[Flag, ...]:
    """The flags of one trial on a machine of `cores` usable cores, `pinned` to that many of them."""
    usage, found = measurement.usage, []
    taken = usage.other_s + usage.steal_s
    if taken > OTHERS_SHARE * usage.wall_s * cores + TICK_S * cores:
        found.append(Flag.DISTURBED)
    paces = sorted((measurement.pace_before_s, measurement.pace_after_s))
    if paces[1] > paces[0] * (1 + PACE_CHANGE):
        found.append(Flag.DRIFTED)
    busy = usage.child_s / max(usage.wall_s, SHORTEST_S)
    shared_lock = strategy.workers_are not in ("processes", "interpreters")  # each of these has one of its own
    one_lock = measurement.gil and shared_lock and strategy.form in ("call", "coroutine")
    most = ONE_CORE if one_lock and workload.bound == "cpu" and not workload.releases_gil else (pinned or cores) * 1.05
    stopped = paces[0] <= 0 or usage.wall_s <= 0  # a clock that did not move
    if busy > most or stopped or usage.unread:
        found.append(Flag.IMPOSSIBLE)
    workers_seen = len({(span.pid, span.tid) for span in measurement.spans})
    if measurement.gil and not measurement.gil_at_start:
        found.append(Flag.GIL_REENABLED)
    # One thread that keeps several cores busy has not fallen back: Numba parallelises inside of a task as well.
    several = strategy.workers_are in ("threads", "processes", "interpreters")
    if several and workers_seen == 1 < min(workers, len(measurement.spans)) and busy < ONE_CORE:
        found.append(Flag.SERIAL_FALLBACK)
    if usage.throttled_s > 0:
        found.append(Flag.THROTTLED)
    if usage.affinity_changed:
        found.append(Flag.AFFINITY_CHANGED)
    return tuple(found)
