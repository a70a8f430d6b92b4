"""One session: map, matrix, table and a sentence for each cell."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Protocol

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.dispatch import dispatches
from gil_lab.analysis.observations import Observed
from gil_lab.analysis.scaling import Scaling
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.timelines import Timeline
from gil_lab.model.cell_names import cell_name, naming
from gil_lab.report.documents.document import Document
from gil_lab.report.documents.prediction import Predicted
from gil_lab.report.tables.as_data import as_dicts
from gil_lab.report.tables.as_rich import plain_text
from gil_lab.report.tables.blocks import Block, Drawing, Heading, Note, Pairs
from gil_lab.report.tables.dispatch import dispatch_table
from gil_lab.report.tables.matrix import matrices
from gil_lab.report.tables.results import by_workload, results_table, several_pythons, title
from gil_lab.report.tables.table import signs
from gil_lab.report.text import interpreters, scaling
from gil_lab.report.text import observations as beside
from gil_lab.report.text.calibration import report_line
from gil_lab.report.text.chunks import chunks
from gil_lab.report.text.map import letters, text_map
from gil_lab.report.text.remarks import remarks
from gil_lab.report.text.sentences import (
    drift,
    duration,
    flag_lines,
    grouped_sentences,
    name,
    remedies,
    restless,
    sentence,
    too_few_rounds,
    unknown_states,
    unseen_gils,
    without_ranking,
)
from gil_lab.report.text.timeline import text_timeline
from gil_lab.report.text.timeline import title as timeline_title
from gil_lab.sessions import reader
from gil_lab.sessions.calibrations import Calibration, utc_time

MAX_PYTHONS = 18
"""Columns that names of interpreters take beside what is said of them."""


class Reported(Protocol):
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

    @property
    def scalings(self) -> Sequence[Scaling]: ...

    @property
    def calibrations(self) -> Sequence[Calibration]: ...


def report(source: Reported) -> Iterator[Block]:
    """All of it: maps, matrices and tables, then what the numbers say and what speaks against them."""
    yield from _maps(source.rows, source.usable_cores, source.across)
    yield ""
    yield from verdicts(source.rows, source.across, source.session.remedy)
    yield from laws(source.scalings)
    yield from observations(source.observed)
    if line := interpreters.missing(source.session.about):
        yield f"\n{line}"
    if line := interpreters.library_threads(source.session.about, (row.cell.interpreter for row in source.rows)):
        yield f"\n{line}"
    if line := chunks(source.session.about):
        yield f"\n{line}"
    if line := calibrated(source):
        yield f"\n{line}"


def calibrated(source: Reported) -> str:
    """How small a difference its machine shows; empty if there is no recent calibration."""
    if not source.calibrations:
        return ""
    at = utc_time(source.session.began_utc)
    return report_line(source.calibrations, at) if at else ""


def session_document(source: Reported, predicted: Predicted | None = None) -> Document:
    """As JSON, that of a session which was predicted has two parts: its cells, and what became of the prediction."""

    def whole() -> object:
        return {"cells": as_dicts(source.rows, Summary), "prediction": predicted.data() if predicted else None}

    return Document(lambda: _whole_summary(source, predicted), source.rows, Summary, whole if predicted else None)


def _whole_summary(source: Reported, predicted: Predicted | None) -> Iterator[Block]:
    if predicted:
        yield from predicted.blocks()
    yield from summary(source.rows, source.across, source.observed)
    yield from laws(source.scalings)
    if line := calibrated(source):
        yield line


def summary(
    summaries: Sequence[Summary], across: Sequence[Across], observed: Sequence[Observed], *, verdicts: bool = True
) -> Iterator[Block]:
    """What stands in documents and notebooks: they have pictures in the place of maps and sentences.

    `verdicts` are a column for what is wider than a terminal.
    """
    yield from tables(summaries, across, verdicts=verdicts)
    if compared := interpreters.sentences(across):
        yield Pairs(compared)
    yield from observations(observed)


def map_of(summaries: Sequence[Summary], cores: int | None) -> Drawing:
    return Drawing(lambda width, ascii_only: text_map(summaries, cores, width, ascii_only=ascii_only))


def _maps(summaries: Sequence[Summary], cores: int | None, across: Sequence[Across]) -> Iterator[Block]:
    """The map of each kind of work, the matrix where several interpreters ran it, and the table.

    Names in both have the letters of the map before them.
    """
    yield from _dispatch(summaries)
    for group, matrix in matrices(summaries, across):
        marks = letters(group) if any(one.cell.workers > 1 for one in group) else {}
        if marks:  # where nothing ran at the same time, there is nothing to be seen on a map
            yield map_of(group, cores)
        if matrix:
            yield ""
            yield matrix.table({cell_name(alike[0].cell): letter for letter, alike in marks.items()})
        yield ""
        yield results_table(group, marks)
    yield from _signs(summaries)


def tables(summaries: Sequence[Summary], across: Sequence[Across] = (), *, verdicts: bool = False) -> Iterator[Block]:
    """Without the maps."""
    yield from _dispatch(summaries)
    for group, matrix in matrices(summaries, across):
        if matrix:
            yield matrix.table()
            yield ""
        yield results_table(group, verdicts=verdicts)
    yield from _signs(summaries)


def _dispatch(summaries: Sequence[Summary]) -> Iterator[Block]:
    """What a task takes, where it was measured over lengths and chunks."""
    for found in dispatches(summaries):
        yield dispatch_table(found)
        yield ""


def _signs(summaries: Sequence[Summary]) -> Iterator[Block]:
    yield from map(Note, signs(map(results_table, by_workload(summaries))))


def timelines(shown: Sequence[Timeline]) -> Iterator[Block]:
    """Who ran which task when, cell by cell, and how to read it."""
    called = naming(timeline.cell for timeline in shown)
    axis_s = max((timeline.wall_s for timeline in shown), default=0.0)
    for timeline in shown:
        yield Heading(timeline_title(timeline, called(timeline.cell)))
        yield _lanes(timeline, axis_s)
        yield ""
    if not shown:
        yield "No traced pass: measure something first."
        return
    yield Note("One traced pass, which is not timed. One line a worker; as high as its task ran (how much, not when).")
    if len(shown) > 1:
        yield Note(f"All have the same axis of time, of {duration(axis_s)}; one alone fills it: --timeline NAME")


def _lanes(timeline: Timeline, axis_s: float) -> Drawing:
    return Drawing(lambda width, ascii_only: text_timeline(timeline, width, ascii_only=ascii_only, axis_s=axis_s))


def verdicts(summaries: Sequence[Summary], across: Sequence[Across], remedy: str) -> Iterator[Block]:
    """A sentence for each cell, how the interpreters compare, and what speaks against the numbers.

    `remedy` is what a user asks for so that they are known better.
    """
    groups = by_workload(summaries)
    if line := without_ranking(summaries):
        yield f"{line}\n"
    for group in groups:
        if len(groups) > 1:
            yield f"{title(group)}:"
        yield from _sentences(group)
    if compared := interpreters.sentences(across):
        yield ""
        yield Pairs(compared)
    if lines := flag_lines(summaries):
        yield "\nFlagged:"
        yield from (f"  {line}" for line in lines)
        yield Pairs(remedies(summaries))
    doubts = (
        drift(summaries, remedy),
        restless(summaries),
        unknown_states(summaries),
        unseen_gils(summaries),
        *remarks(summaries),
        too_few_rounds(summaries, remedy),
    )
    yield from (f"\n{line}" for line in doubts if line)


def observations(observed: Sequence[Observed]) -> Iterator[Block]:
    """What workloads reported beside their answers, if they did."""
    if lines := beside.lines(observed):
        yield Heading(f"\n{beside.HEADING}")
        yield Pairs(lines)


def laws(scalings: Sequence[Scaling]) -> Iterator[Block]:
    """What the laws of scaling say of each sweep over the number of workers, if there is one."""
    if lines := scaling.lines(scalings):
        yield Heading(f"\n{scaling.HEADING}")
        yield Pairs(lines)


def _sentences(group: Sequence[Summary]) -> Iterator[Block]:
    """Where several interpreters ran it, below the name of each strategy."""
    if not several_pythons(group):
        yield Pairs([(name(summary), sentence(summary)) for summary in group])
        return
    by_strategy = grouped_sentences(group)
    widest = min(MAX_PYTHONS, max(len(pythons) for rows in by_strategy.values() for pythons, _ in rows))
    for called, rows in by_strategy.items():
        yield Heading(called)
        yield Pairs([("", *row) for row in rows], widest)


def as_text(
    summaries: Sequence[Summary],
    across: Sequence[Across] = (),
    observed: Sequence[Observed] = (),
    answer: Sequence[str] = (),
    width: int = 80,
) -> str:
    """The answer, tables, and what was observed, as plain text of at most `width` columns."""
    first = [*answer, ""] if answer else []
    return plain_text(chain(first, tables(summaries, across), observations(observed)), width).rstrip() + "\n"
