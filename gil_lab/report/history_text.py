"""The history in a terminal of 80 columns."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gil_lab.analysis.history import History
from gil_lab.report.tables.history import ASCII_LEVELS, LEVELS, TextTable, by_cell, by_session, signs

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def parts(history: History, *, ascii_only: bool = False) -> "Iterator[RenderableType]":
    """A line a session, a line for each cell that was measured more than once, what the signs mean, and notes."""
    from rich.text import Text

    cells = by_cell(history.rows, ASCII_LEVELS if ascii_only else LEVELS)
    tables = [by_session(history.rows), *cells]
    for table in tables:
        yield _table(table)
        yield Text()
    for sign in signs(tables):
        yield Text(sign, style="dim")
    for note in history.notes:
        yield Text(f"Note: {note}")


def _table(table: TextTable) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(
        title=Text(table.title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
    )
    for lines, right in table.headings.items():
        # Of a table that is too wide the names are folded, and never a number.
        made.add_column(Text("\n".join(lines)), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in table.rows:
        made.add_row(*map(Text, row))
    return made
