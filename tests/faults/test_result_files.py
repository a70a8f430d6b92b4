"""Result files that are torn, edited or hostile: reported in one line, never run, no traceback, never written to.

Numbers are those of the bad inputs in the list of faults. Sessions are made and read in this process; the command line
is asked where its exit code and its message matter. What a reader of rows must do is in tests/test_table_file.py.
"""

import contextlib
import csv
import gzip
import io
import json
import os
import pickle
import shutil
import sqlite3
from itertools import cycle, product

import pytest
from command_line import called
from every_report import every_report, one_line
from examples import examples, swept, thorough
from hostile import NUMBERS, TABLES, TEXTS, edits
from hypothesis import given, strategies
from made import HEADER, encoded_row, row, session_in
from rich_session import rich_session
from two_sessions import ABOUT, MACHINE, OTHER_MACHINE, about

from faults.rig import TALLY
from gil_lab.analysis import results
from gil_lab.analysis.history import history
from gil_lab.experiment.results import Results
from gil_lab.model.errors import StoreError
from gil_lab.model.records import Flag
from gil_lab.report.tables.history import by_cell
from gil_lab.sessions import bounded_reads, csv_table, reader
from gil_lab.sessions.schema import SCHEMA

DETAILS = tuple(name for name in TABLES if name != "trials.csv")
REST = ("session.json", *DETAILS, "claims.csv", "resumed.csv")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A session with something of everything."""
    return Results.read(rich_session(tmp_path_factory.mktemp("good")))


@pytest.fixture
def torn(good, tmp_path):
    """A copy of it, to be torn."""
    return shutil.copytree(good.folder, tmp_path / "cpu-bound" / good.folder.name)


def gil_lab(*arguments, cwd):
    """The command, which says no more than a line for an error, and never a traceback."""
    TALLY["faults injected"] += 1
    done = called(*arguments, cwd=cwd)
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert done.stderr.startswith("gil-lab: error: ")
        assert done.stderr.count("\n") == 1
    return done


def notes_on(folder, good):
    """The reader's notes, after every report on it has been made."""
    TALLY["faults injected"] += 1
    every_report(folder, good)
    return Results.read(folder).session.notes


def notes_alone(folder, good):
    """The same of a session that lacks some rows: which ones is the reader's matter, and nothing to the reports.

    They are made where trials are cut off; after everything else that costs rows, in the thorough profile.
    """
    if thorough():
        return notes_on(folder, good)
    TALLY["faults injected"] += 1
    return Results.read(folder).session.notes


def refused_rows(folder, name):
    """The line with which one of its tables is refused."""
    with pytest.raises(StoreError) as caught:
        reader.read_rows(reader.read(folder), name)
    return one_line(caught.value)


def refused(folder):
    """The line with which it is refused."""
    TALLY["faults injected"] += 1
    with pytest.raises(StoreError) as caught:
        Results.read(folder)
    return one_line(caught.value)


def changed(folder, name, change):
    """With a file's text changed."""
    (folder / name).write_text(change((folder / name).read_text()))


def trials_in(folder):
    """The lines of its trials that are whole, as text."""
    return (folder / "trials.csv").read_text().split("\n")[1:-1]


# Files that are none


def _missing(path):
    path.unlink()


def _folder(path):
    path.unlink()
    path.mkdir()


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


