"""Who held the GIL when: the traced pass of each cell, by samples."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import typical
from gil_lab.analysis.timelines import Timeline
from gil_lab.model.frozen import frozen
from gil_lab.model.gil import Hold
from gil_lab.model.records import Cell
from gil_lab.sessions.rows import GilRow, HoldRow, TrialRow

FIRST_TRACE = 1
"""That one is drawn in all pictures of a trial's tasks."""


@frozen
class GilHolds:
    """Of one GIL, in the order of time."""

    pid: int
    interpreter: int
    holds: tuple[Hold, ...]


@frozen
class HeldTime:
    """Of the GILs of a cell, within a part of its pass that was looked at."""

    wall_s: float
    """From the begin of the pass to the end of the last sample."""
    share: float | None
    """Of the time that was seen, on average of all its GILs; None if none was seen."""
    handoffs: int
    """From thread to thread, by their exact counters, in holds that ended."""


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
    samples: int | None = None
    """In the pass; None if that is not known."""

    def within(self, window_s: float) -> HeldTime:
        """Of its first seconds."""
        end_ns = self.begin_ns + round(1e9 * window_s)
        gils = [[hold for hold in gil.holds if hold.begin_ns < end_ns] for gil in self.gils]
        last_ns = max((min(hold.end_ns, end_ns) for its in gils for hold in its), default=self.begin_ns)
        shares = [_held_share(its, end_ns) for its in gils if its]
        handoffs = sum(hold.handoffs for its in gils for hold in its if hold.end_ns <= end_ns)
        return HeldTime((last_ns - self.begin_ns) / 1e9, sum(shares) / len(shares) if shares else None, handoffs)


def _held_share(holds: Sequence[Hold], end_ns: int) -> float:
    times_ns = [(hold.tid is not None, min(hold.end_ns, end_ns) - hold.begin_ns) for hold in holds]
    return sum(time_ns for held, time_ns in times_ns if held) / max(1, sum(time_ns for _, time_ns in times_ns))


def gil_timelines(
    trials: Sequence[TrialRow], holds: Sequence[HoldRow], timelines: Sequence[Timeline], gils: Sequence[GilRow] = ()
) -> list[GilTimeline]:
    """Of each cell whose GILs were seen and whose tasks are known. Files can be edited: holds outside of the pass, or
    that end before they begin, are left out.
    """
    shown = {timeline.trial: timeline for timeline in timelines}
    wanted = {row.trial for row in typical(trials).values()} & shown.keys()
    found: dict[int, dict[tuple[int, int], list[Hold]]] = {}
    for row in holds:
        if row.trial in wanted and row.trace == FIRST_TRACE:
            tasks, hold = shown[row.trial], row.hold
            if tasks.begin_ns <= hold.begin_ns < hold.end_ns <= tasks.begin_ns + round(1e9 * tasks.wall_s) + 1:
                found.setdefault(row.trial, {}).setdefault((hold.pid, hold.interpreter), []).append(hold)
    samples: dict[int, int] = {}
    for one in gils:
        if one.trace == FIRST_TRACE:
            samples[one.trial] = max(one.gil.samples, samples.get(one.trial, 0))
    return [_timeline(shown[trial], its, samples.get(trial)) for trial, its in found.items()]


def _timeline(tasks: Timeline, gils: dict[tuple[int, int], list[Hold]], samples: int | None) -> GilTimeline:
    return GilTimeline(
        cell=tasks.cell,
        trial=tasks.trial,
        begin_ns=tasks.begin_ns,
        wall_s=tasks.wall_s,
        gils=tuple(
            GilHolds(pid, interpreter, tuple(sorted(its, key=lambda hold: hold.begin_ns)))
            for (pid, interpreter), its in gils.items()
        ),
        samples=samples,
        workers={(lane.pid, lane.tid): lane.worker for lane in reversed(tasks.lanes)},
    )
