"""The row of one trial: its numbers, from all that was measured or from the turns that are on disk."""

import math
import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from gil_lab.model.gil import ObservedGil, Waits
from gil_lab.model.records import (
    COUNTED_FLAGS,
    Beat,
    Cell,
    CpuSpeed,
    Flag,
    GilStates,
    Measurement,
    MemoryUse,
    Result,
    SomeTurn,
    StartUpCosts,
    Status,
    TaskSpan,
    Trace,
    Usage,
    counted,
    total_usage,
)
from gil_lab.model.text import one_line
from gil_lab.sessions.rows import Delays, GilNumbers, IdleShares, Numbers, StartRow, StateShares, TrialRow, TurnRow

ENOUGH_TURNS = 0.5
"""Share of a trial's turns that must be unflagged for the others to be left out."""


def trial_row(result: Result, versions: str) -> TrialRow:
    trial, measured = result.trial, result.measurement
    return TrialRow(
        trial=trial.number,
        round=trial.round,
        cell=trial.cell,
        status=result.status,
        detail=result.detail,
        flags=result.flags,
        began_utc=result.began_utc,
        numbers=None if measured is None else numbers(measured, versions, trial.cell.workers),
    )


def numbers(measured: Measurement, versions: str, workers: int = 1) -> Numbers:
    turns = unflagged(measured.turns)
    walls_s = [(one.wall_s, 1) for turn in turns for one in turn.passes]
    return Numbers(
        costs=_until_steady(measured.costs, measured.warm_up.wall_s, walls_s),
        warm_up_s=measured.warm_up.wall_s,
        **_steady(walls_s, [turn.usage for turn in turns]),
        **_traced(measured.traces),
        cpu_speed=measured.cpu_speed,
        gil=replace(measured.gil, enabled_by=one_line(measured.gil.enabled_by, 80)),
        threading_layer=measured.threading_layer,
        versions=versions,
        memory=measured.memory,
        beats=len(measured.beats),
        delays=_delays(measured.beats),
        gil_seen=_gil_numbers(measured.traces, [turn.usage for turn in turns]),
        idle=_idle(measured.traces, workers),
        chunk=measured.chunk,
    )


def cut_short(
    started: StartRow, cell: Cell, traces: Sequence[Trace], turns: Sequence[TurnRow], versions: str
) -> TrialRow:
    """The row of a trial that never came to its end, from its turns, of which there is one at least.

    Raises ValueError or ArithmeticError for numbers that cannot have been measured.
    """
    start, used = started.start, unflagged(turns)
    walls_s = [(turn.wall_s, turn.passes) for turn in used]
    known = Numbers(
        costs=_until_steady(start.costs, start.warm_up.wall_s, walls_s),
        warm_up_s=start.warm_up.wall_s,
        **_steady(walls_s, [turn.usage for turn in used]),
        **_traced(traces),
        cpu_speed=CpuSpeed(start.pace_s, start.pace_s),
        gil=GilStates(start.gil_at_start, start.gil_after_imports, start.gil_after_imports, ""),
        threading_layer="",
        versions=versions,
        memory=MemoryUse(None, None),
        beats=0,
        delays=None,
        gil_seen=_gil_numbers(traces, [turn.usage for turn in used]),
        idle=_idle(traces, cell.workers),
        chunk=start.chunk,
    )
    return TrialRow(
        trial=started.trial,
        round=turns[0].turn.generation,
        cell=cell,
        status=Status.OK,
        detail="",
        flags=(Flag.CUT_SHORT,),
        began_utc=started.began_utc,
        numbers=known,
    )


def _until_steady(costs: StartUpCosts, warm_up_s: float, walls_s: Sequence[tuple[float, int]]) -> StartUpCosts:
    """With what the first pass took beyond the steady ones: what workers import when their first task arrives, say.

    Only where it took longer than any pass that followed: half of all passes take longer than the median.
    """
    if warm_up_s <= max(wall_s for wall_s, _ in walls_s):
        return costs
    return replace(costs, startup_s=costs.startup_s + warm_up_s - _median(walls_s))


