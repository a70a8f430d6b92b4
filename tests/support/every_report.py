"""Every report that there is of a results folder, made in this process: nothing may come out of them but one line."""

import io
import json
from pathlib import Path
from unittest import mock

from rich.console import Console

from gil_lab.analysis.comparison import compare
from gil_lab.analysis.history import history
from gil_lab.experiment import claims_of, experiments
from gil_lab.experiment.results import Results
from gil_lab.model.errors import GilLabError
from gil_lab.report import pictures
from gil_lab.report.documents.claims import claims_blocks
from gil_lab.report.documents.comparison import comparison_document
from gil_lab.report.documents.document import FORMATS
from gil_lab.report.documents.history import history_document
from gil_lab.report.documents.session import report, session_document, timelines
from gil_lab.report.drawing import placement
from gil_lab.report.drawing.picture import NothingToDrawError
from gil_lab.report.page import page
from gil_lab.report.tables.as_rich import as_rich
from gil_lab.report.trace_file import as_trace

COLUMNS = 100
FIRST_PLACE_IS_GOOD_ENOUGH = {"SIDES": (), "MIXED_ORDERS": 0, "CLEARINGS": (0,), "ASIDE": (), "FARTHEST": 30}
"""Labels are placed once: to look for better places, which test_picture_labels.py is about, takes half of a report."""


def printed(blocks):
    """As a terminal shows it."""
    console = Console(file=io.StringIO(), width=COLUMNS, markup=False, emoji=False, highlight=False)
    for part in as_rich(blocks):
        console.print(part)
    return console.file.getvalue()


def _pictures(results):
    """All of them, each drawn once: JSON, or why there is none; and the page."""
    undrawn, drawn, told, unreadable = {}, [], {}, ""
    for name in pictures.names():
        try:
            with mock.patch.multiple(placement, **FIRST_PLACE_IS_GOOD_ENOUGH):
                drawn.append(results.picture(name))
        except NothingToDrawError as error:
            told[name] = undrawn[name] = one_line(error)
        except GilLabError as error:
            told[name] = unreadable = one_line(error)
        else:
            told[name] = json.dumps(drawn[-1].spec, allow_nan=False)
    html = unreadable or page(results, drawn, undrawn=undrawn, claims=claims_of(results))
    return {"html": html, **{f"picture {name}": text for name, text in told.items()}}


def one_line(error):
    """The message of an error of the lab's own, which anybody can read in one line."""
    told = str(error)
    assert told
    assert told.isprintable(), ascii(told)
    assert len(told) < 2000, told[:200]
    return told


def _claims(results):
    """Of every experiment of the lab: the file can call itself any of them."""
    return {one.design.name: [(one.chapter or "", one.check(results))] for one in experiments()}


ONE = {
    "table": lambda results, good: printed(report(results)),
    "lanes": lambda results, good: printed(timelines(results.timelines)),
    **{name: lambda results, good, write=write: write(session_document(results)) for name, write in FORMATS.items()},
    "notebook": lambda results, good: results._repr_html_() + repr(results),
    "trace": lambda results, good: as_trace(results),
    "claims": lambda results, good: printed(claims_blocks(claims_of(results))),
    "compared": lambda results, good: printed(comparison_document(compare(results, good)).blocks()),
    "compared with": lambda results, good: printed(comparison_document(compare(good, results)).blocks()),
    **{
        f"compared {name}": lambda results, good, write=write: write(comparison_document(compare(results, good)))
        for name, write in FORMATS.items()
    },
    "derived": lambda results, good: "".join(path.read_text() for path in results.write()),
}
"""Of a session, perhaps beside a good one; each gives a text."""


def every_report(folder: Path, good: Results) -> dict[str, str]:
    """By name, the text of each report on the folder, or the one line that says why there is none."""
    raw = _raw(folder)
    found = history(folder)
    told = {name: write(found) for name, write in _ALL.items()}
    try:
        results = Results.read(folder)
    except GilLabError as error:
        return {**told, "read": one_line(error)}
    for name, make in ONE.items():
        told[name] = _text(lambda make=make: make(results, good))
    told |= _pictures(results)
    for note in results.session.notes:
        assert note.isprintable(), ascii(note)
    assert _raw(folder) == raw, "a raw file was written"
    return told


_ALL = {
    "all sessions": lambda found: printed(history_document(found).blocks()),
    **{
        f"all sessions {name}": lambda found, write=write: write(history_document(found))
        for name, write in FORMATS.items()
    },
}


def _raw(folder):
    """Of its files that no report makes: what tells whether one was written."""
    made = ("summary.csv", "core_use.csv")
    seen = {path.name: path.lstat() for path in folder.iterdir() if path.name not in made}
    return {name: (one.st_ino, one.st_size, one.st_mtime_ns) for name, one in seen.items()}


def _text(make):
    try:
        return make()
    except GilLabError as error:
        return one_line(error)
