"""The traced pass of each cell as it is drawn: lanes of workers, with the tasks that each of them ran."""

import heapq
from collections.abc import Iterable, Sequence

from gil_lab.analysis.summaries import typical
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell, Pass, TaskSpan
from gil_lab.sessions.rows import PassRow, StateShares, TaskRow, TrialRow


@frozen
class Bar:
    """One task; seconds from the beginning of its pass. Its states come to 1."""

    task: int
    begin_s: float
    end_s: float
    states: StateShares
    core_begin: int | None
    core_end: int | None


@frozen
class Lane:
    """Tasks of one thread that do not overlap, in the order in which they began."""

    worker: int
    """Threads of the pass, counted from 1 in the order in which they began; coroutines of one thread share it."""
    pid: int
    tid: int
    bars: tuple[Bar, ...]


@frozen
class Timeline:
    """The traced pass of the typical trial of one cell."""

    cell: Cell
    trial: int
    wall_s: float
    lanes: tuple[Lane, ...]
    begin_ns: int = 0
    """Of the pass, on the clock that all files of the session share."""

    @property
    def in_flight(self) -> float:
        """Tasks in flight on average: concurrency, of this pass."""
        return sum(bar.end_s - bar.begin_s for lane in self.lanes for bar in lane.bars) / self.wall_s

    @property
    def running(self) -> float:
        """Tasks on a core on average: parallelism, of this pass."""
        bars = (bar for lane in self.lanes for bar in lane.bars)
        return sum((bar.end_s - bar.begin_s) * bar.states.running for bar in bars) / self.wall_s


def timelines(trials: Sequence[TrialRow], passes: Sequence[PassRow], tasks: Sequence[TaskRow]) -> list[Timeline]:
    """Of each cell that has a traced pass with tasks in it, in the order of the cells' first trials.

    Files can be torn or edited: tasks that end before they begin, or lie outside their pass, are left out.
    """
    traced: dict[int, Pass] = {}
    for row in passes:
        if row.one.kind == "traced" and row.one.wall_s > 0:
            traced.setdefault(row.trial, row.one)
    spans: dict[int, list[TaskSpan]] = {}
    for task in tasks:
        one = traced.get(task.trial)
        if one and one.begin_ns <= task.span.begin_ns <= task.span.end_ns <= one.end_ns:
            spans.setdefault(task.trial, []).append(task.span)
    return [
        Timeline(cell, row.trial, one.wall_s, _lanes(spans[row.trial], one.begin_ns), one.begin_ns)
        for cell, row in typical(trials).items()
        if row.trial in spans and (one := traced[row.trial])
    ]


def _lanes(spans: Iterable[TaskSpan], start_ns: int) -> tuple[Lane, ...]:
    threads: dict[tuple[int, int], list[TaskSpan]] = {}
    for span in sorted(spans, key=lambda span: (span.begin_ns, span.end_ns, span.pid, span.tid, span.task)):
        threads.setdefault((span.pid, span.tid), []).append(span)
    return tuple(
        Lane(worker, pid, tid, tuple(_bar(span, start_ns) for span in lane))
        for worker, ((pid, tid), its) in enumerate(threads.items(), 1)
        for lane in _apart(its)
    )


def _apart(spans: Sequence[TaskSpan]) -> list[list[TaskSpan]]:
    """As few lanes as can be in which no two spans overlap. `spans` are in the order in which they began.

    Each goes to the first lane that is free: interval partitioning, which needs no more lanes than there are spans at
    the same time (Kleinberg and Tardos, Algorithm Design, 4.1).
    """
    lanes: list[list[TaskSpan]] = []
    free: list[int] = []
    taken: list[tuple[int, int]] = []
    for span in spans:
        while taken and taken[0][0] <= span.begin_ns:
            heapq.heappush(free, heapq.heappop(taken)[1])
        if not free:
            heapq.heappush(free, len(lanes))
            lanes.append([])
        lane = heapq.heappop(free)
        lanes[lane].append(span)
        heapq.heappush(taken, (span.end_ns, lane))
    return lanes


def _bar(span: TaskSpan, start_ns: int) -> Bar:
    """Its clocks are read one after the other, and the run-queue's is coarse, so that together they can exceed its
    time: then the time on a core is believed first.
    """
    whole = span.end_ns - span.begin_ns
    running = _clipped(span.running_ns / whole, 1.0) if whole else 0.0
    ready = None if span.ready_ns is None else _clipped(span.ready_ns / whole, 1.0 - running) if whole else 0.0
    return Bar(
        task=span.task,
        begin_s=(span.begin_ns - start_ns) / 1e9,
        end_s=(span.end_ns - start_ns) / 1e9,
        states=_states(span, running, ready),
        core_begin=span.core_begin,
        core_end=span.core_end,
    )


def _states(span: TaskSpan, running: float, ready: float | None) -> StateShares:
    if ready is None:
        return StateShares(running, None, None)
    blocked = 1.0 - running - ready
    whole_ns = sum((span.waits.gil_ns, span.waits.lock_or_io_ns, span.waits.sleep_ns)) if span.waits else 0
    if span.waits is None or whole_ns <= 0:
        return StateShares(running, ready, blocked)
    gil, sleep = (blocked * _clipped(part / whole_ns, 1.0) for part in (span.waits.gil_ns, span.waits.sleep_ns))
    return StateShares(running, ready, blocked, gil, max(0.0, blocked - gil - sleep), sleep)


def _clipped(share: float, greatest: float) -> float:
    return min(greatest, max(0.0, share))
