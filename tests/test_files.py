"""Files of a session: what was written comes back; what is torn, edited or hostile costs a row or says what to do."""

import contextlib
import csv
import io
import json
import os
import resource
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import instances, measurement, result, rounds, row, summary, trial

from gil_lab import store
from gil_lab.errors import StoreError, UsageError
from gil_lab.records import CoreSample, Flag, Status
from gil_lab.results import Results
from gil_lab.rows import PassRow, TrialRow, core_rows, pass_rows, task_rows
from gil_lab.stats import CoreUse, Summary
from gil_lab.store import FILES, Appender, Folder, newest, read, read_rows, write_whole
from gil_lab.table_file import columns, decoded, encoded, encoded_row

KINDS = [*FILES.values(), Summary, CoreUse]
HEADER = encoded(columns(TrialRow))


@dataclass(frozen=True)
class Point:
    x: int
    y: float


@dataclass(frozen=True)
class Mark:
    name: str
    place: Point | None
    seen: bool


def text_of(*rows):
    return HEADER + "".join(map(encoded_row, rows))


def with_value(column, value):
    """The line of a trial in which one column holds something else."""
    values = next(csv.reader([encoded_row(row())]))
    values[columns(TrialRow).index(column)] = value
    return ",".join(values) + "\n"


def session_in(folder, trials=(), about=None):
    """A results folder as a session leaves it behind."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trials.csv").write_text(text_of(*trials), encoding="utf-8")
    (folder / "session.json").write_text(
        json.dumps({"schema": 1, "experiment": "cpu-bound"} if about is None else about)
    )
    return folder


@contextlib.contextmanager
def disk_full_at(size):
    """No file can grow beyond `size` bytes: what fits is written, as on a full disk, and then writing fails."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


# Rows and columns


def test_columns_are_the_fields_of_the_records():
    """In the place of a field that is a record, its fields; there is no second list of columns."""
    assert columns(Mark) == ("name", "x", "y", "seen")
    assert columns(PassRow) == ("trial", "number", "kind", "begin_ns", "end_ns")


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_a_file_differ(kind):
    """A column is found by its name, so no two may share one."""
    assert len(set(columns(kind))) == len(columns(kind))


@pytest.mark.parametrize("mark", [Mark("here", Point(1, -0.5), True), Mark("nowhere", None, False)])
def test_a_record_that_is_none_leaves_its_columns_empty(mark):
    """And comes back as None."""
    text = encoded(columns(Mark)) + encoded_row(mark)
    assert (",,," in text) == (mark.place is None)
    assert decoded(text, Mark, "marks.csv").rows == [mark]


@given(st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_every_row_comes_back(kind, data):
    """Whatever its type hints allow: numbers that are None, several flags, texts that look like formulas."""
    rows = data.draw(st.lists(instances(kind), max_size=3))
    table = decoded(encoded(columns(kind)) + "".join(map(encoded_row, rows)), kind, "some.csv")
    assert (table.rows, table.notes) == (rows, [])


def test_flags_come_back_in_their_order():
    """Several flags share one column."""
    flagged = row(flags=(Flag.SERIAL_FALLBACK, Flag.DISTURBED))
    assert "serial-fallback;disturbed" in encoded_row(flagged)
    assert decoded(text_of(flagged), TrialRow, "trials.csv").rows == [flagged]


@given(st.lists(st.text(), min_size=2))
def test_no_field_holds_a_newline(texts):
    """A line of the file is a row, whatever a child or a user put into a text."""
    line = encoded(texts)
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert len(next(csv.reader(io.StringIO(line)))) == len(texts)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", "a\x00b", "a\x1b[31mb", "a\u2028b", "a\x85b", "a\ud800b", "a\u202eb"]
)
def test_what_could_break_a_line_is_spelled_out(text):
    """Control, format and surrogate characters become their escapes: the text can be printed and encoded."""
    (came,) = decoded(text_of(row(detail=text)), TrialRow, "trials.csv").rows
    assert came.detail.isprintable()
    assert came.detail.startswith("a\\")
    came.detail.encode()


def test_long_texts_are_cut():
    """A message of a megabyte is no cell of a table; the cut shows."""
    (came,) = decoded(text_of(row(detail="é" * 1_000_000)), TrialRow, "trials.csv").rows
    assert (len(came.detail), came.detail[-5:]) == (200, "éé...")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "'=1", '"=1"', '=cmd|"/C calc"!A0', "\xa0=1"])
