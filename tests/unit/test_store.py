"""Results folders: what is measured is on disk at once, a full disk loses nothing, and what is there is found."""

import json
import os

import pytest
from full_disk import disk_full_at
from made import measurement, result, row, sample, session_in, summary, trial

from gil_lab.analysis.summaries import Summary
from gil_lab.experiment.results import Results
from gil_lab.model.errors import StoreError
from gil_lab.model.records import Flag, Status
from gil_lab.sessions.csv_table import columns, decoded, encoded
from gil_lab.sessions.detail_rows import (
    core_rows,
    sample_rows,
    task_rows,
    timed_pass_rows,
    turn_rows,
    untimed_pass_rows,
)
from gil_lab.sessions.files import write_whole
from gil_lab.sessions.reader import newest, read, read_rows, sessions
from gil_lab.sessions.schema import FILES, LOG, SCHEMA
from gil_lab.sessions.writer import Appender, Folder


def test_what_is_appended_is_there(tmp_path):
    """Each text behind the one before."""
    appender = Appender(tmp_path / "some.csv")
    for text in ("first\n", "", "zweite é\n"):
        appender.append(text)
    appender.close()
    assert (tmp_path / "some.csv").read_bytes() == "first\nzweite é\n".encode()


def test_a_short_write_is_continued(tmp_path, monkeypatch):
    """The system may take less than it is given."""
    write = os.write
    appender = Appender(tmp_path / "some.csv")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data[:3])))
        appender.append("a long line\n")
    appender.close()
    assert (tmp_path / "some.csv").read_text() == "a long line\n"


@pytest.mark.parametrize("room", [0, 1, 5])
def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, room):
    """The part of a line that still found room is taken back, and once there is room again the file grows on."""
    appender = Appender(tmp_path / "some.csv")
    appender.append("first\n")
    with disk_full_at(len("first\n") + room), pytest.raises(OSError, match="too large"):
        appender.append("a long line\n")
    assert (tmp_path / "some.csv").read_text() == "first\n"
    appender.append("last\n")
    appender.close()
    assert (tmp_path / "some.csv").read_text() == "first\nlast\n"


@pytest.mark.parametrize("make", [lambda path: path.touch(), lambda path: path.symlink_to("elsewhere")])
def test_nothing_that_exists_is_appended_to(tmp_path, make):
    """Neither another session's file nor what a link points to."""
    make(tmp_path / "some.csv")
    with pytest.raises(FileExistsError):
        Appender(tmp_path / "some.csv")
    assert not (tmp_path / "elsewhere").exists()


@pytest.fixture
def folder(tmp_path):
    about = {"experiment": "cpu-bound", "trials": 2}
    made = Folder(tmp_path / "out", "cpu-bound", "host", about, {"3.11": "python 3.11.7"})
    yield made
    made.close()


def test_a_new_session_is_complete_before_anything_is_measured(folder, tmp_path):
    """All files with their headers, and session.json with the version of the format."""
    assert sorted(file.name for file in folder.path.iterdir()) == sorted([*FILES, "plan.csv", "session.json"])
    assert folder.path.parent == tmp_path / "out" / "cpu-bound"
    assert json.loads((folder.path / "session.json").read_text())["schema"] == SCHEMA
    for name, kind in FILES.items():
        assert (folder.path / name).read_text() == encoded(columns(kind))
    assert read(folder.path).trials == []


