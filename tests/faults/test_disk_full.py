"""Disks that are full or broken: the row that cannot be saved is printed, and what was there stays as it was."""

import errno
import os
import re
import subprocess

import pytest
from full_disk import disk_full_at

from faults.rig import TALLY, needs_root
from faults.sessions_on_disk import (
    SIDE_BY_SIDE,
    agree,
    all_rows,
    finish,
    finished,
    new,
    numbers,
    relayed,
    write_relayed,
)
from gil_lab.model.errors import StoreError
from gil_lab.sessions.append_only import Appender, UnconfirmedError
from gil_lab.sessions.reader import read, read_rows
from gil_lab.sessions.schema import LAST

COUNT = 8
"""Trials: more than there is room for."""


def test_fault_27_a_full_disk_undoes_what_was_half_written(tmp_path, patient_disk):
    """At every size at which a file can be full: all files end in whole lines of the trials before."""
    kept_at_all = set()
    for size in range(600, 1700, 40):
        folder = new(tmp_path / str(size), COUNT)
        kept = 0
        with disk_full_at(size), pytest.raises(StoreError) as caught:
            for number in range(1, COUNT + 1):
                folder.append(finished(number))
                kept = number
        folder.close()
        session = read(folder.path)
        assert numbers(session) == list(range(1, kept + 1))
        verb = "is" if kept == COUNT - 1 else "are"
        assert session.notes == [f"{COUNT - kept} of {COUNT} trials {verb} missing: the session was interrupted"]
        assert {row.trial for row in read_rows(session, "passes.csv")} <= set(numbers(session))
        assert f"kept {kept} rows in {folder.path}" in str(caught.value)
        assert f"gil-lab run --resume {folder.path}" in str(caught.value)
        assert f"the row: {kept + 1},{kept + 1},primes,sequential" in str(caught.value)
        finish(folder.path, COUNT)
        assert numbers(read(folder.path)) == list(range(1, COUNT + 1))
        kept_at_all.add(kept)
        TALLY["faults injected"] += 1
    assert kept_at_all == set(range(5))


def test_fault_27_a_disk_that_is_full_in_the_middle_of_a_round_costs_that_round(tmp_path, patient_disk):
    """At every size: what was acknowledged is read, nothing of the round that failed is left, and the rest follows."""
    costs = set()
    whole = all_rows(write_relayed(tmp_path / "whole", COUNT))
    for size in range(600, 1700, 40):
        folder, kept = new(tmp_path / str(size), COUNT), []
        with disk_full_at(size), pytest.raises(StoreError) as caught:
            kept.extend(relayed(folder, COUNT))
        folder.close()
        session, number = read(folder.path), len([kind for kind, _ in kept if kind == "round"])
        costs.add(str(caught.value).split()[0])
        assert {row.turn.round for row in read_rows(session, "turns.csv")} == set(range(1, number + 1))
        ended = [number for kind, number in kept if kind == "trial"]
        assert [row for row in session.trials if row not in session.cut_short] == whole["trials"][: len(ended)]
        since = next((place for place, (kind, _) in enumerate(reversed(kept)) if kind == "trial"), len(kept))
        rounds = f" and {since} round{'s' * (since != 1)} of turns" if since else ""
        assert f"kept {len(ended)} rows{rounds} in {folder.path}; when that is " in str(caught.value)
        finish(folder.path, COUNT)
        assert len(agree(all_rows(folder.path), whole)) <= SIDE_BY_SIDE
        TALLY["faults injected"] += 1
    assert {"the", "round"} <= costs  # starts of a generation, and rounds


@needs_root
@pytest.mark.parametrize("kib", [4, 8, 16, 32, 48])
def test_fault_27_a_disk_that_is_really_full(tmp_path, kib):
    """Either the folder cannot be made, and nothing lies around, or the row that found no room is printed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", disk], check=True)
    folder = None
    try:
        with pytest.raises(StoreError, match="No space left on device") as caught:
            folder = new(disk, 500)
            for number in range(1, 501):
                folder.append(finished(number))
        if folder is None:
            assert list(disk.iterdir()) == []
        else:
            session = read(folder.path)
            assert f"kept {len(session.trials)} rows" in str(caught.value)
            assert len(session.notes) == 1
            assert (folder.path / LAST).read_bytes().endswith(b"\n")
        TALLY["faults injected"] += 1
    finally:
        if folder is not None:
            folder.close()
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("code", [errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_fault_27_whatever_error_the_disk_reports_the_row_is_printed(tmp_path, monkeypatch, code):
    """At each write of a trial: afterwards all files are as they were before it."""
    real = os.write
    for nth in range(1, 6):
        folder = new(tmp_path / str(nth), 2)
        folder.append(finished(1))
        before = {file.name: file.read_bytes() for file in folder.path.iterdir()}
        calls = iter(range(1, 100))

        def fails(descriptor, data, nth=nth, calls=calls):
            if next(calls) == nth:
                raise OSError(code, os.strerror(code))
            return real(descriptor, data[: max(1, len(data) // 2)])

        with monkeypatch.context() as patch, pytest.raises(StoreError, match=re.escape(os.strerror(code))):
            patch.setattr(os, "write", fails)
            folder.append(finished(2))
        folder.close()
        assert {file.name: file.read_bytes() for file in folder.path.iterdir()} == before
        TALLY["faults injected"] += 1


def test_fault_28_a_failed_fsync_is_not_tried_again(tmp_path, monkeypatch):
    """The kernel may have dropped the data, and report success the next time."""
    folder, calls = new(tmp_path, 2), []
    folder.append(finished(1))

    def fails(descriptor):
        calls.append(descriptor)
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch, pytest.raises(StoreError, match="may be lost as well") as caught:
        patch.setattr(os, "fsync", fails)
        folder.append(finished(2))
    assert len(calls) == 1
    assert "kept 1 rows" in str(caught.value)
    assert "the row: 2,2,primes" in str(caught.value)
    folder.close()
    assert numbers(read(folder.path)) == [1]
    TALLY["faults injected"] += 1


def test_fault_28_nothing_is_written_or_confirmed_without_rows(tmp_path, monkeypatch):
    """A failed trial has one row, and costs one write and one fsync."""
    folder, calls = new(tmp_path, 3), []
    for name in ("write", "fsync"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *given, name=name, real=real: calls.append(name) or real(*given))
    folder.append(finished(3))
    folder.close()
    assert calls == ["write", "fsync"]


def test_a_row_that_the_disk_did_not_confirm_is_an_error_of_its_own(tmp_path, monkeypatch):
    """Other than that of a row that could not be written at all."""
    file = Appender(tmp_path / "some.csv")
    monkeypatch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
    with pytest.raises(UnconfirmedError):
        file.append("lost\n")
    file.close()
