"""All sessions in one table: in the order of time, each with its own baseline, and none lost to a bad one."""

from dataclasses import replace

import pytest
from made import rounds, session_in

from gil_lab.analysis.history import HistoryRow, history
from gil_lab.experiment.results import Results
from gil_lab.model.errors import StoreError
from gil_lab.sessions.csv_table import columns, decoded, encoded, encoded_row


def about(host="lab-3", **changes):
    return {"schema": 1, "experiment": "cpu-bound", "machine": {"host": host}, **changes}


def measured(folder, wall_s=0.25, **changes):
    """A session of two cells, threads and what they are compared with."""
    trials = [*rounds("sequential", 0.5, 0.5), *rounds("threading", wall_s, wall_s)]
    return session_in(folder, [replace(one, trial=number) for number, one in enumerate(trials, 1)], about(**changes))


def test_sessions_stand_in_the_order_of_time(tmp_path):
    """Whatever experiment they belong to, and whatever their folder was renamed to."""
    measured(tmp_path / "io-bound" / "20261124T090000Z-a", experiment="io-bound", host="a")
    measured(tmp_path / "cpu-bound" / "20261125T090000Z-b", host="b")
    measured(tmp_path / "cpu-bound" / "before-the-change")  # its trials began on 23 November
    rows = history(tmp_path).rows
    assert [(one.began_utc[:10], one.experiment, one.host) for one in rows[::2]] == [
        ("2026-11-23", "cpu-bound", "lab-3"),
        ("2026-11-24", "io-bound", "a"),
        ("2026-11-25", "cpu-bound", "b"),
    ]


def test_a_session_is_summarised_as_its_own_report_does(tmp_path):
    """The same cells in the same order with the same numbers, beside the folder that `report` takes."""
    folders = [measured(tmp_path / f"2026112{day}T090000Z-a", wall_s) for day, wall_s in enumerate((0.25, 0.125))]
    rows = history(str(tmp_path)).rows
    for folder in folders:
        own = [one.summary for one in rows if one.session == str(folder)]
        assert own == list(Results.read(folder))
    assert [one.summary.speedup.value for one in rows] == [1, 2, 1, 4]


def test_two_sessions_of_one_name_are_two(tmp_path):
    """A copy of a session, or experiments that began in the same second."""
    for experiment in ("cpu-bound", "copy"):
        measured(tmp_path / experiment / "20261124T090000Z-a")
    sessions = [one.session for one in history(tmp_path).rows]
    assert sessions == sorted(sessions)
    assert [sessions.count(name) for name in set(sessions)] == [2, 2]


def test_a_session_folder_is_a_history_of_one(tmp_path):
    """There is no need to have several."""
    folder = measured(tmp_path / "20261124T090000Z-a")
    assert history(folder).rows == history(tmp_path).rows


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "trials.csv").write_text(""), "has no header"),
        (lambda folder: (folder / "trials.csv").write_bytes(b"\x89PNG\r\n"), "lacks the column"),
        (lambda folder: (folder / "trials.csv").write_text("x" * 200_000 + "\n"), "no readable header"),
        (lambda folder: (folder / "session.json").write_text('{"schema": 99}'), "newer gil-lab"),
        (lambda folder: (folder / "trials.csv").unlink() or (folder / "trials.csv").mkdir(), "cannot be read"),
    ],
)
def test_a_bad_session_costs_itself_and_one_note(tmp_path, spoil, told):
    """The note names it and says why; the sessions before and after it are there."""
    good = [measured(tmp_path / f"2026112{day}T090000Z-a") for day in (1, 3)]
    bad = measured(tmp_path / "20261122T090000Z-a")
    spoil(bad)
    found = history(tmp_path)
    assert list(dict.fromkeys(one.session for one in found.rows)) == list(map(str, good))
    (note,) = found.notes
    assert note.startswith(f"{bad} is left out: ")
    assert told in note


def test_what_a_readable_session_lacks_is_one_note_too(tmp_path):
    """The oldest first; a session that lacks nothing has none."""
    measured(tmp_path / "20261121T090000Z-a")
    torn = measured(tmp_path / "20261123T090000Z-a")
    (torn / "session.json").write_text("{")
    short = measured(tmp_path / "20261122T090000Z-a", trials=6)
    with (short / "trials.csv").open("a") as file:
        file.write("torn")
    found = history(tmp_path)
    assert len(found.rows) == 6
    lacking = (
        "the last row of trials.csv is incomplete and left out",
        "2 of 6 trials are missing: the session was interr",
    )
    assert found.notes[0].startswith(f"{short}: {'; '.join(lacking)}")
    assert found.notes[1] == f"{torn}: session.json is torn: machine and settings are unknown"


def test_only_the_trials_are_read(tmp_path):
    """The other files of a session are many times as large, and may be gone or broken."""
    folder = measured(tmp_path / "20261121T090000Z-a")
    (folder / "tasks.csv").write_bytes(b"\x00" * 1000)
    (folder / "passes.csv").mkdir()
    assert history(tmp_path).notes == ()


def test_names_of_strangers_reach_nobody_s_terminal(tmp_path):
    """Neither a folder's name nor what a file says of itself can recolour or clear it, nor break a line."""
    measured(tmp_path / "a\x1b[2J\nb", host="h\x1b[2J\n", experiment="e\x1b[2J\n")
    (measured(tmp_path / "c\x1b[2J\nd") / "trials.csv").write_text("")
    found = history(tmp_path)
    texts = [*found.notes, *(text for one in found.rows for text in (one.session, one.host, one.experiment))]
    assert all(text.isprintable() for text in texts)


def test_where_there_is_no_session_the_next_step_is_told(tmp_path):
    """As for a report."""
    with pytest.raises(StoreError, match="measure something first"):
        history(tmp_path)
    with pytest.raises(StoreError, match="measure something first"):
        history(tmp_path / "nowhere")


def test_a_session_without_trials_has_no_rows(tmp_path):
    """It was stopped before the first one was done."""
    session_in(tmp_path / "20261121T090000Z-a", [], about())
    assert history(tmp_path).rows == ()


def test_a_history_can_be_written_and_read_as_csv(tmp_path):
    """The columns of summary.csv behind those that tell the session."""
    measured(tmp_path / "20261121T090000Z-a")
    rows = list(history(tmp_path).rows)
    text = encoded(columns(HistoryRow)) + "".join(map(encoded_row, rows))
    assert text.startswith("session,began_utc,experiment,host,workload,strategy,workers,")
    assert decoded(text, HistoryRow, "history.csv").rows == rows
