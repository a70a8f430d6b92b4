"""Properties of the reader: whatever was written comes back, and whatever else is there costs only itself."""

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from made import HEADER, encoded_row, instances, session_in

from gil_lab.model.errors import StoreError
from gil_lab.model.records import Status
from gil_lab.sessions.csv_table import columns, decoded, encoded
from gil_lab.sessions.reader import read
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.schema import FILES

ROWS = st.lists(instances(TrialRow), max_size=5, unique_by=lambda row: row.trial)


def text_of(kind, rows):
    return encoded(columns(kind)) + "".join(map(encoded_row, rows))


@examples(150)
@given(st.sampled_from(sorted(FILES)).flatmap(lambda name: st.tuples(st.just(name), st.lists(instances(FILES[name])))))
def test_whatever_rows_are_written_are_read(written):
    """Of every file, and without a note."""
    name, rows = written
    table = decoded(text_of(FILES[name], rows), FILES[name], name)
    assert (table.rows, table.notes) == (rows, [])


@examples(150)
@given(ROWS, st.data())
def test_a_file_that_is_cut_holds_a_prefix_of_its_rows(rows, data):
    """At any byte, within a sign of several bytes too; a row that is torn is none, not a shorter one."""
    whole = text_of(TrialRow, rows).encode()
    cut = data.draw(st.integers(len(HEADER), len(whole)))
    table = decoded(whole[:cut].decode(errors="replace"), TrialRow, "trials.csv")
    assert table.rows == rows[: whole[:cut].count(b"\n") - 1]
    assert len(table.notes) == (not whole[:cut].endswith(b"\n"))


@examples(150)
@given(ROWS, ROWS, st.data())
def test_rows_behind_a_torn_one_are_read_if_a_new_line_was_begun(before, behind, data):
    """What is appended after a cut, on a line of its own, is whole."""
    whole = text_of(TrialRow, before)
    cut = data.draw(st.integers(len(HEADER), len(whole)))
    kept = whole[:cut] if whole[:cut].endswith("\n") else f"{whole[:cut]}\n"
    table = decoded(kept + "".join(map(encoded_row, behind)), TrialRow, "trials.csv")
    assert table.rows[len(table.rows) - len(behind) :] == behind
    assert before[: whole[:cut].count("\n") - 1] == table.rows[: whole[:cut].count("\n") - 1]


LINES = st.lists(st.sampled_from([HEADER.encode(), b"1,2\n", b'"', b",", b"\xff\n", b"\n"]) | st.binary(max_size=9))


@examples(150)
@given(st.binary(max_size=300) | LINES.map(b"".join) | LINES.map(lambda parts: HEADER.encode() + b"".join(parts)))
def test_any_bytes_are_a_session_or_an_error_of_one_line(tmp_path_factory, content):
    """Never another exception."""
    folder = session_in(tmp_path_factory.getbasetemp() / "bytes")
    (folder / "trials.csv").write_bytes(content)
    try:
        session = read(folder)
    except StoreError as error:
        assert str(error).isprintable()
    else:
        assert all(isinstance(row, TrialRow) for row in session.trials)
        assert all((row.numbers is not None) == (row.status is Status.OK) for row in session.trials)


@examples(150)
@given(ROWS, st.integers(0, 5), st.binary(max_size=40).filter(lambda junk: b"\n" not in junk and junk.strip()))
def test_a_line_of_rubbish_costs_itself(rows, at, junk):
    """Wherever it stands."""
    lines = [encoded_row(row).encode() for row in rows]
    lines[at:at] = [junk + b"\n"]
    table = decoded((HEADER.encode() + b"".join(lines)).decode(errors="replace"), TrialRow, "trials.csv")
    assert table.rows == rows
