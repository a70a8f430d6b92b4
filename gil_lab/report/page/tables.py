"""The result table with what each of its cells is sorted by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gil_lab.report.columns import Column, heading, shown, texts, title
from gil_lab.report.page.about import plain
from gil_lab.stats import Summary

NUMBER = re.compile(r"~?([0-9]+(?:\.[0-9]+)?)")
"""At the beginning of a cell: `~0.849 ±24%` is sorted as 0.849, as precisely as it is shown."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown, and the number it is sorted by; empty where it has none."""

    text: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One cell of the session. The first item is its name; `failure` stands in place of the numbers it lacks."""

    cells: list[Cell]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one kind of work."""

    caption: str
    headings: list[tuple[str, bool]]
    """Text, and whether the column has numbers."""
    rows: list[Row]


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
        return Row(cells)
    return Row([cell for cell in cells[:-1] if cell.text], f"{summary.status}: {plain(summary.detail)}")


def _cell(text: str, column: Column) -> Cell:
    number = NUMBER.match(text) if column.right else None
    return Cell(text, number[1] if number else "")
