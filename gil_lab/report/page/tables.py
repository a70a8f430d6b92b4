"""The result table with what each of its cells is sorted by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gil_lab.analysis.summaries import Summary
from gil_lab.report.page.about import plain
from gil_lab.report.tables.matrix import Matrix
from gil_lab.report.tables.results import Column, heading, shown, texts, title

NUMBER = re.compile(r"~?(-?[0-9]+(?:\.[0-9]+)?)")
"""At the beginning of a cell: `~0.849 ±24%` is sorted as 0.849, as precisely as it is shown."""
LONGEST = 1000
"""Characters of a note."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown, and the number it is sorted by: empty where it has none, None in a column of words."""

    text: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One cell of the session. The first item is its name; `failure` stands in place of the numbers it lacks."""

    cells: list[Cell]
    failure: str = ""
    further: bool = False
    """Of a matrix: whether it belongs to the row above it."""
    doubtful: bool = False
    """Every round of it is: it is grey, and sorted behind the others."""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one kind of work."""

    caption: str
    headings: list[tuple[str, bool]]
    """Text, and whether the column has numbers."""
    rows: list[Row]
    sortable: bool = True
    notes: tuple[str, ...] = ()
    """What is said below it."""


def matrix_table(matrix: Matrix) -> Table:
    """Strategies x interpreters; its lines belong together, so that they cannot be sorted."""
    return Table(
        caption=f"{matrix.what[0].upper()}{matrix.what[1:]}, and cores busy",
        headings=[("", False), *((plain(python), True) for python in matrix.pythons)],
        rows=[
            Row([Cell(plain(line.name)), *(Cell(plain(text), "") for text in line.texts)], further=not line.first)
            for line in matrix.lines()
        ],
        sortable=False,
        notes=tuple(plain(told, LONGEST) for told in (*matrix.signs(), *matrix.reasons())),
    )


def table(summaries: Sequence[Summary]) -> Table:
    """Of one workload, as `by_workload` has it."""
    columns = shown(summaries)
    return Table(
        caption=plain(title(summaries)),
        headings=[(heading(column), column.right) for column in columns],
        rows=[_row(summary, columns) for summary in summaries],
    )


def _row(summary: Summary, columns: Sequence[Column]) -> Row:
    cells = [_cell(plain(text), column) for text, column in zip(texts(summary, columns), columns, strict=True)]
    if summary.wall_s is not None:
        return Row(cells, doubtful=summary.doubtful)
    return Row([cell for cell in cells[:-1] if cell.text], f"{summary.status}: {plain(summary.detail)}")


def _cell(text: str, column: Column) -> Cell:
    if not column.right:
        return Cell(text)
    number = NUMBER.match(text)
    return Cell(text, number[1] if number else "")
