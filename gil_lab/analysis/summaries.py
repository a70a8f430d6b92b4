"""What the trials of a session say: medians, intervals, speed-ups, verdicts. Pure functions over rows."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from gil_lab.analysis.estimates import Estimate, estimate
from gil_lab.model.records import Cell, Flag, Status
from gil_lab.sessions.rows import TrialRow
from gil_lab.suite.strategies import BASELINE

DOUBTFUL = frozenset(
    {
        Flag.DISTURBED,
        Flag.IMPOSSIBLE,
        Flag.SERIAL_FALLBACK,
        Flag.GIL_REENABLED,
        Flag.THROTTLED,
        Flag.AFFINITY_CHANGED,
    }
)
"""What speaks against a trial. A drifting machine does not: it hits all cells alike, and widens the intervals."""
MANY_IN_FLIGHT = 1.5
"""Tasks in flight on average: below it they ran, in the main, one after the other."""
MORE_THAN_A_CORE = 1.2
"""Cores busy: what a second core adds by chance (start-up, the pool's own threads) stays below it."""
HALF_A_CORE = 0.5
"""Cores busy: below it the time went into waiting rather than computing."""


class Verdict(StrEnum):
    """Where a cell lies on the map of tasks in flight against cores busy."""

    ONE_AT_A_TIME = "one at a time"
    CONCURRENT = "concurrent, not parallel"
    WAITING = "waiting together"
    PARALLEL = "parallel"


def verdict(in_flight: float, cores_busy: float) -> Verdict:
    if cores_busy > MORE_THAN_A_CORE:
        return Verdict.PARALLEL
    if in_flight < MANY_IN_FLIGHT:
        return Verdict.ONE_AT_A_TIME
    return Verdict.WAITING if cores_busy < HALF_A_CORE else Verdict.CONCURRENT


@dataclass(frozen=True, slots=True)
class Summary:
    """One cell of a session, a row of `summary.csv`. Medians over its rounds; None where it has no numbers."""

    cell: Cell
    status: Status
    detail: str
    trials: int
    """Rounds in which it was `ok`."""
    used: int
    """Of those, the rounds that the numbers come from: the undoubted ones, or all if there are none."""
    drifted: int
    """Rounds in which the machine's pace changed; they are used."""
    flags: tuple[Flag, ...]
    wall_s: float | None = None
    wall_low_s: float | None = None
    """Least and greatest of the rounds."""
    wall_high_s: float | None = None
    speedup: float | None = None
    """Against `sequential` in the same round: all that the change of model brought."""
    speedup_low: float | None = None
    speedup_high: float | None = None
    parallel_speedup: float | None = None
    """Against the same form run sequentially in the same round: what running at the same time alone brought."""
    parallel_speedup_low: float | None = None
    parallel_speedup_high: float | None = None
    efficiency: float | None = None
    """`parallel_speedup` / workers."""
    in_flight: float | None = None
    cores_busy: float | None = None
    verdict: Verdict | None = None
    running_share: float | None = None
    """Of the tasks' time, together: on a core. Means over the rounds, which come to one as those of each trial do."""
    ready_share: float | None = None
    """Waiting for a core; None where the system does not tell."""
    blocked_share: float | None = None
    """Waiting for something else: I/O, a lock, the GIL, the event loop."""
    moved_share: float | None = None
    """Tasks that ended on another core than they began on."""
    cpu_s: float | None = None
    launch_s: float | None = None
    startup_s: float | None = None
    compile_s: float | None = None
    break_even_s: float | None = None
    """Sequential seconds of work from which on start-up and compilation are paid back. None where they never are, and
    where a single round cannot tell."""
    other_cores_busy: float | None = None
    gil_at_start: bool | None = None
    """Whether any trial began with a GIL, had one when all was imported, and had one after the work."""
    gil_after_imports: bool | None = None
    gil: bool | None = None
    gil_enabled_by: str = ""
    """The module whose import switched it on."""
    peak_rss_bytes: int | None = None
    pss_bytes: int | None = None
    delay_s: float | None = None
    """How late the beats of a heartbeat beside the tasks were taken: median, 99th percentile, worst."""
    delay_p99_s: float | None = None
    delay_max_s: float | None = None
    further_worker_s: float | None = None
    """Start-up of each worker beyond those of the smallest pool; told of the largest one."""
    further_worker_bytes: float | None = None
    """The same of memory (PSS)."""

    @property
    def is_baseline(self) -> bool:
        """Whether every overall speed-up is told against it: plain Python, the work as it is."""
        return self.cell.strategy == BASELINE and not self.cell.variant

    @property
    def doubtful(self) -> bool:
        """Whether every round is: such numbers are shown with a mark, and never ranked."""
        return 0 < self.trials == self.used and not DOUBTFUL.isdisjoint(self.flags)

    @property
    def against_sequential(self) -> Estimate | None:
        return None if self.speedup is None else Estimate(self.speedup, self.speedup_low, self.speedup_high)

    @property
    def against_same_form(self) -> Estimate | None:
        if self.parallel_speedup is None:
            return None
        return Estimate(self.parallel_speedup, self.parallel_speedup_low, self.parallel_speedup_high)


def summaries(trials: Sequence[TrialRow], reference: Callable[[str], str]) -> list[Summary]:
    """One summary a cell, in the order of first trials; `reference` gives a strategy's sequential counterpart."""
    by_cell: dict[Cell, list[TrialRow]] = {}
    for row in trials:
        by_cell.setdefault(row.cell, []).append(row)
    pools: dict[Cell, set[int]] = {}
    for cell in by_cell:
        pools.setdefault(_of_any_size(cell), set()).add(cell.workers)
    return [_summary(cell, rows, by_cell, pools[_of_any_size(cell)], reference) for cell, rows in by_cell.items()]


def _of_any_size(cell: Cell) -> Cell:
    return Cell(cell.workload, cell.strategy, 0, cell.interpreter, cell.tasks, cell.size)


def _summary(
    cell: Cell,
    rows: list[TrialRow],
    by_cell: dict[Cell, list[TrialRow]],
    pools: set[int],
    reference: Callable[[str], str],
) -> Summary:
    measured = [row for row in rows if row.numbers is not None]
    failed = [row for row in rows if row.numbers is None]
    flags = tuple(sorted({flag for row in rows for flag in row.flags}))
    detail = failed[0].detail if failed else ""
    if not measured:
        return Summary(cell, failed[0].status, detail, trials=0, used=0, drifted=0, flags=flags)
    used = undoubted(measured)
    walls = [row.numbers.wall_s for row in used if row.numbers]
    sequential = _beside(replace(cell, workload=cell.work), BASELINE, by_cell)
    same_form = _beside(cell, reference(cell.strategy), by_cell)
    overall, parallel = speedup(measured, sequential, same_form), speedup(measured, same_form, sequential)
    in_flight, cores_busy = _median(used, "in_flight"), _median(used, "cores_busy")
    startup_s, compile_s = _median(used, "startup_s"), _median(used, "compile_s")
    return Summary(
        cell,
        failed[0].status if failed else Status.OK,
        detail,
        trials=len(measured),
        used=len(used),
        drifted=sum(Flag.DRIFTED in row.flags for row in measured),
        flags=flags,
        wall_s=statistics.median(walls),
        wall_low_s=min(walls),
        wall_high_s=max(walls),
        speedup=overall.value if overall else None,
        speedup_low=overall.low if overall else None,
        speedup_high=overall.high if overall else None,
        parallel_speedup=parallel.value if parallel else None,
        parallel_speedup_low=parallel.low if parallel else None,
        parallel_speedup_high=parallel.high if parallel else None,
        efficiency=parallel.value / cell.workers if parallel else None,
        in_flight=in_flight,
        cores_busy=cores_busy,
        verdict=verdict(in_flight, cores_busy),
        running_share=_mean_if_told(used, "running_share"),
        ready_share=_mean_if_told(used, "ready_share"),
        blocked_share=_mean_if_told(used, "blocked_share"),
        moved_share=_mean_if_told(used, "moved_share"),
        cpu_s=_median(used, "cpu_s"),
        launch_s=_median(used, "launch_s"),
        startup_s=startup_s,
        compile_s=compile_s,
        break_even_s=break_even_s(startup_s + compile_s, overall),
        other_cores_busy=_median(used, "other_cores_busy"),
        gil_at_start=any(row.numbers.gil_at_start for row in used if row.numbers),
        gil_after_imports=any(row.numbers.gil_after_imports for row in used if row.numbers),
        gil=any(row.numbers.gil for row in used if row.numbers),
        gil_enabled_by=next(
            (row.numbers.gil_enabled_by for row in used if row.numbers and row.numbers.gil_enabled_by), ""
        ),
        peak_rss_bytes=max((row.numbers.peak_rss_bytes or 0 for row in used if row.numbers), default=0) or None,
        pss_bytes=max((row.numbers.pss_bytes or 0 for row in used if row.numbers), default=0) or None,
        delay_s=_median_if_told(used, "delay_s"),
        delay_p99_s=_median_if_told(used, "delay_p99_s"),
        delay_max_s=max(
            (row.numbers.delay_max_s for row in used if row.numbers and row.numbers.delay_max_s), default=None
        ),
        further_worker_s=further_worker(cell, measured, by_cell, pools, "startup_s"),
        further_worker_bytes=further_worker(cell, measured, by_cell, pools, "pss_bytes"),
    )


def _beside(cell: Cell, strategy: str, by_cell: Mapping[Cell, Sequence[TrialRow]]) -> list[TrialRow]:
    """The trials of the same work under another strategy, one at a time."""
    wanted = Cell(cell.workload, strategy, 1, cell.interpreter, cell.tasks, cell.size)
    return [row for row in by_cell.get(wanted, []) if row.numbers is not None]


def further_worker(
    cell: Cell, rows: Sequence[TrialRow], by_cell: Mapping[Cell, Sequence[TrialRow]], pools: set[int], name: str
) -> float | None:
    """What each worker beyond those of the strategy's smallest pool adds to a number; None but for the largest pool.

    `pools` are the sizes of those that ran the same.

    None also where there are speed-ups to tell: then pools differ in size to answer another question.

    Paired within rounds, their median. A pool's first worker is left out: what is there once (a server that forks, a
    tracker, imports) is not the price of a worker.
    """
    sizes = sorted(pools)
    if cell.workers != sizes[-1] or len(sizes) == 1 or _beside(cell, BASELINE, by_cell):
        return None
    least = {row.round: getattr(row.numbers, name) for row in by_cell[replace(cell, workers=sizes[0])] if row.numbers}
    further = [
        (value - least[row.round]) / (cell.workers - sizes[0])
        for row in undoubted(rows)
        if (value := getattr(row.numbers, name)) is not None and least.get(row.round) is not None
    ]
    return float(statistics.median(further)) if further else None


def _median(rows: Sequence[TrialRow], name: str) -> float:
    return float(statistics.median(getattr(row.numbers, name) for row in rows))


def _median_if_told(rows: Sequence[TrialRow], name: str) -> float | None:
    told = [value for row in rows if (value := getattr(row.numbers, name)) is not None]
    return float(statistics.median(told)) if told else None


def _mean_if_told(rows: Sequence[TrialRow], name: str) -> float | None:
    """Of shares, whose medians would not come to one."""
    told = [value for row in rows if (value := getattr(row.numbers, name)) is not None]
    return float(statistics.fmean(told)) if told else None


def doubtful(row: TrialRow) -> bool:
    return not DOUBTFUL.isdisjoint(row.flags)


def undoubted(rows: Sequence[TrialRow]) -> list[TrialRow]:
    """The trials that nothing speaks against; all of them if there is something against each."""
    return [row for row in rows if not doubtful(row)] or list(rows)


def typical(trials: Sequence[TrialRow]) -> dict[Cell, TrialRow]:
    """Of each cell that has numbers, the used trial whose wall time is nearest to the median: the one to be shown."""
    by_cell: dict[Cell, list[TrialRow]] = {}
    for row in trials:
        if row.numbers is not None:
            by_cell.setdefault(row.cell, []).append(row)
    return {cell: _nearest(undoubted(rows)) for cell, rows in by_cell.items()}


def _nearest(rows: Sequence[TrialRow]) -> TrialRow:
    middle = _median(rows, "wall_s")
    return min(rows, key=lambda row: abs(row.numbers.wall_s - middle) if row.numbers else math.inf)


def speedup(rows: Sequence[TrialRow], reference: Sequence[TrialRow], other: Sequence[TrialRow] = ()) -> Estimate | None:
    """How many times faster `rows` were than `reference`, paired within rounds; None if no round has both.

    `other` is what `rows` are compared with beside it: rounds that all three have are preferred, so that the two
    speed-ups come from the same ones.
    """
    if not reference:
        return None
    walls = {row.round: row.numbers.wall_s for row in reference if row.numbers is not None}
    rounds = compared_rounds(rows, reference, other) or compared_rounds(rows, reference)
    pairs = ((walls[row.round], row.numbers) for row in rows if row.round in rounds)
    ratios = [wall_s / numbers.wall_s for wall_s, numbers in pairs if numbers is not None]
    return estimate(ratios) if ratios else None


def compared_rounds(rows: Sequence[TrialRow], *references: Sequence[TrialRow]) -> frozenset[int]:
    """The rounds that `rows` share with all `references` (an empty one aside), the least doubtful that there are."""

    def rounds(group: Sequence[TrialRow]) -> frozenset[int]:
        return frozenset(row.round for row in group)

    beside = [reference for reference in references if reference]
    shared = rounds(rows).intersection(*map(rounds, beside))
    doubted = rounds([row for row in rows if doubtful(row)])
    doubted_beside = frozenset[int]().union(*(rounds([r for r in group if doubtful(r)]) for group in beside))
    return shared - doubted - doubted_beside or shared - doubted or shared


def break_even_s(overhead_s: float, overall: Estimate | None) -> float | None:
    """Sequential seconds of work above which `overhead_s` is paid back: the solution of overhead + w / speed-up = w."""
    if overall is None or overall.low is None or overall.low <= 1:
        return None
    return overhead_s / (1 - 1 / overall.value)