def test_a_finished_trial_is_on_disk_with_all_its_rows(folder):
    """What is read from the files is what was measured, before the folder is closed."""
    samples = (sample(1000, (1.25, 2.0), late_ns=5), sample(1300, (1.5, 2.0), steal_s=(0.25, 0.0), child_s=0.2))
    finished = result(measurement=measurement(samples=samples), flags=(Flag.DISTURBED,))
    appended = folder.append(finished)
    session, measured = read(folder.path), finished.measurement
    assert session.trials == [appended]
    untimed = untimed_pass_rows(finished.trial, measured.warm_up, measured.traces)
    timed = timed_pass_rows(finished.trial, measured.turns, first=2)
    assert read_rows(session, "passes.csv") == [*untimed, *timed]
    assert read_rows(session, "tasks.csv") == task_rows(finished.trial, measured.traces)
    assert read_rows(session, "turns.csv") == turn_rows(finished.trial, measured.turns)
    assert read_rows(session, "samples.csv") == sample_rows(finished.trial, measured.turns)
    assert read_rows(session, "cores.csv") == core_rows(finished.trial, measured.turns)
    assert session.notes == ["1 of 2 trials is missing: the session was interrupted"]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_a_failed_trial_is_a_row_without_numbers(folder, status):
    """Its status and reason are kept, and what the child printed is in the log."""
    folder.append(result(status, detail="it broke, =1", log="Traceback\nof it"))
    (came,) = read(folder.path).trials
    assert (came.status, came.detail, came.numbers) == (status, "it broke, =1", None)
    assert "Traceback\nof it" in (folder.path / LOG).read_text()


def test_a_trial_that_cannot_be_saved_is_in_the_message(folder):
    """What was measured is not lost with the disk: the row itself stands in the error, and the file stays whole."""
    folder.append(result(Status.SKIPPED, detail="cannot run", trial=trial(number=1)))
    before = (folder.path / "trials.csv").read_bytes()
    unsaved = result(Status.ERROR, detail="it broke", trial=trial("joblib", number=2))
    with disk_full_at(len(before) + 10), pytest.raises(StoreError) as caught:
        folder.append(unsaved)
    message = str(caught.value)
    assert "\n" not in message
    assert "trial 2 was measured but not saved" in message
    assert "kept 1 rows" in message
    assert "primes,joblib,2,3.11,32,6500,error,it broke" in message
    assert (folder.path / "trials.csv").read_bytes() == before


def test_a_log_that_cannot_be_written_costs_no_row(folder):
    """The row is worth more than what the child printed."""
    (folder.path / LOG).mkdir()
    folder.append(result(Status.CRASHED, log="noise"))
    assert [one.status for one in read(folder.path).trials] == [Status.CRASHED]


def test_two_sessions_in_one_second_are_two_folders(tmp_path):
    """However fast one begins after the other."""
    made = [Folder(tmp_path, "cpu-bound", "host", {}, {}) for _ in range(3)]
    for one in made:
        one.close()
    assert len({one.path for one in made}) == 3
    assert newest(tmp_path) == made[-1].path


