"""CSV files: rows come back as they were, and what an editor, a crash or a stranger did to a file costs little."""

import csv
import io
from dataclasses import dataclass, fields, make_dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import HEADER, instances, row, session_in, text_of

from gil_lab.analysis.core_use import CoreUse
from gil_lab.analysis.history import HistoryRow
from gil_lab.analysis.summaries import Summary
from gil_lab.model.columns import in_columns
from gil_lab.model.errors import StoreError
from gil_lab.model.records import Flag, MemoryUse
from gil_lab.sessions import csv_table
from gil_lab.sessions.csv_table import column_value, columns, decoded, encoded, encoded_row, later_columns
from gil_lab.sessions.reader import read
from gil_lab.sessions.rows import PassRow, TrialRow
from gil_lab.sessions.schema import FILES

KINDS = [*FILES.values(), Summary, CoreUse, HistoryRow]


@dataclass(frozen=True)
class Point:
    x: int
    y: float


@dataclass(frozen=True)
class Mark:
    name: str
    place: Point | None
    seen: bool


def with_value(column, value):
    """The line of a trial in which one column holds something else."""
    values = next(csv.reader([encoded_row(row())]))
    values[columns(TrialRow).index(column)] = value
    return ",".join(values) + "\n"


def test_columns_are_the_fields_of_the_records():
    """In the place of a field that is a record, its fields; there is no second list of columns."""
    assert columns(Mark) == ("name", "x", "y", "seen")
    assert columns(PassRow) == ("trial", "number", "kind", "begin_ns", "end_ns", "generation", "round", "turn")


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


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "'=1", '"=1"', '=cmd|"/C calc"!A0'])
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


def test_a_file_cut_at_any_byte_gives_the_rows_before_the_cut(tmp_path):
    """A crash or a full disk tears the last line: it is left out with a note, and nothing else is lost."""
    trials = [row(number=1), row(number=2, detail='é, "quoted"', wall_s=None), row(number=3, flags=(Flag.DRIFTED,))]
    whole = text_of(*trials).encode()
    folder = session_in(tmp_path)
    for cut in range(len(whole) + 1):
        (folder / "trials.csv").write_bytes(whole[:cut])
        if cut < HEADER.index(",cores_wanted"):
            with pytest.raises(StoreError):
                read(folder)
            continue
        names = whole[:cut].decode(errors="ignore").split(",")
        if cut < len(HEADER) - 1 and len(set(names)) < len(names):  # what is left of a name is that of another column
            with pytest.raises(StoreError):
                read(folder)
            continue
        if cut < len(HEADER) - 1:  # in the name of a column that older files lack
            assert read(folder).trials == []
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


LINES = [
    *map(encoded_row, [row(number=1), row(number=2, wall_s=None, detail='é, "quoted"'), row(flags=(Flag.DRIFTED,))]),
    *(with_value("detail", text) for text in ("a\rb", "\x1f", "x" * 150_000, '"torn', '"x"y')),
    *(with_value("wall_s", text) for text in ("1e999", "nan", "1e300", "5E-05", "")),
    *(with_value("peak_rss_bytes", text) for text in ("", '"torn', "9" * 5000, "1_0", "1 ", "-0")),
    *("\n", " \n", "\r\n", ",\n", '"\n', "1,2\n", encoded_row(row()).strip() + ",more\n"),
]


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_a_line_is_read_alike_alone_and_among_others(lines):
    """Lines are read many together; a bad one among them changes nothing for the others, nor they for it."""
    alone = [decoded(HEADER + line, TrialRow, "trials.csv") for line in lines]
    together = decoded(HEADER + "".join(lines), TrialRow, "trials.csv")
    assert together.rows == [one for table in alone for one in table.rows]
    bad = sum(len(table.notes) for table in alone)
    assert together.notes == [] if not bad else together.notes[0].startswith(f"{bad} unreadable row(s)")


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 8])
def test_however_many_lines_are_read_at_once_the_bad_ones_are_named(monkeypatch, at_once):
    """Their numbers are those that an editor shows, blank lines counted."""
    monkeypatch.setattr(csv_table, "TOGETHER", at_once)
    lines = [encoded_row(row(number=2)), "x\n", "\n", encoded_row(row(number=5)), encoded_row(row(number=6)), "y\n"]
    table = decoded(HEADER + "".join(lines), TrialRow, "trials.csv")
    assert [one.trial for one in table.rows] == [2, 5, 6]
    assert table.notes == ["2 unreadable row(s) of trials.csv left out (line 3, 7)"]


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


@pytest.mark.parametrize("column", [name for name in columns(TrialRow) if name not in later_columns(TrialRow)])
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
    for torn in ("a\rb,", "x" * 200_000 + ","):
        with pytest.raises(StoreError, match="no readable header"):
            decoded(f"{torn}{header}\n", TrialRow, "trials.csv")
    assert "unknown to this version (later)" in decoded(f"{header},later\n{line},1\n", TrialRow, "t").notes[0]


@pytest.mark.parametrize(
    "sign", ["\n", "\x1b", "\x7f", "\u202e", "\u2028", "\xa0", "\u3000", "\ud800", "\ue000", "\U000e0001"]
)
def test_what_python_does_not_print_is_told_by_its_number(sign):
    """By the rule of repr(): nothing in a file moves a cursor, turns text round or cannot be seen."""
    (came,) = decoded(text_of(row(detail=f"a{sign}b")), TrialRow, "trials.csv").rows
    assert came.detail == f"a{ascii(sign)[1:-1]}b"


def test_an_older_file_lacks_a_column_that_was_added_later():
    """It reads as empty there, because its field is None unless given; a column of any other kind is asked for."""
    more = make_dataclass("More", [("rss", int), ("swap", int | None, None)], frozen=True)
    made = make_dataclass("Made", [("trial", int), ("memory", more | None), ("late", str | None, None)], frozen=True)
    assert decoded("trial,rss\n1,5\n2,\n", made, "made.csv").rows == [made(1, more(5, None), None), made(2, None, None)]
    assert decoded("trial,late,rss\n1,x,5\n", made, "made.csv").rows == [made(1, more(5, None), "x")]
    with pytest.raises(StoreError, match="lacks the column rss"):
        decoded("trial,swap\n1,5\n", made, "made.csv")


def test_a_new_column_is_one_field():
    """It stands in the header, in the rows and in what is read, under the name that the field gives itself."""
    usual = [(field.name, field.type) for field in fields(MemoryUse)]
    more = make_dataclass("MemoryUse", [*usual, ("swap", Annotated[int, in_columns("swap_bytes")])], frozen=True)
    with pytest.raises(TypeError, match="former has 3 columns, and 1 names"):
        columns(make_dataclass("Made", [("former", Annotated[more, in_columns("one")])]))
    named = in_columns("rss_before", "pss_before", "swap_before")
    made = make_dataclass("Made", [("trial", int), ("memory", more), ("before", Annotated[more | None, named])])
    rows = [made(1, more(5, None, 7), None), made(2, more(None, 6, 8), more(1, 2, 3))]
    text = encoded(columns(made)) + "".join(map(encoded_row, rows))
    assert text.splitlines()[0] == "trial,peak_rss_bytes,pss_bytes,swap_bytes,rss_before,pss_before,swap_before"
    assert decoded(text, made, "made.csv").rows == rows
    assert [column_value(row, "swap_bytes") for row in rows] == [7, 8]
    with pytest.raises(AttributeError, match="no column 'swap'"):
        column_value(rows[0], "swap")
