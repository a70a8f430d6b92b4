"""What the trials of a session say: medians, intervals, speed-ups, verdicts. Pure functions over rows."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, fields, replace
from types import MappingProxyType
from typing import Annotated, Any, Self, TypeVar

from gil_lab.analysis.contrasts import Contrasts
from gil_lab.analysis.distinctions import THRESHOLD
from gil_lab.analysis.estimates import Estimate, estimate
from gil_lab.analysis.hosts import HostUse, are_parallel
from gil_lab.analysis.speedups import NOT_JUDGED, Distinctions, Speedups, baseline_of, same_form_of, speedups
from gil_lab.analysis.trials import by_cell, flagged, unflagged, used_by_cell
from gil_lab.analysis.verdicts import PARALLEL, Demand, GilUse, Verdict, verdict
from gil_lab.interpreters.names import cluster_in, cores_in
from gil_lab.model.cell_names import full_name
from gil_lab.model.columns import in_columns
from gil_lab.model.frozen import frozen
from gil_lab.model.records import COUNTED_FLAGS, Cell, Flag, GilStates, MemoryUse, StartUpCosts, Status
from gil_lab.model.text import number
from gil_lab.sessions.rows import Delays, GilNumbers, IdleShares, Numbers, StateShares, TrialRow
from gil_lab.suite.strategies import BASELINE

ELSEWHERE = 2.0
"""Times as many cores as the lab's own processes keep busy: beside tasks on a cluster its client has a tenth of a core.
Of two local processes these clocks, of other passes, differ less: 1.3 and 1.9 cores on a machine with neighbours.
"""
UNKNOWN_MEMORY = MemoryUse(None, None)


@frozen
class WallTimes:
    """Of the rounds that are used. Of a cell that took turns beside `sequential`, all three are scaled so that the
    median is what that one's median and the speed-up come to.
    """

    median_s: Annotated[float, in_columns("wall_s")]
    least_s: Annotated[float, in_columns("wall_low_s")]
    greatest_s: Annotated[float, in_columns("wall_high_s")]

    def scaled_to(self, median_s: float) -> Self:
        """As on a machine on which the median is that: the median stays between the others."""
        factor = median_s / self.median_s
        return type(self)(factor * self.median_s, factor * self.least_s, factor * self.greatest_s)


@frozen
class MarginalCost:
    """What each worker beyond those of the smallest pool adds; of the largest pool."""

    start_up_s: Annotated[float | None, in_columns("further_worker_s")] = None
    memory_bytes: Annotated[float | None, in_columns("further_worker_bytes")] = None
    """Proportional set size."""


@frozen
class Summary:
    """One cell of a session, a row of `summary.csv`. Medians over its rounds; None where it has no numbers."""

    cell: Cell
    status: Status
    detail: str
    trials: int
    """Rounds in which it was `ok`."""
    used: int
    """Of those, the rounds that the numbers come from: the unflagged ones, or all if there are none."""
    drifted: int
    """Rounds in which the CPU speed changed; they are used."""
    flags: tuple[Flag, ...]
    wall: WallTimes | None = None
    speedup: Annotated[Estimate | None, in_columns("speedup", "speedup_low", "speedup_high")] = None
    """Against `sequential` in the same round: all that the change of model brought."""
    parallel_speedup: Annotated[
        Estimate | None, in_columns("parallel_speedup", "parallel_speedup_low", "parallel_speedup_high")
    ] = None
    """Against the same form run sequentially in the same round: what running at the same time alone brought."""
    efficiency: float | None = None
    """`parallel_speedup` / workers."""
    in_flight: float | None = None
    cores_busy: float | None = None
    """On all machines that it used."""
    cores_wanted: float | None = None
    """Cores busy, and those that were waited for; None in sessions of an older gil-lab."""
    verdict: Verdict | None = None
    states: StateShares | None = None
    """Means over the rounds, which add up to 1 as those of each trial do."""
    moved_share: float | None = None
    """Tasks that ended on another core than they began on."""
    cpu_s: float | None = None
    cpu_ratio: float | None = None
    """How many times the CPU time of the same form run sequentially it needs for the same work."""
    costs: StartUpCosts | None = None
    break_even_s: float | None = None
    """Sequential seconds of work from which on start-up and compilation are paid back. None where they never are, and
    where there is a single round."""
    other_cores_busy: float | None = None
    service_cores_busy: float | None = None
    """By what its inputs started: a server, a pool."""
    gil: GilStates | None = None
    """In any of the trials."""
    memory: MemoryUse = UNKNOWN_MEMORY
    """The greatest of the trials."""
    delays: Delays | None = None
    """Medians; of the worst, the worst."""
    marginal_cost: MarginalCost = MarginalCost()
    rounds: int | None = None
    """In which it had a turn. None in sessions of an older gil-lab, where each trial was a round."""
    first_pass_ratio: float | None = None
    """How many times as long as the timed passes the first one took."""
    traced_ratio: float | None = None
    """The same of the traced ones. None in sessions of an older gil-lab."""
    distinctions: Distinctions = NOT_JUDGED
    gil_seen: GilNumbers = GilNumbers()
    """Means over the rounds."""
    idle: IdleShares = IdleShares()
    """The same; None in sessions of an older gil-lab."""
    chunk: float | None = None
    """Tasks that were handed over at a time; the median, as each trial may choose another number. None if that was left
    to the API, and in sessions of an older gil-lab."""
    hosts: Annotated[tuple[HostUse, ...], in_columns()] = field(default=(), compare=False)
    """Of a running cluster that it used."""

    @property
    def wall_s(self) -> float | None:
        """The median of its rounds; None where it has no numbers."""
        return None if self.wall is None else self.wall.median_s

    def __repr__(self) -> str:
        """One line: a notebook shows tuples of them, and their fields fill a page each."""
        if self.wall is None:
            return f"<{self.cell.work} {full_name(self.cell)}: {self.status}: {self.detail}>"
        speedup = f", {number(self.speedup.value)}x" if self.speedup else ""
        verdict = f", {self.verdict}" if self.verdict else ""
        return f"<{self.cell.work} {full_name(self.cell)}: {number(self.wall.median_s)} s{speedup}{verdict}>"

    @property
    def is_baseline(self) -> bool:
        """Whether every overall speed-up is relative to it: plain Python, the work as it is."""
        return self.cell == baseline_of(self.cell)

    @property
    def is_slower(self) -> bool:
        """Whether it keeps several cores busy, and is known to take longer than sequential work all the same."""
        if self.verdict not in PARALLEL or self.speedup is None:
            return False
        return bool(self.speedup.shows_a_difference) and self.speedup.value < 1

    @property
    def flagged(self) -> bool:
        """Whether every round is: such numbers are shown with a mark, and never ranked."""
        return 0 < self.trials == self.used and not COUNTED_FLAGS.isdisjoint(self.flags)


def summaries(
    trials: Sequence[TrialRow],
    reference: Callable[[str], str],
    contrasts: Contrasts | None = None,
    threshold: float = THRESHOLD,
    cores: int | None = None,
    gil_use: Callable[[Cell], GilUse] = lambda _: GilUse.SHARED,
    core_kinds: Mapping[str, int] = MappingProxyType({}),
    hosts: Mapping[Cell, tuple[HostUse, ...]] = MappingProxyType({}),
) -> list[Summary]:
    """One summary a cell, in the order of first trials; `reference` gives a strategy's sequential counterpart.

    Speed-ups come from the turns in `contrasts`, where differences below `threshold` do not matter; for cells that had
    none in common, from their trials, paired by round. `cores` are the usable ones of the machine, `core_kinds` how
    many there are of each kind, and `gil_use` says what a GIL means where there is one: verdicts need them where the
    machine left little room. `hosts` are those of running clusters, whose cores busy no trial has.
    """
    cells = by_cell(trials)
    faster = speedups(cells, reference, contrasts, threshold) if contrasts else Speedups()
    pools: dict[Cell, set[int]] = {}
    for cell in cells:
        pools.setdefault(_of_any_size(cell), set()).add(cell.workers)
    measured = {
        cell: _summary(cell, rows, cells, pools[_of_any_size(cell)], reference, faster) for cell, rows in cells.items()
    }
    with_hosts = (_with_hosts(each, hosts.get(each.cell, ())) for each in measured.values())
    found = (_agreeing(each, measured) for each in with_hosts) if contrasts else with_hosts
    judged = (
        replace(
            each,
            verdict=_verdict(each, cells[each.cell], cores_in(each.cell.interpreter, core_kinds) or cores, gil_use),
        )
        for each in found
    )
    return [replace(each, rounds=contrasts.rounds(each.cell)) if contrasts and each.wall else each for each in judged]


def _with_hosts(summary: Summary, hosts: tuple[HostUse, ...]) -> Summary:
    """Cores busy are the sum over the machines; of trials, what the lab's own processes kept busy: a client."""
    if summary.cores_busy is None or not hosts:
        return summary
    busy = summary.cores_busy + sum(one.cores_busy for one in hosts)
    return replace(summary, cores_busy=busy, cores_wanted=None, hosts=hosts)  # what those there wanted is not known


