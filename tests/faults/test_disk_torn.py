"""Files whose end is missing: a prefix is read, and a resumed session goes on in a fresh line."""

import pytest
from examples import swept, thorough

from faults.rig import TALLY
from faults.sessions_on_disk import agree, all_rows, finish, reopened, write_relayed
from gil_lab.model.errors import StoreError
from gil_lab.sessions.reader import read
from gil_lab.sessions.schema import LAST, TORN


def cut_off(path, name):
    """What lies beside a file because it was cut off it."""
    return b"".join(file.read_bytes() for file in sorted(path.glob(f"{name}{TORN}*")))


ALIKE = 25
"""Places of a sweep: some ten rows."""
TRIALS = 4
"""Two generations; the third one is a failure, with a quoted field."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A session that ended, and what reads of it: files, rows of each."""
    path = write_relayed(tmp_path_factory.mktemp("small"), TRIALS)
    return {file.name: file.read_bytes() for file in path.iterdir()}, all_rows(path)


def laid_out(folder, files):
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def of_first(content, trials):
    """The rows of the first trials, below the header."""
    header, *lines = content.splitlines(keepends=True)
    return b"".join([header, *(line for line in lines if int(line.partition(b",")[0]) <= trials)])


def test_fault_33_a_torn_last_row_costs_itself_alone_at_every_byte(small, tmp_path, patient_disk):
    """Wherever trials.csv is cut: a prefix is read; reopened, rows go on in a fresh line; what was cut off is kept.

    The trials behind it have had turns: they are cut short.
    """
    files, whole = small
    content = files[LAST]
    header = content.index(b"\n") + 1
    for length in swept(range(header, len(content))):
        path = laid_out(tmp_path / str(length), {**files, LAST: content[:length]})
        complete = content[:length].count(b"\n") - 1
        expected = set(range(complete + 1, TRIALS + 1))
        session = read(path)
        assert session.trials[:complete] == whole["trials"][:complete]
        assert {row.trial for row in session.cut_short} == expected
        finish(path, TRIALS, session)
        kept = content[: content.rindex(b"\n", 0, length) + 1]
        assert (path / LAST).read_bytes().startswith(kept)
        assert agree(all_rows(path), whole) == expected
        assert cut_off(path, LAST) == content[len(kept) : length]
        TALLY["faults injected"] += 1


@pytest.mark.parametrize("name", ["passes.csv", "cores.csv", "turns.csv"])
def test_fault_33_rows_without_their_round_are_cut_off_at_every_byte(small, tmp_path, name, patient_disk):
    """The first round of a generation is torn: a trial counts once its turn is there, and no other rows are left.

    Of many rows that are alike, the first ones and the last ones; in the thorough profile all.
    """
    files, whole = small
    begun = {each: of_first(files[each], 2) for each in ("turns.csv", LAST)}
    content = files[name]
    first = len(of_first(content, 2))
    places = swept(range(first, len(content) + 1))
    for length in places if thorough() else sorted({*places[:ALIKE], *places[-ALIKE:]}):
        path = laid_out(tmp_path / str(length), {**files, **begun, name: content[:length]})
        taken = [line.partition(b",")[0] for line in content[first:length].splitlines(keepends=True) if b"\n" in line]
        short = set(map(int, taken)) if name == "turns.csv" else set()
        session = read(path)
        assert {row.trial for row in session.cut_short} == short
        finish(path, TRIALS, session)
        assert agree(all_rows(path), whole) == short
        lost = content[first:length].rpartition(b"\n")[2] if name == "turns.csv" else content[first:length]
        assert cut_off(path, name) == lost
        TALLY["faults injected"] += 1


@pytest.mark.parametrize("name", ["starts.csv", "tasks.csv"])
def test_fault_33_a_trial_whose_start_is_torn_is_measured_again(small, tmp_path, name, patient_disk):
    """A trace that lacks a task would be another one."""
    files, whole = small
    ended, content = of_first(files[LAST], 2), files[name]
    for length in swept(range(len(content) - 40, len(content))):
        path = laid_out(tmp_path / str(length), {**files, LAST: ended, name: content[:length]})
        session = read(path)
        assert {row.trial for row in session.cut_short} == {3}
        finish(path, TRIALS, session)
        assert agree(all_rows(path), whole) == {3}
        TALLY["faults injected"] += 1


def test_fault_33_a_header_that_is_not_ours_is_not_continued(small, tmp_path):
    """Rows under other columns would say something else."""
    files, _ = small
    header, _, rest = files["passes.csv"].partition(b"\n")
    path = laid_out(tmp_path / "edited", {**files, "passes.csv": header.replace(b"kind", b"sort") + b"\n" + rest})
    with pytest.raises(StoreError, match="other columns"):
        reopened(path)
    assert not list(path.glob(f"*{TORN}*"))