@pytest.mark.parametrize("host", ["../../evil", "my host", "", "a" * 300, "späti", "a\nb", "/"])
def test_any_host_name_makes_a_folder_in_its_place(tmp_path, host):
    """The name of the machine is foreign text: it leads nowhere else."""
    made = Folder(tmp_path, "cpu-bound", host, {}, {})
    made.close()
    assert made.path.resolve().parent == (tmp_path / "cpu-bound").resolve()
    assert made.path.name.isascii()


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path):
    """Before anything is measured, with the remedy."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StoreError, match=r"no results can be written.*try --out"):
        Folder(tmp_path / "out", "cpu-bound", "host", {}, {})


def test_the_newest_session_is_found_by_its_name(tmp_path):
    """Names begin with the time in UTC; below a folder of experiments and below one experiment alike."""
    for place in ("io-bound/20261123T080000Z-b", "cpu-bound/20261123T090000Z-a", "cpu-bound/20261122T100000Z-a"):
        session_in(tmp_path / place)
    os.utime(tmp_path / "io-bound/20261123T080000Z-b")
    assert newest(tmp_path).name == "20261123T090000Z-a"
    assert newest(tmp_path / "io-bound").name == "20261123T080000Z-b"


def test_of_a_thousand_sessions_only_the_newest_is_looked_at(tmp_path, monkeypatch):
    """The others are names in a list."""
    for number in range(30):
        session_in(tmp_path / f"experiment-{number % 3}" / f"20261123T0900{number:02}Z-a")
    looked_at, access = [], os.access
    monkeypatch.setattr(os, "access", lambda path, mode: looked_at.append(path.parent.name) or access(path, mode))
    assert newest(tmp_path).name == "20261123T090029Z-a"
    assert looked_at == [tmp_path.name, "20261123T090029Z-a"]


def test_sessions_come_from_the_newest_to_the_oldest(tmp_path):
    """Below a folder of experiments and below one experiment alike; of two in one second the last one written first."""
    names = ("b/20261123T090000Z-a", "a/20261123T080000Z-a", "a/20261122T100000Z-a", "c/20261122T100000Z-a")
    for age, name in enumerate(names):
        os.utime(session_in(tmp_path / name), (1e9 - age, 1e9 - age))
    assert [str(path.relative_to(tmp_path)) for path in sessions(tmp_path)] == list(names)
    assert [path.name for path in sessions(tmp_path / "a")] == [names[1][2:], names[2][2:]]
    assert list(sessions(tmp_path / names[0])) == [tmp_path / names[0]]


def test_what_else_lies_among_the_sessions_is_passed_over(tmp_path):
    """Files, links that lead nowhere or in a circle, folders that hold something else, however new they look."""
    session = session_in(tmp_path / "cpu-bound" / "20261123T090000Z-a")
    for folder in (tmp_path, tmp_path / "cpu-bound"):
        (folder / "zz.txt").touch()
        (folder / "zz-circle").symlink_to("zz-circle")
        (folder / "zz-nowhere").symlink_to("nowhere")
        (folder / "zz" / "zz").mkdir(parents=True)
    assert list(sessions(tmp_path)) == [session]


def test_a_session_tells_its_machine_and_when_it_began(tmp_path):
    """The machine from session.json, the time from the folder's name."""
    about = {"machine": {"host": "lab-\x1b[31m3"}}
    session = read(session_in(tmp_path / "20261123T090000Z-a", [row()], about))
    assert (session.host, session.began_utc) == ("lab-\\x1b[31m3", "2026-11-23T09:00:00+00:00")


@pytest.mark.parametrize("name", ["before-the-change", "20269999T999999Z-a", "2026-11-23T09:00", "00010101T0000+14"])
def test_a_session_in_a_renamed_folder_began_with_its_first_trial(tmp_path, name):
    """Whatever the name looks like; and who has neither is not given a time."""
    trials = [row(number=2, began_utc="2026-11-23T07:20:00+00:00"), row(began_utc="2026-11-23T07:15:31+00:00")]
    assert read(session_in(tmp_path / name, trials)).began_utc == "2026-11-23T07:15:31+00:00"
    assert read(session_in(tmp_path / name)).began_utc == ""


def test_a_session_folder_is_its_own_newest(tmp_path):
    """Also if only one of its two main files is left."""
    session = session_in(tmp_path / "one")
    assert newest(session) == session
    (session / "trials.csv").unlink()
    assert newest(session) == session