def _agreeing(summary: Summary, measured: Mapping[Cell, Summary]) -> Summary:
    """With the wall time that its speed-up says, from turns near each other: medians of each alone are of other rounds
    where some are left out, and of a machine that was faster or slower then.
    """
    base = measured.get(baseline_of(summary.cell))
    if summary.is_baseline or summary.wall is None or summary.speedup is None or base is None or base.wall is None:
        return summary
    return replace(summary, wall=summary.wall.scaled_to(base.wall.median_s / summary.speedup.value))


def _verdict(
    summary: Summary, rows: Sequence[TrialRow], usable: int | None, gil_use: Callable[[Cell], GilUse]
) -> Verdict | None:
    if summary.in_flight is None or summary.cores_busy is None:
        return None
    gil = summary.gil is not None and summary.gil.after_work
    if are_parallel(summary.hosts):
        return Verdict.ACROSS_MACHINES
    if summary.hosts:  # how much room there was there is not known
        return verdict(Demand(summary.in_flight, summary.cores_busy, summary.states, 0.0, GilUse.NONE))
    if (elsewhere := elsewhere_cores_busy(summary)) is not None:
        return verdict(Demand(summary.in_flight, elsewhere, summary.states, 0.0, GilUse.NONE))
    return verdict(
        Demand(
            summary.in_flight,
            summary.cores_busy,
            summary.states,
            None if usable is None else _idle_cores(rows, usable),
            gil_use(summary.cell) if gil else GilUse.NONE,
            summary.cores_wanted,
        )
    )


