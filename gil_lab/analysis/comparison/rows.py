"""A comparison as a table for other programs: a row for each pair of cells."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from gil_lab.analysis.comparison.both import Both
from gil_lab.analysis.comparison.cells import ComparedCell, Finding
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.columns import in_columns
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Status

Value = TypeVar("Value")


@frozen
class ComparisonRow:
    """One pair. It has numbers only if it was compared."""

    workload: str
    strategy: str
    workers: int
    interpreters: Annotated[Both[str], in_columns("interpreter_a", "interpreter_b")]
    tasks: Annotated[Both[int], in_columns("tasks_a", "tasks_b")]
    size: Annotated[Both[int], in_columns("size_a", "size_b")]
    status: Annotated[Both[Status], in_columns("status_a", "status_b")]
    finding: Finding
    note: str
    rounds: Annotated[Both[int], in_columns("rounds_a", "rounds_b")]
    """In which it had a turn; of sessions of an older gil-lab, those that the numbers come from."""
    wall_s: Annotated[Both[float], in_columns("wall_a_s", "wall_b_s")]
    wall_ratio: Annotated[Estimate | None, in_columns("wall_ratio", "wall_ratio_low", "wall_ratio_high")]
    speedup_a: Annotated[Estimate | None, in_columns("speedup_a", "speedup_a_low", "speedup_a_high")]
    speedup_b: Annotated[Estimate | None, in_columns("speedup_b", "speedup_b_low", "speedup_b_high")]
    speedup_ratio: Annotated[Estimate | None, in_columns("speedup_ratio", "speedup_ratio_low", "speedup_ratio_high")]
    in_flight: Annotated[Both[float], in_columns("in_flight_a", "in_flight_b")]
    cores_busy: Annotated[Both[float], in_columns("cores_busy_a", "cores_busy_b")]
    verdict: Annotated[Both[Verdict], in_columns("verdict_a", "verdict_b")]


def comparison_row(pair: ComparedCell) -> ComparisonRow:
    def if_compared(value: Callable[[Summary], Value | None]) -> Both[Value]:
        return pair.both(value) if pair.compared else Both(None, None)

    speedup = if_compared(lambda summary: summary.speedup)
    return ComparisonRow(
        pair.cell.workload,
        pair.cell.strategy,
        pair.cell.workers,
        interpreters=pair.both(lambda summary: summary.cell.interpreter),
        tasks=pair.both(lambda summary: summary.cell.tasks),
        size=pair.both(lambda summary: summary.cell.size),
        status=pair.both(lambda summary: summary.status),
        finding=pair.finding,
        note=pair.note,
        rounds=pair.both(lambda summary: summary.rounds or summary.used) if pair.compared else Both(0, 0),
        wall_s=if_compared(lambda summary: summary.wall_s),
        wall_ratio=pair.wall_ratio,
        speedup_a=speedup.a,
        speedup_b=speedup.b,
        speedup_ratio=pair.speedup_ratio,
        in_flight=if_compared(lambda summary: summary.in_flight),
        cores_busy=if_compared(lambda summary: summary.cores_busy),
        verdict=if_compared(lambda summary: summary.verdict),
    )
