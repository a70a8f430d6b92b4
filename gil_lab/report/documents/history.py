"""All sessions below a folder."""

from collections.abc import Iterator

from gil_lab.analysis.history import History, HistoryRow
from gil_lab.report.documents.document import Document
from gil_lab.report.tables.blocks import Block, Note
from gil_lab.report.tables.history import ASCII_LEVELS, LEVELS, by_cell, by_session
from gil_lab.report.tables.table import signs


def history_document(history: History, *, ascii_only: bool = False) -> Document:
    """A row a session and cell: the columns of summary.csv behind those that name the session."""
    return Document(lambda: _blocks(history, ASCII_LEVELS if ascii_only else LEVELS), history.rows, HistoryRow)


def _blocks(history: History, levels: str) -> Iterator[Block]:
    """A line a session, a line for each cell that was measured more than once, what the signs mean, and notes."""
    tables = [by_session(history.rows), *by_cell(history.rows, levels)]
    for table in tables:
        yield table
        yield ""
    yield from map(Note, signs(tables))
    yield from (f"Note: {note}" for note in history.notes)
