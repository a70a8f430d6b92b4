"""Two sessions side by side: two machines, two interpreters, before and after a change. Pure functions over rows."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gil_lab.analysis.comparison.cells import ComparedCell, compared_cell
from gil_lab.analysis.comparison.differences import Differences, differences
from gil_lab.analysis.comparison.measured import Measured, MeasuredPair, judged
from gil_lab.analysis.comparison.paces import Paces, paces
from gil_lab.analysis.comparison.pairs import Pair, pairs
from gil_lab.analysis.contrasts import Contrasts
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.trials import used_by_cell
from gil_lab.model.errors import GilLabError
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell
from gil_lab.model.text import one_line
from gil_lab.sessions.reader import Session
from gil_lab.sessions.rows import TrialRow

MAX_NAMED = 3


class Side(Protocol):
    """One of the two; `gil_lab.analysis.results.SessionResults` is one."""

    @property
    def session(self) -> Session: ...

    @property
    def rows(self) -> Sequence[Summary]: ...

    @property
    def contrasts(self) -> Contrasts | None: ...

    @property
    def threshold(self) -> float: ...


class NothingToCompareError(GilLabError):
    """The two sessions have no measured cell in common; the message says what differs."""

    exit_code = 2


@frozen
class Comparison:
    """What two sessions say beside each other."""

    a: Side
    b: Side
    differences: Differences
    paces: Paces
    cells: tuple[ComparedCell, ...]
    """Those that both have in the order of A, those of other work, those that only one has."""
    threshold: float
    """From where on differences matter: the greater one of the two sessions'."""

    @property
    def compared(self) -> list[ComparedCell]:
        return [cell for cell in self.cells if cell.compared]

    @property
    def not_compared(self) -> list[ComparedCell]:
        return [cell for cell in self.cells if not cell.compared]


def compare(a: Side, b: Side) -> Comparison:
    """The cells of two sessions, paired. Raises NothingToCompareError if none was measured in both."""
    if a.session.path.resolve() == b.session.path.resolve():
        raise NothingToCompareError("A and B are the same session; name two different ones: gil-lab report A B")
    beside = pairs(a.rows, b.rows)
    comparable = [pair for pair in beside if not pair.obstacle]
    if not comparable:
        raise NothingToCompareError(_nothing_in_common(a, b, beside))
    used_a, used_b = used_by_cell(a.session.trials), used_by_cell(b.session.trials)
    differing = differences(a.session.about, b.session.about)
    pace = paces(
        [row for pair in comparable for row in _of(pair.a, used_a)],
        [row for pair in comparable for row in _of(pair.b, used_b)],
        differing,
    )
    measured = [_measured_pair(pair, (a, used_a), (b, used_b)) for pair in beside]
    known = {number: pair for number, pair in enumerate(measured) if pair}
    by_wall, threshold = pace.lets_walls_be_ranked, max(a.threshold, b.threshold)
    walls = judged({number: pair.wall_ratio for number, pair in known.items()} if by_wall else {}, threshold)
    speedups = judged({number: pair.speedup_ratio for number, pair in known.items()}, threshold)
    cells = (
        compared_cell(pair, measured[number], walls.get(number), speedups.get(number), by_wall=by_wall)
        for number, pair in enumerate(beside)
    )
    return Comparison(a, b, differing, pace, tuple(cells), threshold)


def _of(summary: Summary | None, used: Mapping[Cell, list[TrialRow]]) -> list[TrialRow]:
    return [] if summary is None else used.get(summary.cell, [])


def _measured_pair(
    pair: Pair, a: tuple[Side, Mapping[Cell, list[TrialRow]]], b: tuple[Side, Mapping[Cell, list[TrialRow]]]
) -> MeasuredPair | None:
    """None for what cannot be compared."""
    if pair.obstacle:
        return None
    found = []
    for summary, (side, used) in ((pair.a, a), (pair.b, b)):
        assert summary is not None
        found.append(Measured.of(summary, _of(summary, used), side.contrasts, side.session.remedy))
    return MeasuredPair(*found)


def _nothing_in_common(a: Side, b: Side, beside: Sequence[Pair]) -> str:
    """One line: what differs, and what to do."""
    if empty := next((name for name, side in (("A", a), ("B", b)) if not side.rows), None):
        return f"{empty} has no trials; name a session that has some"
    both = [pair for pair in beside if pair.a is not None and pair.b is not None]
    if failed := next((pair for pair in both if not pair.other_work), None):
        assert failed.a is not None
        return f"no cell was ok in both, as {failed.a.cell.strategy}: {failed.obstacle}; see gil-lab report of each"
    if both:
        return f"A and B did {both[0].obstacle}; measure both with the same --tasks and --size"
    return (
        f"A and B have no cell in common: {_measured(a)} in A, {_measured(b)} in B; "
        "measure the same experiment in both with the same --workers"
    )


def _measured(side: Side) -> str:
    """What there is, for a reader who wonders why nothing fits."""
    cells = [f"{row.cell.workload} x{row.cell.workers} under {row.cell.interpreter}" for row in side.rows]
    found = [one_line(text, 60) for text in dict.fromkeys(cells)]
    return ", ".join(found[:MAX_NAMED]) + (", ..." if len(found) > MAX_NAMED else "")
