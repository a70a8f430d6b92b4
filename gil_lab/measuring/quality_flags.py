"""Reasons to distrust a measurement, derived from its own numbers."""

from dataclasses import astuple

from gil_lab.model.records import Flag, Measurement, Usage, counted
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.workloads import Workload

OTHERS_SHARE = 0.10
"""Of the usable cores: if other processes or the hypervisor took more, the measurement was disturbed."""
HARDLY_A_CORE = 0.1
"""Cores: work that keeps no more busy finds an idle core whenever it wants one, whatever others do with the rest."""
TICK_S = 0.02
"""Two ticks of 10 ms of the per-core counters: in a short trial, less than this is no evidence."""
CONTROLLER_S, CONTROLLER_SHARE = 0.002, 0.02
"""Seconds, and share of a turn, that the lab's own process needs at most: of 2,500 turns in 35 sessions the median was
0.6 ms and 0.6 %, the greatest 6 ms (of 1.5 s), and turns below 10 ms took up to 1.2 ms. What is beyond that is a thread
of the program that the lab runs in, such as a notebook's, and takes a core from the work as any other one does."""
SPEED_CHANGE = 0.15
CLOCK_RESOLUTION_S = 1e-9
"""Of the clocks, which count nanoseconds."""
CORES_LEEWAY = 1.05
"""Times the cores there are: two clocks are read one after the other."""
ONE_CORE = 1.15
"""Pure Python in one process under one GIL cannot keep more cores busy than this."""


FEW_WORKERS = 0.5
"""Share of the workers: of 1,252 trials in the reference sessions no more than that took a task in 6, whose tasks of
0.2 ms one worker has done before the next one is awake."""
ENOUGH_TURNS = 0.5
"""Share of a trial's turns: a flag of more of them is a flag of the trial."""


def most_cores_busy(workload: Workload, strategy: Strategy, *, gil: bool, cores: float) -> float:
    """More than that cannot be kept busy on `cores` usable cores."""
    one_gil = gil and strategy.shares_gil and strategy.runs_plain_python
    one_core = one_gil and workload.bound == "cpu" and workload.releases_gil is False
    return ONE_CORE if one_core else cores * CORES_LEEWAY


def turn_flags(usage: Usage, most_busy: float, cores: int) -> tuple[Flag, ...]:
    """The flags of one turn, in which at most `most_busy` of the `cores` usable cores can have been busy."""
    flags = [Flag.DISTURBED] if _is_disturbed(usage, cores) else []
    stopped = usage.wall_s <= 0  # a clock that did not advance
    if usage.child_s / max(usage.wall_s, CLOCK_RESOLUTION_S) > most_busy or stopped or usage.unread:
        flags.append(Flag.IMPOSSIBLE)
    if usage.throttled_s > 0:
        flags.append(Flag.THROTTLED)
    if usage.affinity_changed:
        flags.append(Flag.AFFINITY_CHANGED)
    return tuple(flags)


def _is_disturbed(usage: Usage, cores: int) -> bool:
    """Others took much, and it was missed: hardly any work misses nothing while as much as that is left idle."""
    much_s = OTHERS_SHARE * usage.wall_s * cores
    others_s = (usage.other_processes_s or 0.0) + _beyond_need_s(usage)
    took_much = usage.other_s + usage.steal_s > much_s + TICK_S * cores or others_s > much_s
    own_s = usage.child_s + usage.service_s
    idle_s = cores * usage.wall_s - max(usage.busy_s, own_s + others_s) - usage.steal_s
    return took_much and (own_s > HARDLY_A_CORE * usage.wall_s or idle_s < much_s + TICK_S)


def _beyond_need_s(usage: Usage) -> float:
    """CPU seconds of the lab's own process that it did not need."""
    return max(0.0, usage.controller_s - CONTROLLER_S - CONTROLLER_SHARE * usage.wall_s)


def quality_flags(
    measurement: Measurement,
    workload: Workload,
    strategy: Strategy,
    workers: int,
    cores: int,
    pinned: int | None = None,
) -> tuple[Flag, ...]:
    """The flags of one trial on a machine with `cores` usable cores; `pinned`: the number it was pinned to, if any.

    Those of its turns that count against it, where more than half of them are flagged; then those of the whole.
    """
    most_busy = most_cores_busy(workload, strategy, gil=measurement.gil.after_work, cores=pinned or cores)
    turns = [turn_flags(turn.usage, most_busy, cores) for turn in counted(measurement.turns)]
    spoilt = [flags for flags in turns if flags]
    flags = {flag for found in spoilt for flag in found} if len(spoilt) > ENOUGH_TURNS * len(turns) else set()
    spins_s = sorted(astuple(measurement.cpu_speed))
    if spins_s[1] > spins_s[0] * (1 + SPEED_CHANGE):
        flags.add(Flag.DRIFTED)
    if spins_s[0] <= 0:  # a clock that did not advance
        flags.add(Flag.IMPOSSIBLE)
    if measurement.gil.after_work and not measurement.gil.at_start:
        flags.add(Flag.GIL_REENABLED)
    # One thread that keeps several cores busy is no fallback: Numba also parallelises inside a task.
    several = strategy.workers_are in ("threads", "processes", "interpreters")
    seen = [len({(span.pid, span.tid) for span in trace.spans}) for trace in measurement.traces]
    busy = measurement.usage.child_s / max(measurement.usage.wall_s, CLOCK_RESOLUTION_S)
    possible = min(workers, len(measurement.traces[0].spans))
    if several and max(seen) <= FEW_WORKERS * possible and busy < ONE_CORE * max(seen):
        flags.add(Flag.SERIAL_FALLBACK if max(seen) == 1 else Flag.FEW_WORKERS)
    return tuple(flag for flag in Flag if flag in flags)
