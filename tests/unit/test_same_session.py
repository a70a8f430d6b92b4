"""A table of another session that lies among those of a session is found and left out."""

import json
import shutil

import pytest
from made import changed, row, usage
from places import ROOT

from gil_lab.analysis.results import SessionResults
from gil_lab.cli.app import execute
from gil_lab.model.errors import StoreError
from gil_lab.model.records import Trial
from gil_lab.sessions import reader
from gil_lab.sessions.csv_table import columns, encoded, encoded_row
from gil_lab.sessions.rows import TurnPlace, TurnRow
from gil_lab.sessions.same_session import of_this_session, turns_agree
from gil_lab.sessions.schema import FIRST_WITH_TURNS

REFERENCE = ROOT / "results" / "reference"
SHOWN = {
    "passes.csv": "warm_ups",
    "tasks.csv": "timelines",
    "beats.csv": "beats",
    "samples.csv": "core_series",
    "cores.csv": "core_series",
}
"""The tables of a session, and what is made of each."""


def a_session(name):
    return next((REFERENCE / name).glob("2*"))


def swapped(tmp_path, other, *tables):
    """The reference session of `convoy` with tables of another one."""
    folder = tmp_path / "session"
    shutil.copytree(a_session("convoy"), folder)
    for table in tables:
        shutil.copy(a_session(other) / table, folder / table)
    return SessionResults.read(folder)


@pytest.mark.parametrize("other", ["cpu-bound", "thread-states"])
@pytest.mark.parametrize("table", SHOWN)
def test_a_table_of_another_session_is_left_out_with_a_note(tmp_path, table, other):
    results = swapped(tmp_path, other, table)
    if table == "beats.csv":  # they have no beats: nothing to find, and nothing to show
        assert results.beats == []
        return
    getattr(results, SHOWN[table])
    assert f"{table} is of another session than trials.csv; left out" in results.session.notes


def test_the_report_notes_each_table_of_another_session_whatever_it_shows(tmp_path, capsys):
    """Nothing of samples.csv is in a report of one screen."""
    tables = ("tasks.csv", "samples.csv", "cores.csv")
    folder = swapped(tmp_path, "cpu-bound", *tables).folder
    assert execute(["report", str(folder)]) == 0
    shown = capsys.readouterr().out
    for table in tables:
        assert f"Note: {table} is of another session than trials.csv; left out" in shown


def test_core_use_of_another_session_is_made_anew(tmp_path):
    """It is computed, and never read."""
    folder = swapped(tmp_path, "cpu-bound", "core_use.csv").folder
    assert execute(["report", str(folder), "--format", "csv"]) == 0
    assert (folder / "core_use.csv").read_text() == (a_session("convoy") / "core_use.csv").read_text()


def test_a_table_is_read_once(tmp_path, monkeypatch):
    """Whether it is checked, shown, or both."""
    read, usual = [], reader.read_rows
    monkeypatch.setattr(reader, "read_rows", lambda session, name: read.append(name) or usual(session, name))
    results = SessionResults.read(a_session("convoy"))
    results.check_tables()
    for made in SHOWN.values():
        assert getattr(results, made) is not None
    assert max(map(read.count, SHOWN)) == 1


def turn(trial, wall_s):
    return TurnRow(trial, TurnPlace(1, 1, 1), 1, wall_s, usage(), ())


@pytest.mark.parametrize(
    ("walls", "belongs"),
    [((0.25,), True), ((0.2, 0.3), True), ((0.2500001, 0.26), True), ((0.26, 0.4), False), ((0.01, 0.2), False)],
)
def test_the_wall_time_of_a_trial_lies_between_those_of_its_turns(walls, belongs):
    """It is the median of the passes of all of them."""
    notes = []
    kept = of_this_session("turns.csv", [turn(1, wall) for wall in walls], turns_agree([row(wall_s=0.25)]), notes)
    assert (bool(kept), notes == []) == (belongs, belongs)


def test_a_table_that_one_trial_contradicts_stays():
    """Somebody edited a number, or the machine lost a row."""
    trials = [row(number=number, wall_s=0.25) for number in (1, 2, 3)]
    rows = [turn(1, 0.25), turn(2, 0.25), turn(3, 9.0)]
    assert of_this_session("turns.csv", rows, turns_agree(trials), []) == rows


def test_rows_that_nothing_can_be_compared_with_stay():
    """Of trials without numbers."""
    rows = [turn(7, 0.25)]
    assert of_this_session("turns.csv", rows, turns_agree([row(number=1)]), []) == rows


@pytest.mark.parametrize("zero", ["workers", "tasks", "size"])
def test_a_row_without_workers_or_tasks_is_none(zero):
    with pytest.raises(ValueError, match="counted from 1"):
        changed(row(), **{zero: 0})


def test_trials_of_another_session_than_the_plan_are_refused(tmp_path):
    """Else numbers would be shown that no session measured."""
    folder = tmp_path / "session"
    shutil.copytree(a_session("cpu-bound"), folder)
    plans = [Trial(each.trial, each.round, each.cell, 0.1, 60.0) for each in SessionResults.read(folder).session.trials]
    (folder / "plan.csv").write_text("".join([encoded(columns(Trial)), *map(encoded_row, plans)]))
    assert SessionResults.read(folder).session.trials
    shutil.copy(a_session("io-bound") / "trials.csv", folder / "trials.csv")
    with pytest.raises(StoreError, match="are of two sessions; put its own back"):
        SessionResults.read(folder)


def test_a_session_that_lost_its_turns_says_so(tmp_path):
    """Its speed-ups are known less well; those of an older gil-lab had none."""
    folder = tmp_path / "session"
    shutil.copytree(a_session("cpu-bound"), folder)
    assert SessionResults.read(folder).session.notes == []
    (folder / "turns.csv").unlink()
    assert "turns.csv is missing" in " ".join(SessionResults.read(folder).session.notes)
    about = json.loads((folder / "session.json").read_text())
    (folder / "session.json").write_text(json.dumps({**about, "schema": FIRST_WITH_TURNS - 1}))
    assert SessionResults.read(folder).session.notes == []
