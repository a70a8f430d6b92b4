"""The report as text: a table and a sentence for each cell, at whatever width the terminal has."""

from collections.abc import Iterator, Sequence
from typing import Literal

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from gil_lab.report.columns import by_workload, legend, shown, texts, title
from gil_lab.report.words import doubts, drift, name, sentence
from gil_lab.stats import Summary


def table(summaries: Sequence[Summary]) -> Table:
    """The summaries of one workload as a table that fits 80 columns."""
    columns = shown(summaries)
    made = Table(
        title=Text(title(summaries)),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=0,
        show_edge=False,
    )
    for column in columns:
        # Of a table that is too wide the names are folded, and never a number.
        justify: Literal["left", "right"] = "right" if column.right else "left"
        made.add_column(Text("\n".join(column.heading)), justify=justify, no_wrap=column.right, overflow="fold")
    for summary in summaries:
        made.add_row(*map(Text, texts(summary, columns)))
    return made


def tables(summaries: Sequence[Summary]) -> Iterator[RenderableType]:
    for group in by_workload(summaries):
        yield table(group)
    for sign in legend(summaries):
        yield Text(sign, style="dim")


def verdicts(summaries: Sequence[Summary]) -> Iterator[RenderableType]:
    """A sentence for each cell, and what speaks against the numbers."""
    groups = by_workload(summaries)
    for group in groups:
        if len(groups) > 1:
            yield Text(f"{title(group)}:")
        grid = Table.grid(padding=(0, 2, 0, 0))
        for summary in group:
            grid.add_row(Text(name(summary)), Text(sentence(summary)))
        yield grid
    if lines := doubts(summaries):
        yield Text("\nDoubtful, so measure again on a quiet machine:")
        for line in lines:
            yield Text(f"  {line}")
    if line := drift(summaries):
        yield Text(f"\n{line}")


def as_text(summaries: Sequence[Summary], width: int = 80) -> str:
    """Tables as plain text of at most `width` columns."""
    plain = Console(width=width, no_color=True, force_terminal=False, markup=False, emoji=False, highlight=False)
    with plain.capture() as captured:
        for part in tables(summaries):
            plain.print(part)
    return captured.get().rstrip() + "\n"