def test_a_formula_is_written_as_text_and_comes_back_as_it_was(text):
    """Spreadsheets run cells that begin so; behind an apostrophe they do not."""
    line = encoded_row(row(detail=text))
    assert "'" + text in next(csv.reader([line]))
    assert decoded(HEADER + line, TrialRow, "trials.csv").rows[0].detail == text


@pytest.mark.parametrize("text", ["'quoted'", "it's", "a=b", "'", "", "' a"])
def test_other_texts_get_no_apostrophe(text):
    """And lose none."""
    line = encoded_row(row(detail=text))
    assert text in next(csv.reader([line]))
    assert decoded(HEADER + line, TrialRow, "trials.csv").rows[0].detail == text


def test_negative_numbers_stay_numbers():
    """An apostrophe is for texts only."""
    assert encoded([-1, -0.5, "-1"]) == "-1,-0.5,'-1\n"


# Reading with suspicion


def test_a_file_cut_at_any_byte_gives_the_rows_before_the_cut(tmp_path):
    """A crash or a full disk tears the last line: it is left out with a note, and nothing else is lost."""
    trials = [row(number=1), row(number=2, detail='é, "quoted"', wall_s=None), row(number=3, flags=(Flag.DRIFTED,))]
    whole = text_of(*trials).encode()
    folder = session_in(tmp_path)
    for cut in range(len(whole) + 1):
        (folder / "trials.csv").write_bytes(whole[:cut])
        if cut < len(HEADER) - 1:
            with pytest.raises(StoreError):
                read(folder)
            continue
        session = read(folder)
        complete = max(0, whole[:cut].count(b"\n") - 1)
        torn = cut > len(HEADER) and not whole[:cut].endswith(b"\n")
        assert session.trials == trials[:complete]
        assert session.notes == ["the last row of trials.csv is incomplete and left out"] * torn


def test_a_torn_quote_costs_one_row():
    """An opening quote without its end does not swallow the rows that follow."""
    text = HEADER + encoded_row(row(number=1)) + with_value("detail", '"torn') + encoded_row(row(number=3))
    table = decoded(text, TrialRow, "trials.csv")
    assert [one.trial for one in table.rows] == [1, 3]
    assert table.notes == ["1 unreadable row(s) of trials.csv left out (line 3)"]


NO_DECIMALS = [
    "nan",
    "inf",
    "-inf",
    "1_0",
    "\u0663.\u0664",
    "٣",
    "1e999",
    " 1",
    "1 ",
    "+1",
    "0x1",
    "1.",
    ".5",
    "TRUE",
    "",
    "'1",
    "²",
]
NO_WHOLES = ["1.0", "1e3", "nan", "1_0", "٣", "+1", " 1", "0x1", "yes", "", "9" * 20, "9" * 5000, "²"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("wall_s", value) for value in NO_DECIMALS),
        *(("trial", value) for value in NO_WHOLES),
        *(("peak_rss_bytes", value) for value in NO_WHOLES if value),
        *(("gil", value) for value in ("True", "1", "YES", "")),
        *(("status", value) for value in ("fine", "OK", "")),
        *(("flags", value) for value in ("odd", "disturbed;odd")),
    ],
)
def test_a_value_that_its_column_cannot_hold_costs_its_row(column, value):
    """float() and int() would take many of them; the row is left out, its line is named, the others stay."""
    table = decoded(text_of(row(number=7)) + with_value(column, value), TrialRow, "trials.csv")
    assert [one.trial for one in table.rows] == [7]
    assert table.notes == ["1 unreadable row(s) of trials.csv left out (line 3)"]


@pytest.mark.parametrize("line", ["1,2,3\n", "x\n", encoded_row(row()).strip() + ",more\n", "\x00\n", '"' * 9 + "\n"])
def test_a_line_with_too_few_or_too_many_values_costs_itself(line):
    """There is no guessing which column is missing."""
    table = decoded(text_of(row(number=7)) + line, TrialRow, "trials.csv")
    assert ([one.trial for one in table.rows], len(table.notes)) == ([7], 1)


