"""Reasons to distrust a measurement, derived from its own numbers."""

from dataclasses import astuple

from gil_lab.model.records import Flag, Measurement
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.workloads import Workload

OTHERS_SHARE = 0.10
"""Of the usable cores: if other processes or the hypervisor took more, the measurement was disturbed."""
TICK_S = 0.02
"""Two ticks of 10 ms of the per-core counters: in a short trial, less than this is no evidence."""
SPEED_CHANGE = 0.15
CLOCK_RESOLUTION_S = 1e-9
"""Of the clocks, which count nanoseconds."""
ONE_CORE = 1.15
"""Pure Python in one process under one GIL cannot keep more cores busy than this."""


def quality_flags(
    measurement: Measurement,
    workload: Workload,
    strategy: Strategy,
    workers: int,
    cores: int,
    pinned: int | None = None,
) -> tuple[Flag, ...]:
    """The flags of one trial on a machine with `cores` usable cores; `pinned`: the number it was pinned to, if any."""
    usage, flags = measurement.usage, []
    taken = usage.other_s + usage.steal_s
    if taken > OTHERS_SHARE * usage.wall_s * cores + TICK_S * cores:
        flags.append(Flag.DISTURBED)
    spins_s = sorted(astuple(measurement.cpu_speed))
    if spins_s[1] > spins_s[0] * (1 + SPEED_CHANGE):
        flags.append(Flag.DRIFTED)
    busy = usage.child_s / max(usage.wall_s, CLOCK_RESOLUTION_S)
    shared_lock = strategy.workers_are not in (
        "processes",
        "interpreters",
    )  # those have a lock each
    one_lock = measurement.gil.after_work and shared_lock and strategy.form in ("call", "coroutine")
    one_core = one_lock and workload.bound == "cpu" and not workload.releases_gil
    max_cores = ONE_CORE if one_core else (pinned or cores) * 1.05
    stopped = spins_s[0] <= 0 or usage.wall_s <= 0  # a clock that did not advance
    if busy > max_cores or stopped or usage.unread:
        flags.append(Flag.IMPOSSIBLE)
    workers_seen = len({(span.pid, span.tid) for span in measurement.spans})
    if measurement.gil.after_work and not measurement.gil.at_start:
        flags.append(Flag.GIL_REENABLED)
    # One thread that keeps several cores busy is no fallback: Numba also parallelises inside a task.
    several = strategy.workers_are in ("threads", "processes", "interpreters")
    if several and workers_seen == 1 < min(workers, len(measurement.spans)) and busy < ONE_CORE:
        flags.append(Flag.SERIAL_FALLBACK)
    if usage.throttled_s > 0:
        flags.append(Flag.THROTTLED)
    if usage.affinity_changed:
        flags.append(Flag.AFFINITY_CHANGED)
    return tuple(flags)