def elsewhere_cores_busy(summary: Summary) -> float | None:
    """Cores that tasks kept busy on a running cluster, by the CPU clocks of their threads in the traced passes.

    None if they ran in processes of the lab, whose cores busy tell then, and where its hosts say more.
    """
    states, in_flight, busy = summary.states, summary.in_flight, summary.cores_busy
    if summary.hosts or not cluster_in(summary.cell.interpreter) or states is None or in_flight is None or busy is None:
        return None
    of_tasks = in_flight * states.running
    return of_tasks if of_tasks > ELSEWHERE * busy else None


def _idle_cores(rows: Sequence[TrialRow], usable: int) -> float:
    """Of the usable cores, on average; the median of the rounds."""
    numbers = [row.numbers for row in unflagged([row for row in rows if row.numbers]) if row.numbers]
    return _median(
        usable
        - each.cores_busy
        - each.other_cores_busy
        - each.service_cores_busy
        - each.controller_cores_busy
        - each.steal_cores
        for each in numbers
    )


def _of_any_size(cell: Cell) -> Cell:
    return Cell(cell.workload, cell.strategy, 0, cell.interpreter, cell.tasks, cell.size)


def _summary(
    cell: Cell,
    rows: list[TrialRow],
    cells: Mapping[Cell, Sequence[TrialRow]],
    pools: set[int],
    reference: Callable[[str], str],
    faster: Speedups,
) -> Summary:
    measured = [row for row in rows if row.numbers is not None]
    failed = [row for row in rows if row.numbers is None]
    flags = tuple(sorted({flag for row in rows for flag in row.flags}))
    detail = failed[0].detail if failed else ""
    if not measured:
        return Summary(cell, failed[0].status, detail, trials=0, used=0, drifted=0, flags=flags)
    used = unflagged(measured)
    numbers = [row.numbers for row in used if row.numbers]
    walls = [each.wall_s for each in numbers]
    sequential, same_form = (_measured(each, cells) for each in (baseline_of(cell), same_form_of(cell, reference)))
    overall = faster.overall.get(cell) or speedup(measured, sequential, same_form)
    parallel = faster.same_form.get(cell) or speedup(measured, same_form, sequential)
    in_flight, cores_busy = _median(each.in_flight for each in numbers), _median(each.cores_busy for each in numbers)
    costs = _by_field([each.costs for each in numbers], _median)
    return Summary(
        cell,
        failed[0].status if failed else Status.OK,
        detail,
        trials=len(measured),
        used=len(used),
        drifted=sum(Flag.DRIFTED in row.flags for row in measured),
        flags=flags,
        wall=WallTimes(statistics.median(walls), min(walls), max(walls)),
        speedup=overall,
        parallel_speedup=parallel,
        efficiency=parallel.value / cell.workers if parallel else None,
        in_flight=in_flight,
        cores_busy=cores_busy,
        cores_wanted=_known([each.cores_wanted for each in numbers], statistics.median),
        states=_states([each.states for each in numbers]),
        moved_share=_known([each.moved_share for each in numbers], statistics.fmean),
        cpu_s=_median(each.cpu_s for each in numbers),
        cpu_ratio=_cpu_ratio(numbers, same_form),
        costs=costs,
        break_even_s=break_even_s(costs.startup_s + costs.compile_s, overall),
        other_cores_busy=_median(each.other_cores_busy for each in numbers),
        service_cores_busy=_median(each.service_cores_busy for each in numbers),
        gil=_gil([each.gil for each in numbers]),
        memory=_by_field([each.memory for each in numbers], max),
        delays=_delays([each.delays for each in numbers if each.delays]),
        marginal_cost=MarginalCost(
            further_worker(cell, measured, cells, pools, lambda each: each.costs.startup_s),
            further_worker(cell, measured, cells, pools, lambda each: each.memory.pss_bytes),
        ),
        first_pass_ratio=_median(each.warm_up_s / each.wall_s for each in numbers),
        traced_ratio=_known(
            [each.traced_wall_s and each.traced_wall_s / each.wall_s for each in numbers], statistics.median
        ),
        distinctions=faster.distinctions(cell),
        gil_seen=_gil_seen([each.gil_seen for each in numbers]),
        idle=_by_field([each.idle for each in numbers], statistics.fmean),
        chunk=_known([each.chunk for each in numbers], statistics.median),
    )


