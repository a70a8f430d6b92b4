"""Two sessions side by side in a terminal of 80 columns."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from gil_lab.analysis.comparison import Comparison
from gil_lab.analysis.comparison.cells import ComparedCell
from gil_lab.report.tables import comparison as comparison_columns
from gil_lab.report.tables.comparison import Column
from gil_lab.report.text import comparison as comparison_words

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def parts(comparison: Comparison) -> "Iterator[RenderableType]":
    """What A and B are and how they differ, the cells beside each other, a sentence for each of them.

    No text is taken for markup, whatever console prints it.
    """
    from rich.text import Text

    for session in comparison_words.sessions(comparison):
        yield _grid([(session.name, comparison_words.legend(session)), ("", session.folder)])
    yield Text()
    if rows := comparison_columns.differing(comparison):
        yield _differences(rows)
    about = (comparison_words.what_is_the_same, comparison_words.warning)
    for line in (*(told(comparison) for told in about), comparison_words.pace(comparison.paces)):
        if line:
            yield Text(line)
    yield Text()
    shown = comparison_columns.columns(comparison)
    called = comparison_columns.naming(comparison.cells)
    groups = comparison_columns.by_work(comparison.compared)
    for group in groups:
        yield _table(group, shown)
    for sign in comparison_columns.legend(comparison.compared, shown):
        yield Text(sign, style="dim")
    for group in groups:
        yield Text(f"\n{comparison_columns.title(group)}:" if len(groups) > 1 else "")
        yield _grid([(called(cell), comparison_words.sentence(cell)) for cell in group])
    if alone := comparison_words.left_alone(comparison):
        yield Text("\nNot compared:")
        yield _grid(alone)
    if lines := comparison_words.remarks(comparison):
        yield Text()
        yield from map(Text, lines)


def _grid(rows: Iterable[Sequence[str]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        grid.add_row(*(Text(text, overflow="fold") for text in row))
    return grid


def _simple(title: str) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    return Table(
        title=Text(title) if title else None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=0,
        show_edge=False,
    )


def _differences(rows: Iterable[Sequence[str]]) -> "Table":
    from rich.text import Text

    made = _simple("")
    for heading in ("what differs", "A", "B"):
        made.add_column(Text(heading), overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))
    return made


def _table(cells: Sequence[ComparedCell], columns: Sequence[Column]) -> "Table":
    from rich.text import Text

    made = _simple(comparison_columns.title(cells))
    for column in columns:
        # Of a table that is too wide the names are folded, and never a number.
        heading, right = Text("\n".join(column.narrow)), column.right
        made.add_column(heading, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for cell in cells:
        made.add_row(*(Text(column.text(cell)) for column in columns))
    return made
