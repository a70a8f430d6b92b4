"""Sessions with made-up results, for faults below the command line."""

from collections.abc import Sequence
from pathlib import Path

from made import cell, result
from made import trial as made_trial

from gil_lab.model.records import Status
from gil_lab.sessions.reader import Session, read, read_rows
from gil_lab.sessions.reopened import ReopenedFolder
from gil_lab.sessions.schema import FILES
from gil_lab.sessions.writer import Folder

VERSIONS = {"3.11": "python 3.11.7"}
FORMULA = '=1, "quoted", and more'
"""A detail that stands in quotes."""


def planned(count):
    return [made_trial(number=number, round=number, cell=cell("sequential")) for number in range(1, count + 1)]


def finished(number):
    """Every third trial is a failure, with a detail that must be quoted."""
    trial = planned(number)[-1]
    return result(Status.ERROR, trial=trial, detail=FORMULA) if number % 3 == 0 else result(trial=trial)


def new(out: Path, count: int) -> Folder:
    about = {"experiment": "cpu-bound", "trials": count}
    return Folder(out, "cpu-bound", "host", about, VERSIONS, planned(count))


def reopened(path: Path) -> ReopenedFolder:
    return ReopenedFolder(path, {row.trial for row in read(path).final}, VERSIONS, 0, "")


def write(out: Path, count: int, of: int | None = None) -> Path:
    """A session in which so many trials are finished, of which more may be planned."""
    folder = new(out, of or count)
    for number in range(1, count + 1):
        folder.append(finished(number))
    folder.close()
    return folder.path


def finish(path: Path, count: int) -> None:
    """Reopen it and append what is missing."""
    folder = reopened(path)
    done = {row.trial for row in read(path).trials}
    for number in range(1, count + 1):
        if number not in done:
            folder.append(finished(number))
    folder.close()


def all_rows(path: Path) -> dict[str, list[object]]:
    """Of each file, in the order of the trials; notes are not looked at."""
    session = read(path)
    return {name: read_rows(session, name) for name in FILES if name != "trials.csv"} | {"trials": session.trials}


def numbers(session: Session) -> Sequence[int]:
    return [row.trial for row in session.trials]