def _states(rounds: Sequence[StateShares]) -> StateShares:
    """Where what tasks waited for is not known of all rounds, in the proportion in which it is known of some."""
    mean: StateShares = _by_field(rounds, statistics.fmean)
    if mean.blocked is None or mean.gil is None or mean.lock_or_io is None or mean.sleep is None:
        return replace(mean, gil=None, lock_or_io=None, sleep=None)
    whole = mean.gil + mean.lock_or_io + mean.sleep
    scale = mean.blocked / whole if whole else 0.0
    return replace(mean, gil=scale * mean.gil, lock_or_io=scale * mean.lock_or_io, sleep=scale * mean.sleep)


def _gil_seen(rounds: Sequence[GilNumbers]) -> GilNumbers:
    return GilNumbers(
        _known([each.held_share for each in rounds], statistics.fmean),
        _known([each.handoffs_per_s for each in rounds], statistics.fmean),
        next((each.unknown for each in rounds if each.unknown), None),
    )


def _cpu_ratio(numbers: Sequence[Numbers], reference: Sequence[TrialRow]) -> float | None:
    """None without a reference, and where that used none."""
    used = [row.numbers.cpu_s for row in unflagged(reference) if row.numbers] if reference else []
    return _median(each.cpu_s for each in numbers) / whole if used and (whole := _median(used)) > 0 else None


