"""Two sessions side by side for other programs and documents: CSV, JSON, Markdown."""

import json
from collections.abc import Callable, Iterable, Iterator

from gil_lab.analysis.comparison import Comparison
from gil_lab.analysis.comparison.cells import ComparedCell
from gil_lab.analysis.comparison.differences import Difference
from gil_lab.analysis.comparison.paces import Paces
from gil_lab.report.formats import as_csv, as_dicts, escaped, markdown_table
from gil_lab.report.tables import comparison as comparison_columns
from gil_lab.report.text import comparison as comparison_words
from gil_lab.report.text.comparison import Named


def comparison_as_csv(comparison: Comparison) -> str:
    """One row a pair of cells, also those that cannot be compared."""
    return as_csv(comparison.cells, ComparedCell)


def comparison_as_json(comparison: Comparison) -> str:
    """The same rows, with what A and B are and how they differ beside them."""
    whole = {
        "sessions": as_dicts(comparison_words.sessions(comparison), Named),
        "differences": as_dicts(comparison.differences.differing, Difference),
        "same": comparison.differences.same,
        "pace": {**as_dicts([comparison.paces], Paces)[0], "state": comparison.paces.state},
        "cells": as_dicts(comparison.cells, ComparedCell),
    }
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def comparison_as_markdown(comparison: Comparison) -> str:
    """What the terminal shows, in GitHub's dialect."""
    return "\n\n".join(_paragraphs(comparison)) + "\n"


def _paragraphs(comparison: Comparison) -> Iterator[str]:
    for session in comparison_words.sessions(comparison):
        yield f"**{session.name}**: {escaped(comparison_words.legend(session))}, {escaped(session.folder)}"
    if rows := comparison_columns.differing(comparison):
        yield markdown_table({"what differs": False, "A": False, "B": False}, rows)
    about = (comparison_words.what_is_the_same, comparison_words.warning)
    for line in (*(told(comparison) for told in about), comparison_words.pace(comparison.paces)):
        if line:
            yield escaped(line)
    shown, called = comparison_columns.columns(comparison), comparison_columns.naming(comparison.cells)
    for group in comparison_columns.by_work(comparison.compared):
        yield f"**{escaped(comparison_columns.title(group))}**"
        texts = [[column.text(cell) for column in shown] for cell in group]
        yield markdown_table({column.heading: column.right for column in shown}, texts)
        yield _bullets((called(cell), comparison_words.sentence(cell)) for cell in group)
    for sign in comparison_columns.legend(comparison.compared, shown):
        yield escaped(sign)
    if alone := comparison_words.left_alone(comparison):
        yield "Not compared:"
        yield _bullets(alone)
    yield from map(escaped, comparison_words.remarks(comparison))


def _bullets(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- {escaped(name)}: {escaped(text)}" for name, text in lines)


COMPARISON_FORMATS: dict[str, Callable[[Comparison], str]] = {
    "csv": comparison_as_csv,
    "json": comparison_as_json,
    "md": comparison_as_markdown,
}
