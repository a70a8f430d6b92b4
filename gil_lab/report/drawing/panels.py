"""What pictures with a panel for each cell share: which cells they show, what those are called, and how many digits."""

from collections.abc import Iterable, Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import Naming, naming
from gil_lab.model.language import gettext
from gil_lab.model.records import Cell
from gil_lab.report.drawing.labels import shortened

MAX_PANELS = 24
"""More cannot be looked at."""
NAME_WIDTH = 270
"""Pixels."""
TENTH, HUNDREDTH = 0.095, 0.005
"""The least numbers that round to one."""


def chosen(cells: Sequence[Cell]) -> frozenset[Cell]:
    """All of them, if they are not too many; else of each strategy the cell with the most workers, then the next."""
    ranked: list[tuple[int, Cell]] = []
    seen: dict[tuple[str, str, str], int] = {}
    for cell in sorted(cells, key=lambda cell: -cell.workers):
        alike = (cell.workload, cell.strategy, cell.interpreter)
        ranked.append((seen.get(alike, 0), cell))
        seen[alike] = seen.get(alike, 0) + 1
    return frozenset(cell for _, cell in sorted(ranked, key=lambda pair: pair[0])[:MAX_PANELS])


def left_out(drawn: int, there: int) -> list[str]:
    """A sentence on cells that are not drawn, if there are any."""
    text = gettext("{drawn} of {count} cells are drawn, the ones with the most workers first.")
    return [text.format(drawn=drawn, count=there)] if drawn < there else []


def calling(group: Iterable[Summary]) -> Naming:
    """What the cells of one kind of work are called, short enough to stand beside other words."""
    called = naming(each.cell for each in group)
    return lambda cell: shortened(called(cell), NAME_WIDTH)


def tenths(value: float) -> str:
    """`1.9`, `0.1`, `0.02`, `0`: what is small is not shown as nothing."""
    return f"{value:.1f}" if value >= TENTH else f"{value:.2f}" if value >= HUNDREDTH else "0"


def rounded(value: float, digits: int = 4) -> float:
    """Four digits are more than a picture shows."""
    return float(f"{value:.{digits}g}")
