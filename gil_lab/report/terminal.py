"""The report as text: map, table and a sentence for each cell, at whatever width the terminal has."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from gil_lab.report.columns import by_workload, legend, shown, texts, title
from gil_lab.report.text_map import ASCII, UNICODE, letters, text_map
from gil_lab.report.text_timeline import text_timeline
from gil_lab.report.words import doubts, drift, name, sentence, single_round, untold
from gil_lab.stats import Summary
from gil_lab.timelines import Timeline


class Map:
    """The map of some cells, as wide as there is room."""

    def __init__(self, summaries: Sequence[Summary], cores: int | None) -> None:
        self.summaries, self.cores = summaries, cores

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        signs = ASCII if options.ascii_only else UNICODE
        for line in text_map(self.summaries, self.cores, options.max_width, signs):
            yield Text(line, no_wrap=True, overflow="crop")


class Lanes:
    """The timeline of one cell, as wide as there is room."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        first, *lanes = text_timeline(self.timeline, options.max_width, ascii_only=options.ascii_only)
        yield Text(first, style="bold")
        for line in lanes:
            yield Text(line, no_wrap=True, overflow="crop")


def table(summaries: Sequence[Summary], marks: Mapping[str, Summary] | None = None) -> Table:
    """The summaries of one workload as a table that fits 80 columns; `marks` are their letters on the map."""
    columns = shown(summaries)
    letter_of = {id(summary): letter for letter, summary in (marks or {}).items()}
    made = Table(
        title=Text(title(summaries)),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=0,
        show_edge=False,
    )
    if marks:
        made.add_column(no_wrap=True)
    for column in columns:
        # Of a table that is too wide the names are folded, and never a number.
        justify: Literal["left", "right"] = "right" if column.right else "left"
        made.add_column(Text("\n".join(column.heading)), justify=justify, no_wrap=column.right, overflow="fold")
    for summary in summaries:
        mark = [letter_of.get(id(summary), "")] if marks else []
        made.add_row(*map(Text, (*mark, *texts(summary, columns))))
    return made


def maps(summaries: Sequence[Summary], cores: int | None) -> Iterator[RenderableType]:
    """The map of each kind of work, and under it the table, whose first column holds the letters of the map."""
    for group in by_workload(summaries):
        yield Map(group, cores)
        yield ""
        yield table(group, letters(group))
    yield from signs(summaries)


def tables(summaries: Sequence[Summary]) -> Iterator[RenderableType]:
    for group in by_workload(summaries):
        yield table(group)
    yield from signs(summaries)


def signs(summaries: Sequence[Summary]) -> Iterator[RenderableType]:
    for sign in legend(summaries):
        yield Text(sign, style="dim")


def lanes(timelines: Sequence[Timeline]) -> Iterator[RenderableType]:
    """Who ran which task when, cell by cell, and how to read it."""
    for timeline in timelines:
        yield Lanes(timeline)
        yield ""
    if not timelines:
        yield "No traced pass: measure something first."
        return
    yield Text("One line a worker; as high as the task was running (how much, not when).", style="dim")


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
    for line in filter(None, (drift(summaries), untold(summaries), single_round(summaries))):
        yield Text(f"\n{line}")


def as_text(summaries: Sequence[Summary], width: int = 80) -> str:
    """Tables as plain text of at most `width` columns."""
    plain = Console(width=width, no_color=True, force_terminal=False, markup=False, emoji=False, highlight=False)
    with plain.capture() as captured:
        for part in tables(summaries):
            plain.print(part)
    return captured.get().rstrip() + "\n"
