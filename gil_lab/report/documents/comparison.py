"""Two sessions side by side."""

from collections.abc import Iterator

from gil_lab.analysis.comparison import Comparison
from gil_lab.analysis.comparison.differences import Difference
from gil_lab.analysis.comparison.paces import Paces
from gil_lab.analysis.comparison.rows import ComparisonRow, comparison_row
from gil_lab.report.documents.document import Document
from gil_lab.report.tables.as_data import as_dicts
from gil_lab.report.tables.blocks import Block, Note, Pairs
from gil_lab.report.tables.comparison import comparison_tables, differences_table, naming
from gil_lab.report.tables.table import signs
from gil_lab.report.text import comparison as text


def comparison_document(comparison: Comparison) -> Document:
    """A row a pair of cells, also those that cannot be compared; in JSON what A and B are and how they differ, too."""
    return Document(
        lambda: _blocks(comparison),
        list(map(comparison_row, comparison.cells)),
        ComparisonRow,
        whole=lambda: _whole(comparison),
    )


def _whole(comparison: Comparison) -> object:
    return {
        "sessions": as_dicts(text.sessions(comparison), text.Named),
        "differences": as_dicts(comparison.differences.differing, Difference),
        "same": comparison.differences.same,
        "pace": {**as_dicts([comparison.paces], Paces)[0], "state": comparison.paces.state},
        "cells": as_dicts(list(map(comparison_row, comparison.cells)), ComparisonRow),
    }


def _blocks(comparison: Comparison) -> Iterator[Block]:
    """What A and B are and how they differ, the cells beside each other, a sentence for each of them."""
    for session in text.sessions(comparison):
        yield Pairs([(session.name, text.legend(session)), ("", session.folder)])
    yield ""
    if comparison.differences.differing:
        yield differences_table(comparison)
    lines = text.what_is_the_same(comparison), text.warning(comparison), text.cpu_speed(comparison.paces)
    yield from filter(None, lines)
    yield ""
    groups, called = comparison_tables(comparison), naming(comparison.cells)
    tables = [table for table, _ in groups]
    yield from tables
    yield from map(Note, signs(tables))
    for table, cells in groups:
        yield f"\n{table.title}:" if len(groups) > 1 else ""
        yield Pairs([(called(cell), text.sentence(cell)) for cell in cells])
    if alone := text.left_alone(comparison):
        yield "\nNot compared:"
        yield Pairs(alone)
    if remarks := text.remarks(comparison):
        yield ""
        yield from remarks
