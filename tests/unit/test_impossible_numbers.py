"""Numbers that cannot have been measured, edited into a session, are left out with a note of one line."""

import csv
import shutil

import pytest
from places import ROOT

from gil_lab.analysis.results import SessionResults
from gil_lab.sessions.schema import RESUMED

SESSION = next((ROOT / "results" / "reference" / "cpu-bound").glob("2*"))
CORES, TASKS = 2, 32
"""Of the machine it was measured on, and of each of its cells."""


def edited(folder, **columns):
    """The session with other values in the first row of trials.csv that has numbers, and the number of that trial."""
    shutil.copytree(SESSION, folder)
    with (folder / "trials.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    first = next(row for row in rows if row[header.index("status")] == "ok")
    for name, value in columns.items():
        first[header.index(name)] = str(value)
    with (folder / "trials.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return int(first[header.index("trial")])


def read(folder):
    """The numbers of its trials, and what is noted of it.

    Without those whose row was left out: of these the finished rounds count, as if they had been cut short.
    """
    session = SessionResults.read(folder).session
    return {row.trial for row in session.trials if row not in session.cut_short}, session.notes


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"cores_busy": 99}, f"99 of {CORES} cores busy"),
        ({"cores_busy": 2.2}, f"2.2 of {CORES} cores busy"),
        ({"in_flight": 1e9}, f"1e+09 of {TASKS} tasks in flight"),
        ({"in_flight": 33}, f"33 of {TASKS} tasks in flight"),
    ],
)
def test_what_contradicts_the_machine_or_the_cell_is_left_out(tmp_path, columns, what):
    """And the note says what, and in which trial."""
    trial = edited(tmp_path / "session", **columns)
    trials, notes = read(tmp_path / "session")
    assert trial not in trials
    assert f"1 row(s) left out, whose numbers cannot have been measured ({what} in trial {trial})" in notes
    assert not any("the session was interrupted" in note for note in notes)


@pytest.mark.parametrize("column", ["running_share", "ready_share", "blocked_share", "moved_share"])
def test_a_share_of_more_than_all_is_left_out(tmp_path, column):
    trial = edited(tmp_path / "session", **{column: 1.5})
    trials, notes = read(tmp_path / "session")
    assert trial not in trials
    assert any(f"(a share of 1.5 in trial {trial})" in note for note in notes)


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "-inf", "1e13"])
@pytest.mark.parametrize("column", ["cores_busy", "in_flight", "wall_s", "running_share", "launch_s"])
def test_what_is_negative_or_no_number_is_left_out(tmp_path, column, value):
    trial = edited(tmp_path / "session", **{column: value})
    assert trial not in read(tmp_path / "session")[0]


@pytest.mark.parametrize(
    ("column", "value"), [("passes", 0), ("passes", -3), ("workers_seen", -1), ("beats", -1), ("peak_rss_bytes", -5)]
)
def test_counts_below_zero_are_left_out(tmp_path, column, value):
    """Whole numbers as well: no pass is none that was measured."""
    trial = edited(tmp_path / "session", **{column: value})
    assert trial not in read(tmp_path / "session")[0]


@pytest.mark.parametrize("columns", [{"cores_busy": 2.05}, {"in_flight": 32}, {"running_share": 1}])
def test_what_clocks_may_say_stays(tmp_path, columns):
    """They are read one after the other."""
    trial = edited(tmp_path / "session", **columns)
    trials, notes = read(tmp_path / "session")
    assert trial in trials
    assert notes == []


@pytest.mark.parametrize("flag", ["impossible", "affinity-changed"])
def test_what_the_lab_itself_found_impossible_stays_with_its_flag(tmp_path, flag):
    trial = edited(tmp_path / "session", cores_busy=9, flags=flag)
    trials, notes = read(tmp_path / "session")
    assert trial in trials
    assert notes == []


def test_a_resumed_session_may_have_gone_on_with_more_cores(tmp_path):
    trial = edited(tmp_path / "session", cores_busy=9)
    (tmp_path / "session" / RESUMED).write_text("at_utc,trials,differences\n2026-11-29T00:00:00+00:00,3,cores was 2\n")
    assert trial in read(tmp_path / "session")[0]