def _steady(walls_s: Sequence[tuple[float, int]], usages: Sequence[Usage]) -> dict[str, Any]:
    """The numbers of the timed passes: how long they took, and how many of them took that long."""
    usage, passes = total_usage(usages), sum(count for _, count in walls_s)
    return {
        "passes": passes,
        "wall_s": _median(walls_s),
        "cpu_s": usage.child_s / passes,
        # Over the time between the readings, never over the passes alone: of passes that take microseconds, the go and
        # the news would count as work, and 1 worker kept 55 cores busy.
        "cores_busy": usage.child_s / usage.wall_s,
        "other_cores_busy": usage.other_s / usage.wall_s,
        "service_cores_busy": usage.service_s / usage.wall_s,
        "steal_cores": usage.steal_s / usage.wall_s,
        "controller_cores_busy": usage.controller_s / usage.wall_s,
        "cores_wanted": None if usage.ready_s is None else (usage.child_s + usage.ready_s) / usage.wall_s,
    }


def _median(counted: Sequence[tuple[float, int]]) -> float:
    """Of values with how often each occurs. A file can say that there were more than memory holds."""
    ordered = sorted(counted)
    ends = list(accumulate(count for _, count in ordered))
    middle = [ordered[bisect_right(ends, place)][0] for place in ((ends[-1] - 1) // 2, ends[-1] // 2)]
    return sum(middle) / 2


def _traced(traces: Sequence[Trace]) -> dict[str, Any]:
    """The numbers of the traced passes. One alone would be at the mercy of one late wake-up."""
    spans = [span for trace in traces for span in trace.spans]
    return {
        "in_flight": statistics.median(_spans_ns(one.spans) / 1e9 / one.traced.wall_s for one in traces),
        "traced_wall_s": statistics.median(one.traced.wall_s for one in traces),
        "states": _states(spans, traces),
        "moved_share": _moved(spans),
        "workers_seen": max(len({(span.pid, span.tid) for span in one.spans}) for one in traces),
    }


def _idle(traces: Sequence[Trace], workers: int) -> IdleShares:
    """Of pools of so many workers. Of each share the median pass, as of tasks in flight."""
    shares = [_idle_shares(one, workers) for one in traces]
    return IdleShares(*(statistics.median(found) for found in zip(*shares, strict=True)))


def _idle_shares(trace: Trace, workers: int) -> tuple[float, float]:
    """Of one pass: before its last task began, and after.

    Where more tasks are in flight than there are workers (a GPU runs all of them), nothing is idle.
    """
    begin, end = trace.traced.begin_ns, trace.traced.end_ns
    last = max(span.begin_ns for span in trace.spans)
    before = sum(min(span.end_ns, last) - span.begin_ns for span in trace.spans)
    after = _spans_ns(trace.spans) - before
    whole = workers * (end - begin)
    return max(0, workers * (last - begin) - before) / whole, max(0, workers * (end - last) - after) / whole


def unflagged(turns: Iterable[SomeTurn]) -> Sequence[SomeTurn]:
    """Of those that count, the ones that no flag is against, if they are half or more; else all."""
    turns = counted(turns)
    clean = [turn for turn in turns if COUNTED_FLAGS.isdisjoint(turn.flags)]
    return clean if len(clean) >= ENOUGH_TURNS * len(turns) else turns


def delay_ns(beat: Beat) -> int:
    """From when it was due on, not from the beat before: a stall delays all beats that were due meanwhile."""
    return max(0, beat.taken_ns - beat.due_ns)


def quantile_s(ordered_ns: Sequence[int], share: float) -> float:
    """Seconds: the smallest that at least `share` of them do not exceed."""
    return ordered_ns[max(0, math.ceil(share * len(ordered_ns)) - 1)] / 1e9


def _delays(beats: Sequence[Beat]) -> Delays | None:
    ordered_ns = sorted(map(delay_ns, beats))
    return Delays(*(quantile_s(ordered_ns, share) for share in (0.5, 0.99, 1.0))) if ordered_ns else None


def _states(spans: Sequence[TaskSpan], traces: Sequence[Trace]) -> StateShares:
    """What tasks waited for is known of some traced passes: of the others it was the same in proportion."""
    waits = _known_waits(traces)
    known_ns = sum(map(_blocked_ns, waits))
    blocked = _share([span.blocked_ns for span in spans], spans)

    def waited(part: Callable[[Waits], int]) -> float | None:
        if not waits or blocked is None:
            return None
        return blocked * sum(map(part, waits)) / known_ns if known_ns else 0.0

    return StateShares(
        _share([span.running_ns for span in spans], spans) or 0.0,
        _share([span.ready_ns for span in spans], spans),
        blocked,
        waited(lambda one: one.gil_ns),
        waited(lambda one: one.lock_or_io_ns),
        waited(lambda one: one.sleep_ns),
    )


def _known_waits(traces: Sequence[Trace]) -> list[Waits]:
    """Of each traced pass; none if those that are known have less than half of the blocked time."""
    known = [trace.gil.waits for trace in traces if trace.gil and trace.gil.waits]
    blocked_ns = sum(span.blocked_ns or 0 for trace in traces for span in trace.spans)
    return known if 2 * sum(map(_blocked_ns, known)) >= blocked_ns else []


def _blocked_ns(waits: Waits) -> int:
    return waits.gil_ns + waits.lock_or_io_ns + waits.sleep_ns


def _gil_numbers(traces: Sequence[Trace], usages: Sequence[Usage]) -> GilNumbers:
    """Handing over is counted in all timed passes, holding seen in samples of the traced ones."""
    usage = total_usage(usages)
    held_share = _held_share(traces)
    seen = [trace.gil for trace in traces if trace.gil]
    unknown = next((one.unknown for one in seen if one.unknown), None) if held_share is None else None
    if not _known_waits(traces):
        unknown = unknown or next((one.waits_unknown or one.unknown for one in seen if not one.waits), None) or None
    return GilNumbers(
        held_share=held_share,
        handoffs_per_s=None if usage.gil_handoffs is None else usage.gil_handoffs / usage.wall_s,
        unknown=unknown,
    )


def _held_share(traces: Sequence[Trace]) -> float | None:
    """Of the GILs under which the tasks ran, on average; None if it is unknown for any of them."""
    gils = [gil for trace in traces for gil in _of_tasks(trace)]
    samples = sum(gil.samples for gil in gils)
    return sum(gil.held_share * gil.samples for gil in gils) / samples if samples else None


def _of_tasks(trace: Trace) -> list[ObservedGil]:
    """Those of the processes that ran tasks; where such a process has further interpreters, they ran in those."""
    processes = {span.pid for span in trace.spans}
    gils = [gil for gil in (trace.gil.gils if trace.gil else ()) if gil.pid in processes]
    return [gil for gil in gils if gil.interpreter] or gils


def _spans_ns(spans: Sequence[TaskSpan]) -> int:
    return sum(span.end_ns - span.begin_ns for span in spans)


def _share(parts_ns: Sequence[int | None], spans: Sequence[TaskSpan]) -> float | None:
    """Of all spans together. Each clock has its own grain, so a little more than all is all."""
    known = [part for part in parts_ns if part is not None]
    if len(known) < len(parts_ns) or not (whole := _spans_ns(spans)):
        return None
    return min(1.0, max(0, sum(known)) / whole)


def _moved(spans: Sequence[TaskSpan]) -> float | None:
    if any(span.core_begin is None or span.core_end is None for span in spans):
        return None
    return sum(span.core_begin != span.core_end for span in spans) / len(spans)
