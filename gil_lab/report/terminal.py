"""The report as text: map, matrix, table and a sentence for each cell, at whatever width the terminal has."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.observations import Observed
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.timelines import Timeline
from gil_lab.model.cell_names import naming
from gil_lab.report.tables.matrix import matrices
from gil_lab.report.tables.results import (
    NAMES,
    Column,
    by_workload,
    legend,
    narrower,
    several_pythons,
    shown,
    texts,
    title,
)
from gil_lab.report.text import interpreters as across_words
from gil_lab.report.text import observations as observed_words
from gil_lab.report.text.map import ASCII, UNICODE, letters, text_map
from gil_lab.report.text.sentences import doubts, drift, name, sentence, single_round, told_once, untold
from gil_lab.report.text.timeline import text_timeline
from gil_lab.report.text_matrix import glances
from gil_lab.sessions import reader

MOST_PYTHONS = 18
"""Columns that names of interpreters take beside what is said of them."""
MAX = 10_000
"""Columns of a terminal in which every table fits."""


class Source(Protocol):
    """What is reported; `gil_lab.analysis.results.SessionResults` is one."""

    @property
    def session(self) -> reader.Session: ...

    @property
    def rows(self) -> Sequence[Summary]: ...

    @property
    def across(self) -> Sequence[Across]: ...

    @property
    def usable_cores(self) -> int | None: ...

    @property
    def observed(self) -> Sequence[Observed]: ...


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

    def __init__(self, timeline: Timeline, called: str) -> None:
        self.timeline, self.called = timeline, called

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = text_timeline(self.timeline, options.max_width, called=self.called, ascii_only=options.ascii_only)
        first, *lanes = shown
        yield Text(first, style="bold")
        for line in lanes:
            yield Text(line, no_wrap=True, overflow="crop")


class Cells:
    """The table of one workload, which fits 80 columns; two tables where many columns do not fit side by side.

    `marks` are the letters of its cells on the map.
    """

    def __init__(self, summaries: Sequence[Summary], marks: Mapping[str, Sequence[Summary]] | None = None) -> None:
        self.summaries, self.marks = summaries, marks

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = shown(self.summaries)
        for first, further in [(columns, []), *narrower(columns)]:
            told = [one for one in self.summaries if any(column.text(one) for column in further if column not in NAMES)]
            made = [table(self.summaries, first, self.marks)]
            made += [table(told, further, self.marks, titled=False)] if further else []
            wide = options.update(max_width=MAX)
            if all(console.measure(each, options=wide).maximum <= options.max_width for each in made):
                break
        for number, each in enumerate(made):
            yield from ("", each) if number else (each,)


def table(
    summaries: Sequence[Summary],
    columns: Sequence[Column],
    marks: Mapping[str, Sequence[Summary]] | None = None,
    *,
    titled: bool = True,
) -> Table:
    """These columns of the summaries of one workload; `marks` are their letters on the map."""
    letter_of = {id(summary): letter for letter, alike in (marks or {}).items() for summary in alike}
    made = Table(
        title=Text(title(summaries)) if titled else None,
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
        made.add_row(*map(Text, (*mark, *texts(summary, columns))), style="dim" if summary.doubtful else None)
    return made


def report(source: Source) -> Iterator[RenderableType]:
    """All of it: maps, matrices and tables, then what the numbers say and what speaks against them."""
    yield from maps(source.rows, source.usable_cores, source.across)
    yield ""
    yield from verdicts(source.rows, source.across)
    yield from observations(source.observed)
    if line := across_words.missing(source.session.about):
        yield Text(f"\n{line}")


def maps(summaries: Sequence[Summary], cores: int | None, across: Sequence[Across] = ()) -> Iterator[RenderableType]:
    """The map of each kind of work, the matrix where several interpreters ran it, and the table.

    The first column of the table holds the letters of the map.
    """
    for group, matrix in matrices(summaries, across):
        marks = letters(group) if any(one.cell.workers > 1 for one in group) else {}
        if marks:  # where nothing ran at the same time, there is nothing to be seen on a map
            yield Map(group, cores)
        for glance in glances(matrix, marks):
            yield ""
            yield glance
        yield ""
        yield Cells(group, marks)
    yield from signs(summaries)


def tables(summaries: Sequence[Summary], across: Sequence[Across] = ()) -> Iterator[RenderableType]:
    """Without the maps."""
    for group, matrix in matrices(summaries, across):
        for glance in glances(matrix):
            yield glance
            yield ""
        yield Cells(group)
    yield from signs(summaries)


def signs(summaries: Sequence[Summary]) -> Iterator[RenderableType]:
    for sign in legend(summaries):
        yield Text(sign, style="dim")


def lanes(timelines: Sequence[Timeline]) -> Iterator[RenderableType]:
    """Who ran which task when, cell by cell, and how to read it."""
    called = naming(timeline.cell for timeline in timelines)
    for timeline in timelines:
        yield Lanes(timeline, called(timeline.cell))
        yield ""
    if not timelines:
        yield "No traced pass: measure something first."
        return
    yield Text("One line a worker; as high as the task was running (how much, not when).", style="dim")


def verdicts(summaries: Sequence[Summary], across: Sequence[Across] = ()) -> Iterator[RenderableType]:
    """A sentence for each cell, how the interpreters compare, and what speaks against the numbers."""
    groups = by_workload(summaries)
    for group in groups:
        if len(groups) > 1:
            yield Text(f"{title(group)}:")
        yield from _sentences(group)
    if told := across_words.sentences(across):
        yield ""
        yield _grid(told)
    if lines := doubts(summaries):
        yield Text("\nDoubtful, so measure again on a quiet machine:")
        for line in lines:
            yield Text(f"  {line}")
    for line in filter(None, (drift(summaries), untold(summaries), single_round(summaries))):
        yield Text(f"\n{line}")


def observations(observed: Sequence[Observed]) -> Iterator[RenderableType]:
    """What workloads told beside their answers, if they did."""
    if told := observed_words.lines(observed):
        yield Text(f"\n{observed_words.HEADING}", style="bold")
        yield _grid(told)


def _sentences(group: Sequence[Summary]) -> Iterator[RenderableType]:
    """Where several interpreters ran it, below the name of each strategy."""
    if not several_pythons(group):
        yield _grid([(name(summary), sentence(summary)) for summary in group])
        return
    told = told_once(group)
    widest = min(MOST_PYTHONS, max(len(pythons) for rows in told.values() for pythons, _ in rows))
    for called, rows in told.items():
        yield Text(called, style="bold")
        yield _grid([("", pythons, one) for pythons, one in rows], widest)


def _grid(rows: Sequence[tuple[str, ...]], width: int | None = None) -> Table:
    """Names and what is said of them; `width` is that of the names behind an indent."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for column in range(len(rows[0])):
        grid.add_column(width=width if column == len(rows[0]) - 2 else None)
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid


def as_text(
    summaries: Sequence[Summary], across: Sequence[Across] = (), observed: Sequence[Observed] = (), width: int = 80
) -> str:
    """Tables, and what was observed, as plain text of at most `width` columns."""
    plain = Console(width=width, no_color=True, force_terminal=False, markup=False, emoji=False, highlight=False)
    with plain.capture() as captured:
        for part in (*tables(summaries, across), *observations(observed)):
            plain.print(part)
    return captured.get().rstrip() + "\n"