@pytest.mark.parametrize("name", ["", "nowhere", "file"])
def test_where_there_is_no_session_the_next_step_is_told(tmp_path, name):
    """An empty folder, none at all, or a file."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="measure something first"):
        newest(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        (b"", "is torn"),
        (b'{"schema": 1, "exp', "is torn"),
        (b"\xff\xfe\xff", "is torn"),
        (b"[" * 100_000, "is torn"),
        (b"[1]", "is not an object"),
        (b"null", "is not an object"),
    ],
    ids=["missing", "empty", "cut", "no text", "deep", "list", "null"],
)
def test_without_session_json_the_trials_are_still_read(tmp_path, content, told):
    """What is missing is told in a note."""
    session_in(tmp_path, [row()])
    (tmp_path / "session.json").unlink() if content is None else (tmp_path / "session.json").write_bytes(content)
    session = read(tmp_path)
    assert session.trials == [row()]
    assert (session.about, session.cores, session.experiment) == ({}, None, tmp_path.parent.name[:40])
    assert len(session.notes) == 1
    assert session.notes[0].startswith("session.json " + told)


def test_a_session_of_a_newer_gil_lab_is_not_read(tmp_path):
    """Its columns may mean something else."""
    session_in(tmp_path, about={"schema": SCHEMA + 1})
    with pytest.raises(StoreError, match=r"newer gil-lab .*update gil-lab"):
        read(tmp_path)


@pytest.mark.parametrize(
    "about",
    [{}, {"schema": "x", "trials": "many", "machine": 5, "references": []}, {"machine": {"usable_cores": "two"}}],
)
def test_odd_values_in_session_json_are_unknown(tmp_path, about):
    """They are what somebody wrote there."""
    session_in(tmp_path, [row()], about)
    assert (read(tmp_path).cores, read(tmp_path).host, read(tmp_path).notes) == (None, "", [])
    assert [summary.cell.strategy for summary in Results.read(tmp_path)] == ["threading"]


def test_a_folder_without_trials_is_no_session(tmp_path):
    """There is nothing to report on."""
    (session_in(tmp_path) / "trials.csv").unlink()
    with pytest.raises(StoreError, match="is it a session's folder"):
        read(tmp_path)


def test_a_repeated_row_counts_once(tmp_path):
    """The first one, and a note says so."""
    session_in(tmp_path, [row(number=1), row(number=2), row(number=1), row("joblib", number=1)])
    session = read(tmp_path)
    assert session.trials == [row(number=1), row(number=2)]
    assert session.notes == ["2 repeated row(s) of trials.csv left out"]


def test_an_unreadable_row_is_not_taken_for_an_interruption(tmp_path):
    """It is missing all the same, and the note about it says why."""
    session_in(tmp_path, [row(number=1), row(number=2)], {"schema": 1, "trials": 2})
    file = tmp_path / "trials.csv"
    head, first, second = file.read_text().splitlines()
    file.write_text("\n".join([head, first, second.replace(",ok,", ",splendid,"), ""]))
    assert read(tmp_path).notes == [
        "1 unreadable row(s) of trials.csv left out (line 3)",
        "1 of 2 trials is missing",
    ]


def test_missing_trials_are_told(tmp_path):
    """An interrupted session is known by what it had planned."""
    session_in(tmp_path, [row(number=1)], {"schema": 1, "trials": 3})
    assert read(tmp_path).notes == ["2 of 3 trials are missing: the session was interrupted"]


def test_a_missing_file_of_details_is_a_note(tmp_path):
    """The trials are enough for a report."""
    session = read(session_in(tmp_path, [row()]))
    assert read_rows(session, "cores.csv") == []
    assert len(session.notes) == 1
    assert session.notes[0].startswith("cores.csv cannot be read")


def test_a_derived_file_is_written_anew(tmp_path):
    """What was there before is gone, and nothing lies beside it."""
    path = tmp_path / "summary.csv"
    path.write_text("old")
    write_whole(path, [summary()], Summary)
    assert decoded(path.read_text(), Summary, "summary.csv").rows == [summary()]
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_derived_file(tmp_path):
    """It is either the old one or the new one, never half of it."""
    path = tmp_path / "summary.csv"
    path.write_text("old")
    with disk_full_at(20), pytest.raises(StoreError, match=r"summary\.csv cannot be written"):
        write_whole(path, [summary()], Summary)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_derived_file_that_cannot_take_its_place_leaves_nothing_behind(tmp_path):
    """A folder of that name stays as it is."""
    (tmp_path / "summary.csv" / "within").mkdir(parents=True)
    with pytest.raises(StoreError):
        write_whole(tmp_path / "summary.csv", [summary()], Summary)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["summary.csv", "within"]


def test_a_line_that_the_disk_did_not_confirm_is_taken_back(tmp_path, monkeypatch):
    """A failed fsync is not tried again, and what it did not confirm does not stand in the file."""
    file = Appender(tmp_path / "some.csv")
    file.append("kept\n")

    def fails(descriptor):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OSError, match="Input"):
        file.append("lost\n")
    file.close()
    assert (tmp_path / "some.csv").read_text() == "kept\n"
