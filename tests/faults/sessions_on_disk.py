"""Sessions with made-up results, for faults below the command line."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from made import cell, result
from made import measurement as made_measurement
from made import trial as made_trial

from gil_lab.model.records import Flag, Pass, Status
from gil_lab.sessions.reader import Session, read, read_rows
from gil_lab.sessions.reopened import ReopenedFolder
from gil_lab.sessions.schema import FILES
from gil_lab.sessions.writer import Folder, StartedTrial

VERSIONS = {"3.11": "python 3.11.7"}
FORMULA = '=1, "quoted", and more'
"""A detail that stands in quotes."""
SIDE_BY_SIDE = 2
"""Trials of a generation."""
ROUNDS = 2
"""Of a generation."""
TASKS = 8
"""Of a trial, as `made` has them."""


def measurement():
    """Tasks that lie within the traced pass: of others a reader would say that they cannot have been measured."""
    passes = (Pass("warm-up", 0, 300), Pass("timed", 1000, 1250), Pass("traced", 2000, 3000))
    return made_measurement(passes=passes)


def planned(count):
    one = cell("sequential", tasks=TASKS)
    return [made_trial(number=number, round=number, cell=one) for number in range(1, count + 1)]


def finished(number):
    """Every third trial is a failure, with a detail that must be quoted."""
    trial = planned(number)[-1]
    if number % 3 == 0:
        return result(Status.ERROR, trial=trial, detail=FORMULA)
    return result(trial=trial, measurement=replace(measurement(), turns=turns(number)))


def turns(number):
    """Those of a trial, one a round."""
    (turn,), place = measurement().turns, (number - 1) % SIDE_BY_SIDE
    first = 1 + (number - 1) // SIDE_BY_SIDE * ROUNDS
    samples = 4 * turn.samples  # more rows than a start has: a disk is full in rounds as well
    return tuple(replace(turn, round=first + later, place=1 + place, samples=samples) for later in range(ROUNDS))


def relayed(folder: Folder, count: int) -> Iterator[tuple[str, int]]:
    """Measured side by side: each round or trial once it is on disk. What fails does so after its first turn."""
    plan = planned(count)
    for first in range(0, count, SIDE_BY_SIDE):
        trials = plan[first : first + SIDE_BY_SIDE]
        folder.append_starts([StartedTrial.of(result(trial=trial), measurement()) for trial in trials])
        for later in range(ROUNDS):
            taken = [(trial, turns(trial.number)[later]) for trial in trials if trial.number % 3 or not later]
            folder.append_turns(taken)
            yield "round", taken[0][1].round
        for trial in trials:
            folder.append(finished(trial.number))
            yield "trial", trial.number


def new(out: Path, count: int) -> Folder:
    about = {"experiment": "cpu-bound", "trials": count}
    return Folder(out, "cpu-bound", "host", about, VERSIONS, planned(count))


def reopened(path: Path, session: Session | None = None) -> ReopenedFolder:
    session = session or read(path)
    return ReopenedFolder(path, {row.trial for row in session.final}, VERSIONS, 0, "")


def write(out: Path, count: int, of: int | None = None) -> Path:
    """A session in which so many trials are finished, of which more may be planned."""
    folder = new(out, of or count)
    for number in range(1, count + 1):
        folder.append(finished(number))
    folder.close()
    return folder.path


def write_relayed(out: Path, count: int, until: tuple[str, int] | None = None) -> Path:
    """A session that ended, or that was killed as soon as that was on disk."""
    folder = new(out, count)
    for step in relayed(folder, count):
        if step == until:
            break
    folder.close()
    return folder.path


def finish(path: Path, count: int, session: Session | None = None) -> None:
    """Reopen it, as it was read, and append what is missing: of trials that were cut short there are rows then."""
    session = session or read(path)
    folder = reopened(path, session)
    done = {row.trial for row in session.trials}
    for number in range(1, count + 1):
        if number not in done:
            folder.append(finished(number))
    folder.close()


def keep_trials(path: Path, most: int) -> bytes:
    """Cut a session back to its first trials, as if it had been killed in the first round of the next one; returns what
    trials.csv then holds.
    """
    for name in ("turns.csv", "trials.csv"):
        header, *lines = (path / name).read_bytes().splitlines(keepends=True)
        kept = b"".join([header, *(line for line in lines if int(line.partition(b",")[0]) <= most)])
        (path / name).write_bytes(kept)
    return kept


def all_rows(path: Path) -> dict[str, list[object]]:
    """Of each file, in the order of the trials; notes are not looked at."""
    session = read(path)
    rows = {name: read_rows(session, name) for name in FILES if name != "trials.csv"} | {"trials": session.trials}
    return {name: sorted(found, key=lambda row: row.trial) for name, found in rows.items()}


def agree(found: dict[str, list[Any]], whole: dict[str, list[Any]]) -> set[int]:
    """Assert that two sessions have the same trials with the same rows, and return those that were cut short.

    Of these there are fewer rows; of those that failed, some that say nothing.
    """
    assert [row.trial for row in found["trials"]] == [row.trial for row in whole["trials"]]
    short = {row.trial for row in found["trials"] if row.flags == (Flag.CUT_SHORT,)}
    failed = {row.trial for row in found["trials"] if row.status is Status.ERROR}
    lacking = short | failed
    for name, rows in found.items():
        expected = whole[name]
        assert [row for row in rows if row.trial not in lacking] == [
            row for row in expected if row.trial not in lacking
        ], name
        if name != "trials":
            of_short = {trial: [row for row in expected if row.trial == trial] for trial in short}
            assert all(row in of_short[row.trial] for row in rows if row.trial in short), name
    return short


def numbers(session: Session) -> Sequence[int]:
    return [row.trial for row in session.trials]