def test_many_unreadable_lines_are_told_in_one_note():
    """The first five by number."""
    table = decoded(HEADER + "x\n" * 7, TrialRow, "trials.csv")
    assert table.notes == ["7 unreadable row(s) of trials.csv left out (line 2, 3, 4, 5, 6 ...)"]


@given(st.text(alphabet="\",;='\r\n\ufeff0aé ", max_size=80))
def test_no_rubbish_below_the_header_raises(rubbish):
    """Each line is a row or is counted in a note."""
    table = decoded(text_of(row(number=7)) + rubbish, TrialRow, "trials.csv")
    *lines, torn = rubbish.split("\n")
    assert [one.trial for one in table.rows] == [7]
    assert len(table.notes) == any(line.strip() for line in lines) + bool(torn)


@pytest.mark.parametrize(
    "edited",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\n\n"),
        lambda text: "\ufeff" + text.replace("\n", "\r\n") + "\r\n",
    ],
    ids=["CRLF", "BOM", "blank lines", "all"],
)
def test_what_editors_change_does_not_matter(edited):
    """Line ends of Windows, a byte order mark and blank lines carry no meaning."""
    trials = [row(number=1), row(number=2, wall_s=None, detail="é, =1")]
    table = decoded(edited(text_of(*trials)), TrialRow, "trials.csv")
    assert (table.rows, table.notes) == (trials, [])


def test_columns_are_found_by_name():
    """Another order and columns of one's own are fine."""
    trials = [row(number=1), row(number=2, wall_s=None, detail="broken, =1")]
    lines = [["mine", *reversed(line)] for line in csv.reader(text_of(*trials).splitlines())]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    assert decoded(out.getvalue(), TrialRow, "trials.csv").rows == trials


@pytest.mark.parametrize("column", columns(TrialRow))
def test_a_missing_column_is_named(column):
    """Rows without one of their columns would be rows of something else."""
    header = ",".join(name for name in columns(TrialRow) if name != column)
    with pytest.raises(StoreError, match=f"^trials.csv lacks the column {column} "):
        decoded(header + "\n", TrialRow, "trials.csv")


def test_a_semicolon_file_gets_a_hint():
    """Spreadsheets of half of Europe save so; the numbers may have decimal commas, so there is no guessing."""
    with pytest.raises(StoreError, match="looks re-saved with ';'"):
        decoded(text_of(row()).replace(",", ";"), TrialRow, "trials.csv")


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "  \n1,2\n"])
def test_a_file_without_a_header_is_none_of_ours(text):
    """An emptied file is an error, and not a session without trials."""
    with pytest.raises(StoreError, match=r"trials\.csv has no header"):
        decoded(text, TrialRow, "trials.csv")


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00", b"\x1f\x8b\x08\x00", b"SQLite format 3\x00", b"\x80\x04\x95"]
)
def test_other_files_are_refused(content, tmp_path):
    """Whatever lies there under our name: it is read as text, and has not our columns."""
    (session_in(tmp_path) / "trials.csv").write_bytes(content)
    with pytest.raises(StoreError, match="lacks the column trial"):
        read(tmp_path)


# Appending


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


# The folder of a session that is running


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path / "out", "cpu-bound", "host", {"experiment": "cpu-bound", "trials": 2}, "python 3.11")
    yield made
    made.close()


def test_a_new_session_is_complete_before_anything_is_measured(folder, tmp_path):
    """All files with their headers, and session.json with the version of the format."""
    assert sorted(file.name for file in folder.path.iterdir()) == sorted([*FILES, "session.json"])
    assert folder.path.parent == tmp_path / "out" / "cpu-bound"
    assert json.loads((folder.path / "session.json").read_text())["schema"] == store.SCHEMA
    for name, kind in FILES.items():
        assert (folder.path / name).read_text() == encoded(columns(kind))
    assert read(folder.path).trials == []


