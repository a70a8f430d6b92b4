"""Files whose end is missing: a prefix is read, and a resumed session goes on in a fresh line."""

import re

import pytest

from faults.rig import TALLY
from faults.sessions_on_disk import all_rows, finish, reopened, write
from gil_lab.model.errors import StoreError
from gil_lab.sessions.reader import read
from gil_lab.sessions.schema import LAST, TORN


def cut_off(path, name):
    """What lies beside a file because it was cut off it."""
    return b"".join(file.read_bytes() for file in sorted(path.glob(f"{name}{TORN}*")))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A session of three trials, the last with a quoted field, and what reads of it: files, rows of each."""
    path = write(tmp_path_factory.mktemp("small"), 3)
    return {file.name: file.read_bytes() for file in path.iterdir()}, all_rows(path)


def laid_out(folder, files):
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_fault_33_a_torn_last_row_costs_itself_alone_at_every_byte(small, tmp_path, patient_disk):
    """Wherever trials.csv is cut: a prefix is read; reopened, rows go on in a fresh line; what was cut off is kept."""
    files, whole = small
    content = files[LAST]
    header = content.index(b"\n") + 1
    for length in range(header, len(content)):
        path = laid_out(tmp_path / str(length), {**files, LAST: content[:length]})
        complete = content[:length].count(b"\n") - 1
        assert read(path).trials == whole["trials"][:complete]
        finish(path, 3)
        assert (path / LAST).read_bytes() == content
        assert all_rows(path) == whole
        assert cut_off(path, LAST) == content[content.rindex(b"\n", 0, length) + 1 : length]
        TALLY["faults injected"] += 1


@pytest.mark.parametrize("name", ["passes.csv", "cores.csv"])
def test_fault_33_rows_without_their_trial_are_cut_off_at_every_byte(small, tmp_path, name, patient_disk):
    """A file of details may hold more than trials.csv, or less than a line: only finished trials count."""
    files, whole = small
    rows = files[LAST].splitlines(keepends=True)
    content = files[name]
    first = next(m.end() for m in re.finditer(rb"\n1,[^\n]*(?=\n2,)", content)) + 1  # where trial 2 begins
    for length in range(first, len(content) + 1):
        path = laid_out(tmp_path / str(length), {**files, name: content[:length], LAST: b"".join(rows[:2])})
        finish(path, 3)
        assert all_rows(path) == whole
        assert cut_off(path, name) == content[first:length]
        TALLY["faults injected"] += 1


def test_fault_33_a_header_that_is_not_ours_is_not_continued(small, tmp_path):
    """Rows under other columns would say something else."""
    files, _ = small
    header, _, rest = files["passes.csv"].partition(b"\n")
    path = laid_out(tmp_path / "edited", {**files, "passes.csv": header.replace(b"kind", b"sort") + b"\n" + rest})
    with pytest.raises(StoreError, match="other columns"):
        reopened(path)
    assert not list(path.glob(f"*{TORN}*"))
