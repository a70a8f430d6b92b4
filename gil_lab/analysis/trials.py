"""The trials of each cell, and those of them that numbers come from."""

from collections.abc import Iterable, Sequence

from gil_lab.model.records import COUNTED_FLAGS, Cell
from gil_lab.sessions.rows import TrialRow


def by_cell(trials: Iterable[TrialRow]) -> dict[Cell, list[TrialRow]]:
    """In the order of the cells' first trials."""
    cells: dict[Cell, list[TrialRow]] = {}
    for row in trials:
        cells.setdefault(row.cell, []).append(row)
    return cells


def measured_by_cell(trials: Iterable[TrialRow]) -> dict[Cell, list[TrialRow]]:
    """Those that have numbers."""
    return by_cell(row for row in trials if row.numbers is not None)


def used_by_cell(trials: Iterable[TrialRow]) -> dict[Cell, list[TrialRow]]:
    """Those that the numbers of a cell come from."""
    return {cell: unflagged(rows) for cell, rows in measured_by_cell(trials).items()}


def flagged(row: TrialRow) -> bool:
    """Whether a flag counts against it."""
    return not COUNTED_FLAGS.isdisjoint(row.flags)


def unflagged(rows: Sequence[TrialRow]) -> list[TrialRow]:
    """The trials that no flag counts against; all of them if there is one against each."""
    return [row for row in rows if not flagged(row)] or list(rows)