def _device(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def _dangling(path):
    path.unlink()
    path.symlink_to("nowhere")


def _circle(path):
    path.unlink()
    path.symlink_to(path.name)


def _sparse(path):
    os.truncate(path, bounded_reads.LARGEST_BYTES + 1)


NO_FILES = {spoil.__name__[1:]: spoil for spoil in (_missing, _folder, _pipe, _device, _dangling, _circle, _sparse)}


@pytest.mark.parametrize("spoil", NO_FILES.values(), ids=NO_FILES)
def test_input_25_trials_that_are_no_file_are_an_error_of_one_line(torn, spoil):
    """A pipe is not waited for, a device is not read to its end, nor is a file that no memory holds."""
    spoil(torn / "trials.csv")
    assert "trials.csv cannot be read (" in refused(torn)


def spoiled(folder, name, spoil):
    """That file of it, which may not have been there."""
    (folder / name).unlink(missing_ok=True)
    (folder / name).touch()
    spoil(folder / name)


@pytest.mark.parametrize("spoil", NO_FILES.values(), ids=NO_FILES)
def test_input_25_other_files_that_are_none_cost_themselves(torn, good, spoil):
    """What is left is reported, with a note on what is not; no table of them can be had.

    Every report is made of them in the thorough profile: which kind it is is the reader's matter (below).
    """
    for name in REST:
        spoiled(torn, name, spoil)
    notes = notes_alone(torn, good)
    there = os.path.lexists(torn / "turns.csv") and (torn / "turns.csv").exists()
    assert [note.partition(" (")[0] for note in notes] == [
        "session.json cannot be read",
        *["turns.csv cannot be read"] * there,  # what is not there at all is not there in older sessions either
    ]
    assert len(Results.read(torn)) == len(good)
    for name in DETAILS:
        with contextlib.suppress(StoreError):
            assert reader.read_rows(reader.read(torn), name) == []


@pytest.mark.parametrize("first", range(len(NO_FILES)) if thorough() else [0, 3])
def test_input_25_every_report_is_made_where_files_are_none(torn, good, first):
    """Each file is none in a way of its own: all of them in turn in the thorough profile."""
    spoils = list(NO_FILES.values())
    for at, name in enumerate(REST, first):
        spoiled(torn, name, spoils[at % len(spoils)])
    assert notes_on(torn, good)


@pytest.mark.parametrize(
    ("spoil", "arguments"),
    [(_missing, ["report"]), (_folder, ["report", "--format", "json"]), (_pipe, ["report", "."])],
    ids=["missing", "folder", "pipe"],
)
def test_input_25_the_command_ends_with_4(torn, spoil, arguments):
    """At once, whatever it was asked for."""
    spoil(torn / "trials.csv")
    assert gil_lab(*arguments, torn, cwd=torn).returncode == 4


def test_input_25_a_folder_that_is_no_session_or_not_there_ends_with_4(tmp_path):
    """The line names the next step."""
    (tmp_path / "file").touch()
    for name in ("nowhere/there", "file", "."):
        done = gil_lab("report", tmp_path / name, cwd=tmp_path)
        assert (done.returncode, "measure something first" in done.stderr) == (4, True)


def test_input_25_claims_of_a_session_that_cannot_be_read_are_not_judged(torn, tmp_path):
    """The command ends well: it has said so."""
    _pipe(torn / "trials.csv")
    done = gil_lab("claims", "--results", tmp_path, "cpu-bound", cwd=tmp_path)
    assert (done.returncode, "inconclusive" in done.stdout) == (0, True)


def test_input_25_one_session_that_cannot_be_read_costs_itself_among_all(torn, good):
    """`report --all` names it and shows the others."""
    shutil.copytree(good.folder, torn.parent / "20990101T000000Z-other")
    _pipe(torn / "trials.csv")
    done = gil_lab("report", "--all", torn.parent, cwd=torn)
    assert done.returncode == 0
    assert "is left out" in done.stdout.replace("\n", " ")


# What stands in them


def test_input_26_an_empty_file_has_no_header(torn, good):
    """An error of the reports that need it, in one line; without trials there is no session."""
    for name in DETAILS:
        whole = (torn / name).read_bytes()
        (torn / name).write_bytes(b"")
        assert refused_rows(torn, name).startswith(f"{name} has no header")
        (torn / name).write_bytes(whole)
    for name in DETAILS:
        (torn / name).write_bytes(b"")
    assert any("has no header" in text for text in every_report(torn, good).values())
    (torn / "trials.csv").write_bytes(b"")
    assert "has no header" in refused(torn)


def test_input_27_a_header_alone_is_a_session_without_trials(torn, good):
    """Every report says so; none fails."""
    for name in ("trials.csv", "turns.csv"):
        changed(torn, name, lambda text: text.split("\n")[0] + "\n")
    notes_on(torn, good)
    done = gil_lab("report", torn, cwd=torn)
    assert (done.returncode, "No trials yet." in done.stdout) == (0, True)


@pytest.mark.parametrize("share", [0.6, *[0.3, 0.9] * thorough()])
def test_input_28_trials_cut_anywhere_are_reported_without_the_last(torn, good, share):
    """Within a row; test_table_file.py cuts at every byte."""
    whole = (torn / "trials.csv").read_bytes()
    cut = int(len(whole) * share)
    (torn / "trials.csv").write_bytes(whole[: cut - whole[:cut].endswith(b"\n")])
    assert "the last row of trials.csv is incomplete and left out" in notes_on(torn, good)


@pytest.mark.parametrize("name", DETAILS)
def test_input_28_other_files_cut_anywhere_lose_their_last_row(torn, name):
    """And no other one."""
    whole = (torn / name).read_bytes()
    rows = reader.read_rows(reader.read(torn), name)
    (torn / name).write_bytes(whole[:-2])
    session = reader.read(torn)
    assert reader.read_rows(session, name) == rows[:-1]
    assert f"the last row of {name} is incomplete and left out" in session.notes


def test_input_28_a_session_of_which_all_files_are_cut_is_reported(torn, good):
    """Half of each is there; what session.json said is gone."""
    for name in [*TABLES, "session.json"]:
        whole = (torn / name).read_bytes()
        (torn / name).write_bytes(whole[: len(whole) // 2])
    assert any(note.startswith("session.json ") for note in notes_on(torn, good))


def test_input_29_a_torn_quote_costs_one_row(torn, good):
    """It does not swallow the rows behind it."""
    changed(torn, "trials.csv", lambda text: text.replace("\n3,", '\n"3,', 1))
    assert "1 unreadable row(s) of trials.csv left out (line 4)" in notes_alone(torn, good)


@pytest.mark.parametrize(
    "edited",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\n\n"),
    ],
    ids=["CRLF", "BOM", "blank-lines"],
)
def test_input_30_what_editors_do_to_line_ends_changes_nothing(torn, good, edited):
    """In every table: whatever is reported of it is the same."""
    for name in TABLES:
        changed(torn, name, edited)
    session, whole = reader.read(torn), reader.read(good.folder)
    assert session.trials == whole.trials
    for name in DETAILS:
        assert reader.read_rows(session, name) == reader.read_rows(whole, name)
    assert session.notes == whole.notes == []
    assert Results.read(torn).rows == good.rows
    TALLY["faults injected"] += 1


def test_input_30_a_missing_final_newline_costs_the_last_row(torn, good):
    """It may be 12.34 of 12.3456."""
    changed(torn, "trials.csv", lambda text: text.removesuffix("\n"))
    assert len(Results.read(torn).trials) == len(good.trials) - 1


@pytest.mark.parametrize("sign", [";", "\t"], ids=["semicolon", "tab"])
def test_input_31_a_file_saved_by_a_spreadsheet_is_refused(torn, good, sign):
    """With decimal commas it could only be guessed at."""
    for name in DETAILS:
        whole = (torn / name).read_bytes()
        changed(torn, name, lambda text: text.replace(",", sign).replace(".", ","))
        assert refused_rows(torn, name).startswith(f"{name} lacks the column ")
        assert f"looks re-saved with {sign!r}" in refused_rows(torn, name)
        (torn / name).write_bytes(whole)
    for name in DETAILS:
        changed(torn, name, lambda text: text.replace(",", sign).replace(".", ","))
    assert any(f"looks re-saved with {sign!r}" in text for text in every_report(torn, good).values())
    changed(torn, "trials.csv", lambda text: text.replace(",", sign).replace(".", ","))
    assert f"looks re-saved with {sign!r}" in refused(torn)


def test_input_33_an_unknown_column_is_a_note(torn, good):
    """Of a later version, or of one's own."""
    changed(torn, "trials.csv", lambda text: "\n".join(f"{line},{'x'}" if line else "" for line in text.split("\n")))
    assert notes_alone(torn, good) == ["trials.csv has 1 column(s) unknown to this version (x)"]


def test_input_34_a_header_that_is_repeated_is_skipped_with_a_note(torn, good):
    """As in two files that were joined."""
    changed(torn, "trials.csv", lambda text: text + text.split("\n")[0] + "\n")
    assert notes_alone(torn, good) == [f"1 unreadable row(s) of trials.csv left out (line {len(trials_in(torn)) + 1})"]


@pytest.mark.parametrize("schema", [SCHEMA + 1, 99, 10**4000], ids=["next", "later", "absurd"])
def test_input_35_a_session_of_a_newer_version_is_refused(torn, schema):
    """Its columns may mean something else."""
    changed(torn, "session.json", lambda text: json.dumps({**json.loads(text), "schema": schema}))
    assert "was made by a newer gil-lab" in refused(torn)
    assert gil_lab("report", torn, cwd=torn).returncode == 4


def test_input_36_ragged_rows_are_counted_and_the_first_five_named(torn, good):
    """Too short, too long."""
    header, *lines = (torn / "trials.csv").read_text().splitlines(keepends=True)
    ragged = [f"{line.strip()},\n" if at % 2 else line.replace(",", "", 1) for at, line in enumerate(lines)]
    (torn / "trials.csv").write_text("".join([header, *ragged[:7], *lines[7:]]))
    assert "7 unreadable row(s) of trials.csv left out (line 2, 3, 4, 5, 6 ...)" in notes_alone(torn, good)


# Files of other programs


def _database():
    base = sqlite3.connect(":memory:")
    base.execute("create table trials (trial)")
    return base.serialize()


class Trap:
    """What a pickle does when it is loaded."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


OTHERS = {
    "utf-16": "".join([HEADER, encoded_row(row())]).encode("utf-16"),
    "gzip": gzip.compress(HEADER.encode()),
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "sqlite": _database(),
    "pickle": pickle.dumps(Trap()),
    "nul": b"\x00" * 1000,
    "elf": b"\x7fELF\x02\x01\x01\x00",
}


TRIED = [name for name in OTHERS if thorough() or name not in ("png", "sqlite", "elf")]
"""Without those that begin with bytes of no text, and go on with zeros, as others do."""


@pytest.mark.parametrize("other", TRIED)
def test_input_38_a_file_of_another_program_is_none_of_ours(torn, good, other, monkeypatch):
    """It is refused, or named in a note; it is never unpickled, unpacked or run."""
    content = OTHERS[other]
    monkeypatch.chdir(torn.parent)
    for name in REST:
        (torn / name).write_bytes(content)
    every_report(torn, good)
    (torn / "trials.csv").write_bytes(content)
    assert "trials.csv " in refused(torn)
    assert not (torn.parent / "sprung").exists()


def test_input_46_the_command_refuses_a_pickle_called_trials(torn):
    """Nothing is ever unpickled from disk."""
    (torn / "trials.csv").write_bytes(OTHERS["pickle"])
    done = gil_lab("report", torn, cwd=torn)
    assert done.returncode == 4
    assert not (torn / "sprung").exists()


FIELDS = {"long": b"x" * 200_000, "nul": b"a\x00b", "not-utf-8": b"\xff\xfe"}


@pytest.mark.parametrize("text", FIELDS.values(), ids=FIELDS)
def test_input_38_a_field_of_any_content_costs_its_row_or_is_shown_escaped(torn, text):
    """Longer than the reader of CSV takes, with a NUL, with bytes that are no text."""
    content = (torn / "trials.csv").read_bytes()
    (torn / "trials.csv").write_bytes(content.replace(b"not done after", text, 1))
    TALLY["faults injected"] += 1
    trials = Results.read(torn).trials
    assert len(trials) >= content.count(b"\n") - 2
    assert all(trial.detail.isprintable() for trial in trials)


def test_input_38_reports_of_fields_of_any_content_are_made(torn, good):
    """Of all of them in one file, each in a row of its own."""
    content = (torn / "trials.csv").read_bytes()
    for name, there in (("long", b"not done after"), ("not-utf-8", b"not done after"), ("nul", b"python 3.11.7")):
        content = content.replace(there, FIELDS[name], 1)
    (torn / "trials.csv").write_bytes(content)
    notes_on(torn, good)


def test_input_39_two_sessions_in_one_file_count_each_trial_once(torn, good):
    """In whatever order; how many rows stood there twice is a note."""
    changed(torn, "trials.csv", lambda text: text + "".join(f"{line}\n" for line in reversed(text.split("\n")[1:-1])))
    notes = notes_alone(torn, good)
    assert notes == [f"{len(good.trials)} repeated row(s) of trials.csv left out"]
    assert Results.read(torn).rows == good.rows


def test_input_40_a_row_is_ok_exactly_if_it_has_numbers(torn, good):
    """One that is ok without, and one that failed with them, are bad rows."""
    changed(torn, "trials.csv", lambda text: text.replace(",timeout,", ",ok,", 1).replace(",ok,,", ",crashed,,", 1))
    assert any(note.startswith("2 unreadable row(s) of trials.csv left out") for note in notes_alone(torn, good))


# Amounts


def test_input_43_of_very_many_rows_the_first_are_read(torn, good, monkeypatch):
    """With a note on how many there are: time and memory are bounded."""
    monkeypatch.setattr(reader, "MAX_TRIALS", 3)
    assert "trials.csv has 28 rows, of which the first 3 are read" in notes_on(torn, good)
    assert len(Results.read(torn).trials) == 3


def test_input_43_a_million_rows_of_details_are_not_all_read():
    """The limit is the reader's own default, in every table."""
    lines = "1,0,timed,0,1\n" * 50
    table = csv_table.decoded("trial,number,kind,begin_ns,end_ns\n" + lines, reader.FILES["passes.csv"], "p.csv", 20)
    assert (len(table.rows), table.notes) == (20, ["p.csv has 50 rows, of which the first 20 are read"])
    assert csv_table.MAX_ROWS <= 1_000_000


def test_input_43_of_very_many_cells_the_first_are_shown(tmp_path, good, monkeypatch):
    """More strategies than a report shows: every report is made, and says how many it shows.

    Of a limit that is a part of the real one, a larger one in the thorough profile: pictures of many cells take long.
    """
    first, second = encoded_row(row("STRATEGY", number=77777)).split("STRATEGY")
    monkeypatch.setattr(results, "MAX_CELLS", results.MAX_CELLS // (16 if thorough() else 64))
    many = results.MAX_CELLS + 10
    lines = [f"{first}s{n}{second}".replace("77777", str(n), 1) for n in range(1, many + 1)]
    folder = session_in(tmp_path / "many")
    (folder / "trials.csv").write_text(HEADER + "".join(lines))
    reports = every_report(folder, good)
    assert f"{many} cells were measured, of which the first {results.MAX_CELLS} are reported" in reports["html"]
    assert max(map(len, reports.values())) < 8_000_000
    assert len(Results.read(folder)) == results.MAX_CELLS


def test_input_44_a_file_that_grows_is_read_as_far_as_it_was(tmp_path, monkeypatch):
    """What is appended meanwhile belongs to the next report."""
    path = tmp_path / "trials.csv"
    path.write_text("before")
    look = os.fstat

    def and_grow(descriptor):
        seen = look(descriptor)
        with path.open("a") as file:
            file.write("after")
        return seen

    monkeypatch.setattr(bounded_reads.os, "fstat", and_grow)
    assert bounded_reads.content(path) == b"before"


def test_input_44_a_file_that_shrinks_is_read_as_far_as_it_goes(tmp_path, monkeypatch):
    """And reading ends."""
    path = tmp_path / "trials.csv"
    path.write_text("before")
    look = os.fstat

    def and_shrink(descriptor):
        seen = look(descriptor)
        os.truncate(path, 3)
        return seen

    monkeypatch.setattr(bounded_reads.os, "fstat", and_shrink)
    assert bounded_reads.content(path) == b"bef"


def test_input_45_two_machines_are_named_before_anything_is_ranked(tmp_path):
    """Which is faster is then a question about the machines, and the report says that they are two."""
    trials = [row("threading", 0.5, number=number, round=number) for number in (1, 2, 3)]
    here = Results.read(session_in(tmp_path / "a", trials, about()))
    faster = [row("threading", 0.1, number=number, round=number) for number in (1, 2, 3)]
    there = Results.read(session_in(tmp_path / "b", faster, {**ABOUT, "machine": OTHER_MACHINE}))
    text = every_report(there.folder, here)["compared"]
    for name in ("AMD EPYC", "Xeon"):
        assert 0 < text.find(name) < text.index("threading x2"), text


def test_input_45_sessions_of_two_machines_make_no_series(tmp_path):
    """Of all sessions below a folder, only those of one machine are shown over time."""
    for name, machine in (("a", MACHINE), ("b", OTHER_MACHINE)):
        session_in(tmp_path / "x" / name, [row("threading", 0.5)], {**ABOUT, "machine": machine})
    rows = history(tmp_path / "x").rows
    assert len(rows) == 2
    assert by_cell(rows) == []


# Any edit of any file


@pytest.fixture(scope="module")
def files(good):
    """What stands in each of its files."""
    return {path.name: path.read_bytes() for path in sorted(good.folder.iterdir()) if path.suffix in (".csv", ".json")}


def cut_short(files):
    """The same of a session that was killed: half of its trials have no row."""
    lines = files["trials.csv"].splitlines(keepends=True)
    return {**files, "trials.csv": b"".join(lines[: len(lines) // 2 + 1])}


def test_inputs_of_any_kind_come_to_reports_or_to_one_line(files, good, tmp_path):
    """Bytes, lines, fields and values of one or two files are changed at random, and every report is made.

    Of a session that ended and of one that was killed. Nothing but errors of the lab's own leaves them, of one line
    each, and no file is written but derived ones.
    """
    tried = set()

    @examples(60)
    @given(strategies.data(), strategies.booleans())
    def hold(data, killed):
        before = cut_short(files) if killed else files
        edited = data.draw(edits(before))
        tried.add(killed)
        folder = tmp_path / "cpu-bound" / good.folder.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in {**before, **edited}.items():
            (folder / name).write_bytes(content)
        TALLY["faults injected"] += 1
        every_report(folder, good)

    hold()
    assert tried == {False, True}


FROM_TURNS = ("turns.csv", "starts.csv", "passes.csv", "tasks.csv")
"""What the rows of trials come from that have none."""


def test_a_session_that_was_killed_has_rows_for_the_turns_that_were_taken(files, good, torn):
    """Marked as cut short: as many passes, as long, and with no more than the start reported."""
    (torn / "trials.csv").write_bytes(cut_short(files)["trials.csv"])
    found = {trial.trial: trial for trial in Results.read(torn).trials}
    missing = set()
    for trial in good.trials:
        if trial.numbers is None:
            missing |= {trial.trial} - set(found)
            continue
        numbers = found[trial.trial].numbers
        assert found[trial.trial].cell == trial.cell
        assert (numbers.wall_s, numbers.passes, numbers.costs, numbers.in_flight, numbers.cores_busy) == (
            *(trial.numbers.wall_s, trial.numbers.passes, trial.numbers.costs, trial.numbers.in_flight),
            trial.numbers.cores_busy,
        )
        assert found[trial.trial].flags == ((Flag.CUT_SHORT,) if trial.trial > len(good.trials) // 2 else trial.flags)
    assert len(missing) == 1  # it failed, and nothing says so any more


@pytest.mark.parametrize("name", FROM_TURNS)
def test_a_torn_last_row_costs_a_killed_session_no_more_than_its_trial(files, torn, name):
    """Whichever file was being written: each other trial has its row."""
    for each, content in cut_short(files).items():
        (torn / each).write_bytes(content)
    whole = Results.read(torn).trials
    (torn / name).write_bytes((torn / name).read_bytes()[:-2])
    left = Results.read(torn).trials
    assert left in (whole, whole[:-1])
    assert (len(left) < len(whole)) == (name in ("turns.csv", "starts.csv", "tasks.csv"))


@pytest.mark.parametrize("name", FROM_TURNS)
def test_any_number_in_what_a_killed_session_left_costs_trials_and_no_more(files, torn, name):
    """In every column: no division by zero, no list as long as a file says.

    Outside the thorough profile each column has some of the values, and each value is in some columns.
    """
    for each in TABLES:
        header, *lines = files[each].decode().splitlines(keepends=True)
        (torn / each).write_text("".join([header, *(line for line in lines if line.startswith(("26,", "27,")))]))
    (torn / "trials.csv").write_text(HEADER)
    assert [trial.trial for trial in reader.read(torn).trials] == [26, 27]
    header, *rows = csv.reader(io.StringIO((torn / name).read_text()))
    pairs = list(product(range(len(header)), [*NUMBERS, *TEXTS[:3]]))
    for column, value in (pairs[place] for place in swept(range(len(pairs)))):
        out = io.StringIO()
        edited = [[*cells[:column], value, *cells[column + 1 :]] for cells in rows]
        csv.writer(out, lineterminator="\n").writerows([header, *edited])
        (torn / name).write_text(out.getvalue())
        TALLY["faults injected"] += 1
        trials = reader.read(torn).trials
        assert {trial.trial for trial in trials} <= {26, 27}, (header[column], value)
        assert all(0 < trial.numbers.wall_s < float("inf") for trial in trials)


ODD = [None, True, -1, 0, 10**400, 1.5, 1e308, float("nan"), float("inf"), "", [], {}, [None], {"": None}]
DEEP = json.loads("[" * 500 + "]" * 500)


@pytest.mark.parametrize(
    "key",
    ["schema", "experiment", "machine", "interpreters", "missing", "options", "workloads", "references", "trials"],
)
def test_every_field_of_session_json_may_hold_anything(torn, good, key):
    """Of any type: where a number, a list, an object or a text is expected; deep, long, unprintable.

    Every report is made of all of them in the thorough profile; else of those that reports read themselves, below.
    """
    whole = json.loads((torn / "session.json").read_text())
    inner = (
        [{**whole[key], name: value} for name in whole[key] for value in ODD] if isinstance(whole[key], dict) else []
    )
    values = [*ODD, *TEXTS, "x" * 1_000_000, DEEP, list(range(100_000)), *inner[:60]] if key in whole else ODD
    for value in (values[place] for place in swept(range(len(values)))):
        (torn / "session.json").write_text(json.dumps({**whole, key: value}))
        TALLY["faults injected"] += 1
        try:
            results = Results.read(torn)
        except StoreError as error:
            assert key == "schema"
            assert one_line(error)
            continue
        assert results.session.experiment.isprintable()
        assert len(results.session.experiment) <= 40
        assert max(map(len, results.session.notes), default=0) < 500
    if thorough():
        every_report(torn, good)


REPORTED = ("machine", "interpreters", "options", "workloads")
"""What reports read of session.json themselves."""


@pytest.mark.parametrize("within", [True, False], ids=["fields", "whole"])
def test_every_report_is_made_whatever_is_in_session_json(torn, good, within):
    """Another odd value in each of the fields that they read, or within those."""
    whole = json.loads((torn / "session.json").read_text())
    odd = cycle([*ODD, *TEXTS])
    for key in REPORTED:
        inside = within and isinstance(whole[key], dict)
        whole[key] = {name: next(odd) for name in whole[key]} if inside else next(odd)
    (torn / "session.json").write_text(json.dumps(whole))
    notes_on(torn, good)
