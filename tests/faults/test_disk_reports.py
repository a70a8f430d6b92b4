"""Reports that cannot be written whole, and sessions that are huge."""

import errno
import os
import subprocess

import pytest
from examples import thorough
from full_disk import disk_full_at

from faults.rig import LAB, TALLY
from faults.sessions_on_disk import write
from gil_lab.model.errors import StoreError
from gil_lab.sessions.files import write_file
from gil_lab.sessions.schema import LAST


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_fault_34_a_report_is_the_old_one_or_the_new_one(tmp_path, monkeypatch, call, error):
    """Whatever fails while it is written: byte for byte the old one, and nothing beside it."""
    page = tmp_path / "report.html"
    page.write_bytes(b"the old one")

    def fails(*given, **more):
        raise error

    monkeypatch.setattr(os, call, fails)
    with pytest.raises((StoreError, KeyboardInterrupt)):
        write_file(page, b"the new one" * 1000)
    monkeypatch.undo()
    assert page.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [page]
    TALLY["faults injected"] += 1


@pytest.mark.parametrize("room", [0, 1, 4096, 10_000])
def test_fault_34_a_page_that_finds_no_room_leaves_the_old_one(tmp_path, room):
    """A real short write, as on a full disk."""
    page = tmp_path / "report.html"
    write_file(page, b"old" * 5000)
    with disk_full_at(room), pytest.raises(StoreError, match="cannot be written"):
        write_file(page, b"new" * 5000)
    assert page.read_bytes() == b"old" * 5000
    assert list(tmp_path.iterdir()) == [page]
    TALLY["faults injected"] += 1


def test_fault_34_a_report_replaces_a_link_and_not_what_it_points_to(tmp_path):
    """Readable for everybody whom the umask allows."""
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "report.html").symlink_to("victim")
    write_file(tmp_path / "report.html", b"new")
    assert (tmp_path / "victim").read_text() == "mine"
    assert (tmp_path / "report.html").read_bytes() == b"new"
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "report.html").lstat().st_mode & 0o777 == 0o644 & ~umask


HUGE = 150_000 if thorough() else 15_000
"""Trials."""
ROOM_KIB = HUGE * 3 * 2**19 // 150_000
"""Of address space, the program included: 10 KiB a trial."""


@pytest.mark.timeout(600)
def test_fault_36_a_huge_session_is_read_in_bounded_memory(tmp_path):
    """A report on 15,000 trials ends within 150 MiB of address space, and in the thorough profile one on 150,000 within
    1.5 GiB. The program alone has 38 MiB, and each trial takes 2 KiB.
    """
    path = write(tmp_path, 1)
    rows = (path / LAST).read_text().splitlines()
    with (path / LAST).open("w") as file:
        file.write(f"{rows[0]}\n")
        file.writelines(f"{number},{number},{rows[1].split(',', 2)[2]}\n" for number in range(1, HUGE + 1))
    limited = f'ulimit -v {ROOM_KIB}; exec "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, "bash", *LAB, "report", path], capture_output=True, text=True, timeout=550, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "sequential" in done.stdout
    TALLY["faults injected"] += 1
