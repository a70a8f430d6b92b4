"""Who held the GIL when: the traced pass of each cell, by samples."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import typical
from gil_lab.analysis.timelines import Timeline
from gil_lab.model.frozen import frozen
from gil_lab.model.gil import Hold
from gil_lab.model.records import Cell
from gil_lab.sessions.rows import HoldRow, TrialRow

FIRST_TRACE = 1
"""That one is drawn in all pictures of a trial's tasks."""


@frozen
class GilHolds:
    """Of one GIL, in the order of time."""

    pid: int
    interpreter: int
    holds: tuple[Hold, ...]


@frozen
class GilTimeline:
    """The traced pass of the typical trial of one cell."""

    cell: Cell
    trial: int
    begin_ns: int
    """Of the pass, on the clock that all files of the session share."""
    wall_s: float
    gils: tuple[GilHolds, ...]
    workers: dict[tuple[int, int], int]
    """By process and thread, the number of the worker in the picture of its tasks."""


def gil_timelines(
    trials: Sequence[TrialRow], holds: Sequence[HoldRow], timelines: Sequence[Timeline]
) -> list[GilTimeline]:
    """Of each cell whose GILs were seen and whose tasks are known. Files can be edited: holds outside of the pass, or
    that end before they begin, are left out.
    """
    shown = {timeline.trial: timeline for timeline in timelines}
    wanted = {row.trial for row in typical(trials).values()} & shown.keys()
    found: dict[int, dict[tuple[int, int], list[Hold]]] = {}
    for row in holds:
        if row.trial in wanted and row.trace == FIRST_TRACE:
            one, hold = shown[row.trial], row.hold
            if one.begin_ns <= hold.begin_ns < hold.end_ns <= one.begin_ns + round(1e9 * one.wall_s) + 1:
                found.setdefault(row.trial, {}).setdefault((hold.pid, hold.interpreter), []).append(hold)
    return [_timeline(shown[trial], gils) for trial, gils in found.items()]


def _timeline(tasks: Timeline, gils: dict[tuple[int, int], list[Hold]]) -> GilTimeline:
    return GilTimeline(
        cell=tasks.cell,
        trial=tasks.trial,
        begin_ns=tasks.begin_ns,
        wall_s=tasks.wall_s,
        gils=tuple(
            GilHolds(pid, interpreter, tuple(sorted(its, key=lambda hold: hold.begin_ns)))
            for (pid, interpreter), its in gils.items()
        ),
        workers={(lane.pid, lane.tid): lane.worker for lane in reversed(tasks.lanes)},
    )
