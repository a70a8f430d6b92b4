"""One session in a folder at a time, and only files that are ours."""

import os
import subprocess
import sys

import pytest

from faults.rig import TALLY, needs_root
from faults.sessions_on_disk import finish, finished, new, numbers, reopened, write
from gil_lab.model.errors import StoreError
from gil_lab.sessions.append_only import Appender
from gil_lab.sessions.locking import holder
from gil_lab.sessions.reader import read
from gil_lab.sessions.schema import LAST


def test_fault_35_a_folder_in_use_is_not_opened_twice(tmp_path):
    """Neither a new session nor one that was resumed; when the first one ends, the next one may."""
    first = new(tmp_path, 3)
    for _ in range(2):
        first.append(finished(first.kept + 1))
        before = {file.name: file.read_bytes() for file in first.path.iterdir()}
        with pytest.raises(StoreError, match=rf"trials\.csv is in use by pid {os.getpid()}; wait for its end"):
            reopened(first.path)
        assert {file.name: file.read_bytes() for file in first.path.iterdir()} == before
        first.close()
        first = reopened(first.path)
        TALLY["faults injected"] += 1
    first.close()


def test_fault_35_a_lock_dies_with_its_process(tmp_path):
    """Killed with SIGKILL, it leaves nothing that has to be removed by hand."""
    path = write(tmp_path, 1, of=2)
    program = (
        "import sys, time; from pathlib import Path; from gil_lab.sessions.append_only import Appender;"
        "file = Appender(Path(sys.argv[1]), new=False); file.lock(); print('locked', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, path / LAST], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with pytest.raises(StoreError, match=f"in use by pid {process.pid}"):
            reopened(path)
        process.kill()
    finish(path, 2)
    assert numbers(read(path)) == [1, 2]
    TALLY["faults injected"] += 1


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("1: FLOCK  ADVISORY  WRITE 42 00:1f:7 0 EOF\n", 42),
        ("1: POSIX  ADVISORY  WRITE 42 00:1f:7 0 EOF\n", None),
        ("1: -> FLOCK  ADVISORY  WRITE 43 00:1f:7 0 EOF\n1: FLOCK  ADVISORY  WRITE 42 00:1f:7 0 EOF\n", 42),
        ("1: FLOCK  ADVISORY  WRITE 42 00:1f:7 0 EOF\n2: FLOCK  ADVISORY  WRITE 43 00:2f:7 0 EOF\n", None),
        ("1: FLOCK  ADVISORY  WRITE 0 00:1f:7 0 EOF\n", None),
        ("garbage\n\n1:\n", None),
        (None, None),
    ],
)
def test_fault_35_the_holder_of_a_lock_is_named_only_if_it_is_known(tmp_path, lines, expected):
    """Malformed lines of the system's list are skipped; without a list no holder is named."""
    if lines is not None:
        (tmp_path / "locks").write_text(lines)
    assert holder(os.stat_result((0, 7, *[0] * 8)), tmp_path / "locks") == expected


def test_fault_35_a_pipe_in_place_of_a_file_is_refused_at_once(tmp_path):
    """Without waiting for a program that reads it."""
    os.mkfifo(tmp_path / "passes.csv")
    with pytest.raises(OSError, match=r"No such device|no file"):
        Appender(tmp_path / "passes.csv", new=False)
    TALLY["faults injected"] += 1


@pytest.mark.parametrize("make", ["link", "hard link", "folder", "missing"])
def test_fault_35_only_a_file_of_ours_is_opened_again(tmp_path, make):
    """Never what a link points to."""
    path = write(tmp_path / "out", 1, of=2)
    victim = tmp_path / "victim"
    victim.write_bytes((path / "passes.csv").read_bytes())
    (path / "passes.csv").unlink()
    {
        "link": lambda: (path / "passes.csv").symlink_to(victim),
        "hard link": lambda: os.link(victim, path / "passes.csv"),
        "folder": (path / "passes.csv").mkdir,
        "missing": lambda: None,
    }[make]()
    with pytest.raises(StoreError, match="cannot be continued"):
        reopened(path)
    assert victim.read_bytes().endswith(b"\n")
    TALLY["faults injected"] += 1


@needs_root
def test_fault_35_a_file_of_another_user_is_not_appended_to(tmp_path):
    """Root could, and would write wherever that user lets the file point."""
    path = write(tmp_path, 1, of=2)
    os.chown(path / LAST, 65534, 65534)
    with pytest.raises(StoreError, match="belongs to another user"):
        reopened(path)
    TALLY["faults injected"] += 1
