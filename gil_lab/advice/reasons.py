"""Why a variant gains no more, in a few words: the GIL, handing over, the cores, waiting alone."""

from functools import partial

from gil_lab.advice.decision import strategy_of
from gil_lab.advice.trials import Examined
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import HALF_A_CORE, MANY_IN_FLIGHT, MORE_THAN_A_CORE
from gil_lab.model.records import Status
from gil_lab.report.text.sentences import GROWN, LEAST_CPU_S, LEAST_WAITING, duration

IDLE_WORKERS = 0.35
"""Share of the workers' time in no task, beyond which handing over is what limits them."""
HARDLY_FASTER = 1.5
"""Of a function that waits: if others could run meanwhile, it would be as many times as fast as there are at a time."""
ALL_CORES = 0.85
"""Share of the cores that are busy when there are no more to be had."""
MANY_TIMES = 2.0
SLOWED_DOWN = 1.3
"""Times the CPU time within tasks: one core alone may be clocked up to a fifth higher than all of them."""


def reason(one: Summary, examined: Examined, cores: int, baseline: Summary | None = None) -> str:
    """Why it gains no more than `baseline`, which is sequential; empty if what was measured does not say."""
    if one.status is Status.WRONG:
        return f"unsafe for this function: {one.detail.partition('; if both')[0]}"
    if one.wall_s is None:
        return one.detail
    rules = (_blocks_the_loop, _gil, _hand_over, partial(_shared_hardware, baseline), _cpu_time, _cores, _waits_alone)
    return next(filter(None, (rule(one, examined, cores) for rule in rules)), "")  # the first that says something


def _blocks_the_loop(one: Summary, examined: Examined, _cores: int) -> str:
    slow = one.speedup is None or one.speedup.value < HARDLY_FASTER
    if strategy_of(one).workers_are == "coroutines" and examined.waits and slow:
        return "it blocks the event loop while it waits: await what it waits for"
    return ""


def _gil(one: Summary, _examined: Examined, _cores: int) -> str:
    strategy, gain = strategy_of(one), one.speedup.value if one.speedup else 1.0
    held = bool(one.gil and one.gil.after_work) and strategy.shares_gil and strategy.runs_plain_python
    computes = (one.cores_busy or 0.0) >= HALF_A_CORE and (one.in_flight or 0.0) >= MANY_IN_FLIGHT
    seen = one.gil_seen.held_share
    waiting = one.states.gil if one.states else None
    if seen is not None and waiting is not None:
        return (
            f"the GIL: held {100 * seen:.0f} % of the time"
            if waiting >= LEAST_WAITING and gain < one.cell.workers
            else ""
        )
    return "the GIL: one of them computes at a time" if held and computes and gain < MORE_THAN_A_CORE else ""


def _shared_hardware(baseline: Summary | None, one: Summary, examined: Examined, _cores: int) -> str:
    """That a call computes for longer while others do; what a pool adds is outside of calls, and not meant."""
    if baseline is None or not strategy_of(one).runs_plain_python or one.cell.workers == 1 or examined.waits:
        return ""
    alone_s, together_s = _computing_s(baseline), _computing_s(one)
    if not alone_s or together_s < max(SLOWED_DOWN * alone_s, LEAST_CPU_S):
        return ""
    times = f"{together_s / alone_s:.1f} times as long"
    return f"a call computes {times} while others do: memory bandwidth, caches or cores with two threads are shared"


def _computing_s(one: Summary) -> float:
    """CPU seconds within the tasks of a pass."""
    if one.states is None or one.in_flight is None or one.wall_s is None:
        return 0.0
    return one.states.running * one.in_flight * one.wall_s


def _cpu_time(one: Summary, _examined: Examined, _cores: int) -> str:
    if one.cpu_ratio is None or one.cpu_ratio < GROWN or (one.cores_busy or 0.0) < HALF_A_CORE:
        return ""
    return f"it needs {one.cpu_ratio:.1f} times the CPU time: hand-over, or something shared"


def _cores(one: Summary, _examined: Examined, cores: int) -> str:
    busy = one.cores_busy or 0.0
    return f"the cores: {busy:.1f} of {cores} are busy" if busy >= ALL_CORES * cores else ""


def _waits_alone(one: Summary, examined: Examined, _cores: int) -> str:
    if examined.waits and strategy_of(one).workers_are is not None:
        return f"waits alone: {one.cell.workers} at a time"
    return "one at a time" if strategy_of(one).workers_are is None else ""


def _hand_over(one: Summary, _examined: Examined, _cores: int) -> str:
    """That the workers have too little to do at a time, if that is so."""
    strategy = strategy_of(one)
    if one.in_flight is None or one.wall_s is None or strategy.workers_are not in ("processes", "interpreters"):
        return ""
    workers = min(one.cell.workers, one.cell.tasks)
    idle = 1 - one.in_flight / workers
    if idle < IDLE_WORKERS:
        return ""
    task_s = one.in_flight * one.wall_s / one.cell.tasks
    return f"hand-over: {100 * idle:.0f} % of the workers' time; a call takes {duration(task_s)}"


def limit(one: Summary | None, examined: Examined, cores: int, baseline: Summary | None) -> str:
    """What limits the advised variant, or the function as it is."""
    if one is None:
        if examined.waits:
            return f"it waits {100 * (1 - examined.computing_share):.0f} % of its time"
        if baseline is not None and (baseline.cores_busy or 0) >= MANY_TIMES * HALF_A_CORE * ALL_CORES * cores:
            return "the cores, which it keeps busy by itself"
        return "its own computing: one core"
    return reason(one, examined, cores, baseline)
