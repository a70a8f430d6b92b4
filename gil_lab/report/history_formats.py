"""The history for other programs and documents: CSV, JSON, Markdown."""

import json
from collections.abc import Callable

from gil_lab.analysis.history import History, HistoryRow
from gil_lab.report.formats import as_csv, as_dicts, escaped, markdown_table
from gil_lab.report.tables.history import by_cell, by_session, signs


def history_as_csv(history: History) -> str:
    """One row a session and cell: the columns of summary.csv behind those that tell the session."""
    return as_csv(history.rows, HistoryRow)


def history_as_json(history: History) -> str:
    """The same rows as a list of flat objects."""
    return json.dumps(as_dicts(history.rows, HistoryRow), indent=1, allow_nan=False) + "\n"


def history_as_markdown(history: History) -> str:
    """What the terminal shows, in GitHub's dialect."""
    tables = [by_session(history.rows), *by_cell(history.rows)]
    paragraphs = []
    for table in tables:
        headings = {" ".join(lines).replace("- ", "").strip(): right for lines, right in table.headings.items()}
        paragraphs += [f"**{escaped(table.title)}**", markdown_table(headings, table.rows)]
    notes = [f"Note: {note}" for note in history.notes]
    return "\n\n".join([*paragraphs, *map(escaped, (*signs(tables), *notes))]) + "\n"


HISTORY_FORMATS: dict[str, Callable[[History], str]] = {
    "csv": history_as_csv,
    "json": history_as_json,
    "md": history_as_markdown,
}
