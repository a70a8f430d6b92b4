"""All sessions below a folder in one table: how the same cell changed over time, and from machine to machine."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gil_lab.analysis.results import SessionResults
from gil_lab.analysis.summaries import Summary
from gil_lab.model.errors import StoreError
from gil_lab.model.frozen import frozen
from gil_lab.model.shares import check_share
from gil_lab.model.text import one_line
from gil_lab.sessions import reader

MAX_NOTE_CHARACTERS = 500


@frozen
class HistoryRow:
    """One cell of one session."""

    session: str
    """Its folder, as `gil-lab report` takes it."""
    began_utc: str
    experiment: str
    host: str
    summary: Summary


@frozen
class History:
    """One row a session and cell, the oldest session first; the cells of a session in the order of its report."""

    rows: tuple[HistoryRow, ...]
    notes: tuple[str, ...]
    """What could not be read, one line a session."""


def history(root: Path | str, threshold: float | None = None) -> History:
    """Summaries of the session in `root`, or of all sessions below it. Raises StoreError if there is none.

    Only session.json, trials.csv and turns.csv are read, and one session at a time: what is kept is a row a cell. A
    session that cannot be read is a note. Differences below `threshold` do not matter; None is what each session noted.
    """
    rows: list[HistoryRow] = []
    files: dict[str, object] = {}
    notes = []
    if threshold is not None:
        check_share("threshold", threshold)
    for folder in reader.sessions(Path(root)):
        name = one_line(str(folder), MAX_NOTE_CHARACTERS)
        try:
            results = SessionResults.read(folder, threshold)
        except StoreError as error:
            notes.append(one_line(f"{name} is left out: {error}", MAX_NOTE_CHARACTERS))
            continue
        session = results.session
        about = (name, session.began_utc, session.experiment, session.host)
        rows += [HistoryRow(*about, summary) for summary in results]
        files[name] = session.about.get("file")
        if session.notes:
            notes.append(one_line(f"{name}: {'; '.join(session.notes)}", MAX_NOTE_CHARACTERS))
    rows = [_of_its_file(row, files) for row in rows]
    rows.sort(key=lambda row: (row.began_utc, row.session))
    return History(tuple(rows), tuple(reversed(notes)))


def _of_its_file(row: HistoryRow, files: Mapping[str, object]) -> HistoryRow:
    """Work of a user's file is called after it: it is other work than the lab's own of that name.

    So it is with another content, which stands beside its name where there are several.
    """
    file = files[row.session]
    if not isinstance(file, dict) or not isinstance(file.get("name"), str):
        return row
    alike = [other for other in files.values() if isinstance(other, dict) and other.get("name") == file["name"]]
    content = f" {one_line(str(file.get('sha256'))[:6])}" if any(other != file for other in alike) else ""
    cell = row.summary.cell
    named = replace(cell, workload=f"{cell.workload} of {one_line(file['name'], 40)}{content}")
    return replace(row, summary=replace(row.summary, cell=named))