def _gil(states: Sequence[GilStates]) -> GilStates:
    return GilStates(
        at_start=any(each.at_start for each in states),
        after_imports=any(each.after_imports for each in states),
        after_work=any(each.after_work for each in states),
        enabled_by=next((each.enabled_by for each in states if each.enabled_by), ""),
    )


def _delays(delays: Sequence[Delays]) -> Delays | None:
    return replace(_by_field(delays, _median), worst_s=max(each.worst_s for each in delays)) if delays else None


def _measured(cell: Cell, cells: Mapping[Cell, Sequence[TrialRow]]) -> list[TrialRow]:
    return [row for row in cells.get(cell, []) if row.numbers is not None]


def further_worker(
    cell: Cell,
    rows: Sequence[TrialRow],
    cells: Mapping[Cell, Sequence[TrialRow]],
    pools: set[int],
    number: Callable[[Numbers], float | None],
) -> float | None:
    """What each worker beyond those of the strategy's smallest pool adds to a number; None but for the largest pool.

    `pools` are the sizes of those that ran the same.

    None also where there are speed-ups to tell: then pools differ in size to answer another question.

    Paired within rounds, their median. A pool's first worker is left out: what is there once (a server that forks, a
    tracker, imports) is not the price of a worker.
    """
    sizes = sorted(pools)
    if cell.workers != sizes[-1] or len(sizes) == 1 or _measured(replace(cell, strategy=BASELINE, workers=1), cells):
        return None
    least = {row.round: number(row.numbers) for row in cells[replace(cell, workers=sizes[0])] if row.numbers}
    further = [
        (most - few) / (cell.workers - sizes[0])
        for row in unflagged(rows)
        if row.numbers and (most := number(row.numbers)) is not None and (few := least.get(row.round)) is not None
    ]
    return float(statistics.median(further)) if further else None


Record = TypeVar("Record", StartUpCosts, StateShares, MemoryUse, Delays, IdleShares)


def _by_field(records: Sequence[Record], aggregate: Callable[[list[Any]], float]) -> Record:
    """Each number of a record over the rounds; None where no round has it."""
    kind = type(records[0])
    return kind(*(_known([getattr(each, field.name) for each in records], aggregate) for field in fields(kind)))


def _known(values: Sequence[float | None], aggregate: Callable[[list[Any]], float]) -> Any:
    known = [value for value in values if value is not None]
    return aggregate(known) if known else None


def _median(values: Iterable[float]) -> float:
    return float(statistics.median(values))


def typical(trials: Sequence[TrialRow]) -> dict[Cell, TrialRow]:
    """Of each cell that has numbers, the used trial whose wall time is nearest to the median: the one to be shown."""
    return {cell: _nearest(rows) for cell, rows in used_by_cell(trials).items()}


def _nearest(rows: Sequence[TrialRow]) -> TrialRow:
    middle = _median(row.numbers.wall_s for row in rows if row.numbers)
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
    used = [row for row in (*rows, *reference) if row.round in rounds]
    return replace(estimate(ratios), flagged=any(map(flagged, used))) if ratios else None


def compared_rounds(rows: Sequence[TrialRow], *references: Sequence[TrialRow]) -> frozenset[int]:
    """The rounds that `rows` share with all `references` (an empty one aside), the least flagged that there are."""

    def rounds(group: Sequence[TrialRow]) -> frozenset[int]:
        return frozenset(row.round for row in group)

    beside = [reference for reference in references if reference]
    shared = rounds(rows).intersection(*map(rounds, beside))
    doubted = rounds([row for row in rows if flagged(row)])
    doubted_beside = frozenset[int]().union(*(rounds([r for r in group if flagged(r)]) for group in beside))
    return shared - doubted - doubted_beside or shared - doubted or shared


def break_even_s(overhead_s: float, overall: Estimate | None) -> float | None:
    """Sequential seconds of work above which `overhead_s` is paid back: the solution of overhead + w / speed-up = w."""
    if overall is None or not overall.shows_a_difference or overall.value <= 1:
        return None
    return overhead_s / (1 - 1 / overall.value)