def test_a_finished_trial_is_on_disk_with_all_its_rows(folder):
    """What is read from the files is what was measured, before the folder is closed."""
    samples = (CoreSample(1000, 5, (1.25, 2.0), (0.0, 0.0)), CoreSample(1300, 0, (1.5, 2.0), (0.25, 0.0)))
    finished = result(measurement=measurement(samples=samples), flags=(Flag.DISTURBED,))
    appended = folder.append(finished)
    session = read(folder.path)
    assert session.trials == [appended]
    assert read_rows(session, "passes.csv") == pass_rows(finished)
    assert read_rows(session, "tasks.csv") == task_rows(finished)
    assert read_rows(session, "cores.csv") == core_rows(finished)
    assert session.notes == ["1 of 2 trials are missing: the session was interrupted"]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_a_failed_trial_is_a_row_without_numbers(folder, status):
    """Its status and reason are kept, and what the child printed is in the log."""
    folder.append(result(status, detail="it broke, =1", log="Traceback\nof it"))
    (came,) = read(folder.path).trials
    assert (came.status, came.detail, came.numbers) == (status, "it broke, =1", None)
    assert "Traceback\nof it" in (folder.path / store.LOG).read_text()


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
    (folder.path / store.LOG).mkdir()
    folder.append(result(Status.CRASHED, log="noise"))
    assert [one.status for one in read(folder.path).trials] == [Status.CRASHED]


def test_two_sessions_in_one_second_are_two_folders(tmp_path):
    """However fast one begins after the other."""
    made = [Folder(tmp_path, "cpu-bound", "host", {}, "") for _ in range(3)]
    for one in made:
        one.close()
    assert len({one.path for one in made}) == 3
    assert newest(tmp_path) == made[-1].path


@pytest.mark.parametrize("host", ["../../evil", "my host", "", "a" * 300, "späti", "a\nb", "/"])
def test_any_host_name_makes_a_folder_in_its_place(tmp_path, host):
    """The name of the machine is foreign text: it leads nowhere else."""
    made = Folder(tmp_path, "cpu-bound", host, {}, "")
    made.close()
    assert made.path.resolve().parent == (tmp_path / "cpu-bound").resolve()
    assert made.path.name.isascii()


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path):
    """Before anything is measured, with the remedy."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StoreError, match=r"no results can be written.*try --out"):
        Folder(tmp_path / "out", "cpu-bound", "host", {}, "")


# Finding and reading sessions


def test_the_newest_session_is_found_by_its_name(tmp_path):
    """Names begin with the time in UTC; below a folder of experiments and below one experiment alike."""
    for place in ("io-bound/20261123T080000Z-b", "cpu-bound/20261123T090000Z-a", "cpu-bound/20261122T100000Z-a"):
        session_in(tmp_path / place)
    os.utime(tmp_path / "io-bound/20261123T080000Z-b")
    assert newest(tmp_path).name == "20261123T090000Z-a"
    assert newest(tmp_path / "io-bound").name == "20261123T080000Z-b"


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
    session_in(tmp_path, about={"schema": store.SCHEMA + 1})
    with pytest.raises(StoreError, match=r"newer gil-lab .*update gil-lab"):
        read(tmp_path)


@pytest.mark.parametrize(
    "about",
    [{}, {"schema": "x", "trials": "many", "machine": 5, "references": []}, {"machine": {"usable_cores": "two"}}],
)
def test_odd_values_in_session_json_are_unknown(tmp_path, about):
    """They are what somebody wrote there."""
    session_in(tmp_path, [row()], about)
    assert (read(tmp_path).cores, read(tmp_path).notes) == (None, [])
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


# Derived files


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


# Results, as notebooks hold them


def test_results_come_in_the_order_of_the_experiment(tmp_path):
    """The order of the trials is random; the session noted that of the strategies. Workers come last."""
    references = {"sequential": "sequential", "threading": "sequential", "joblib": "sequential"}
    trials = [row("joblib"), row("threading", cell=replace(row().cell, workers=4)), row("threading"), row("sequential")]
    numbered = [replace(one, trial=number) for number, one in enumerate(trials, 1)]
    found = Results.read(session_in(tmp_path, numbered, {"schema": 1, "references": references}))
    assert [(one.cell.strategy, one.cell.workers) for one in found] == [
        ("sequential", 1),
        ("threading", 2),
        ("threading", 4),
        ("joblib", 2),
    ]


@pytest.mark.parametrize(
    ("references", "parallel"), [({"mine": "yours"}, 3.0), ({}, 8.0), ({"mine": 5}, 8.0), (["mine"], 8.0)]
)
def test_the_reference_of_an_unknown_strategy_is_what_the_session_noted(tmp_path, references, parallel):
    """A strategy of a user's file is not in our catalogue; without a note it is compared with sequential work."""
    trials = [*rounds("sequential", 8), *rounds("yours", 3, cell=replace(row("yours").cell, workers=1)), row("mine", 1)]
    numbered = [replace(one, trial=number) for number, one in enumerate(trials, 1)]
    found = Results.read(session_in(tmp_path, numbered, {"schema": 1, "references": references}))
    assert [one.parallel_speedup for one in found.where(strategy="mine")] == [parallel]


def test_results_can_be_chosen_by_the_fields_of_a_cell(tmp_path):
    """By several at once; a name that is none is refused, with those that there are."""
    found = Results.read(session_in(tmp_path, [row("joblib", number=1), row("threading", number=2)]))
    assert [one.cell.strategy for one in found.where(strategy="joblib", workers=2)] == ["joblib"]
    assert len(found.where(strategy="joblib", workers=3)) == 0
    with pytest.raises(UsageError, match="no field 'worker'; it has workload, strategy, workers"):
        found.where(worker=2)


def test_results_write_files_that_can_be_read_again(tmp_path):
    """A summary and the use of cores, also where there are no samples."""
    found = Results.read(session_in(tmp_path, [row()]))
    assert [path.name for path in found.write()] == ["summary.csv", "core_use.csv"]
    assert decoded((tmp_path / "summary.csv").read_text(), Summary, "summary.csv").rows == list(found)
    assert decoded((tmp_path / "core_use.csv").read_text(), CoreUse, "core_use.csv").rows == []


@pytest.mark.parametrize(
    ("column", "text"),
    [("wall_s", "0"), ("wall_s", "-1"), ("wall_s", "1e300"), ("cpu_s", "-0.5"), ("status", "error"), ("wall_s", "")],
)
def test_a_row_that_nobody_can_have_measured_is_left_out(column, text):
    """No time at all, less than none, more than there is; numbers of a trial that failed; an ok one without."""
    header, line, _ = text_of(row()).split("\n")
    texts = line.split(",")
    texts[header.split(",").index(column)] = text
    table = decoded(f"{header}\n{','.join(texts)}\n", TrialRow, "trials.csv")
    assert table.rows == []
    assert "1 unreadable row(s)" in table.notes[0]


def test_a_spreadsheet_that_writes_its_exponents_large_costs_nothing():
    """1E-05 is a number."""
    text = text_of(row(wall_s=1e-5))
    assert decoded(text.replace("1e-05", "1E-05"), TrialRow, "trials.csv").rows == [row(wall_s=1e-5)]


def test_escape_sequences_in_a_file_reach_nobody_s_terminal():
    """Who edits a file must not be able to recolour, retitle or clear the terminal of who reads it."""
    text = text_of(row(detail="plain", wall_s=None)).replace("plain", "\x1b[2J\x9b")
    (read_row,) = decoded(text, TrialRow, "trials.csv").rows
    assert read_row.detail == "\\x1b[2J\\x9b"


def test_a_header_is_read_as_csv_is():
    """Quoted names are names; two of one name, tabs, and columns of a later version are told."""
    header, line, _ = text_of(row()).split("\n")
    quoted = ",".join(f'"{name}"' for name in header.split(","))
    assert decoded(f"{quoted}\n{line}\n", TrialRow, "trials.csv").rows == [row()]
    with pytest.raises(StoreError, match="two columns of one name"):
        decoded(f"{header},trial\n{line},1\n", TrialRow, "trials.csv")
    with pytest.raises(StoreError, match="re-saved with"):
        decoded(header.replace(",", "\t"), TrialRow, "trials.csv")
    assert "unknown to this version (later)" in decoded(f"{header},later\n{line},1\n", TrialRow, "t").notes[0]


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
