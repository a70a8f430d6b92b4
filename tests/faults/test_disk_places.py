"""Places where no results can be written, and folders that are taken away while they are written."""

import errno
import os
import resource
from pathlib import Path

import pytest
from made import result

from faults.rig import TALLY
from faults.sessions_on_disk import finished, new, numbers, planned, reopened
from gil_lab.model.errors import StoreError
from gil_lab.model.records import Status
from gil_lab.sessions.reader import read
from gil_lab.sessions.schema import FILES, LAST
from gil_lab.sessions.writer import Folder


def removed(path):
    for file in path.iterdir():
        file.unlink()
    path.rmdir()


def replaced(path):
    content = (path / LAST).read_bytes()
    (path / LAST).rename(path / "old.csv")
    (path / LAST).write_bytes(content)


def linked(path):
    (path / LAST).rename(path / "old.csv")
    (path / LAST).symlink_to("old.csv")


@pytest.mark.parametrize(
    ("take_away", "message"),
    [
        (removed, "it was removed meanwhile"),
        (lambda path: (path / LAST).unlink(), "trials.csv: it was removed meanwhile"),
        (lambda path: path.rename(path.with_name("elsewhere")), "it was removed meanwhile"),
        (replaced, "trials.csv: another file was put in its place"),
        (linked, "trials.csv: another file was put in its place"),
    ],
    ids=["folder removed", "file removed", "folder moved", "file replaced", "file linked"],
)
def test_fault_30_a_file_that_is_taken_away_is_noticed(tmp_path, take_away, message):
    """The row is printed, and nothing is made again in its place."""
    folder = new(tmp_path, 2)
    folder.append(finished(1))
    take_away(folder.path)
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    with pytest.raises(StoreError, match=message) as caught:
        folder.append(finished(2))
    folder.close()
    assert "the row: 2,2,primes" in str(caught.value)
    assert str(folder.path) in str(caught.value)
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before
    TALLY["faults injected"] += 1


def test_fault_29_a_folder_that_cannot_be_made_leaves_nothing_behind(tmp_path, monkeypatch):
    """Whichever of the calls fails that make it: an error of the store, and not even an empty folder."""
    names = ("open", "mkdir", "write", "fsync")
    reals = {name: getattr(os, name) for name in names}
    for nth in range(1, 200):
        calls = iter(range(1, 1000))

        def counted(*given, name, calls=calls, nth=nth, **more):
            if next(calls) == nth:
                raise OSError(errno.EIO, "Input/output error")
            return reals[name](*given, **more)

        with monkeypatch.context() as patch:
            for name in names:
                patch.setattr(
                    os, name, lambda *given, name=name, counted=counted, **more: counted(*given, name=name, **more)
                )
            try:
                folder = new(tmp_path / "out", 1)
            except StoreError as error:
                assert "Input/output error" in str(error)
            else:
                break
        assert list(tmp_path.iterdir()) == [], nth
        TALLY["faults injected"] += 1
    folder.close()
    assert nth > 20


@pytest.mark.parametrize("make", ["dangling", "file", "through a file", "loop", "too long"])
def test_fault_29_a_place_that_cannot_be_a_folder(tmp_path, make):
    """The error names the remedy; what was there is untouched."""
    out = tmp_path / "out"
    if make == "dangling":
        out.symlink_to("nowhere")
    elif make == "loop":
        out.symlink_to("out")
    elif make == "too long":
        out = tmp_path / ("x" * 300)
    else:
        out.write_text("mine")
        out = out if make == "file" else out / "below"
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StoreError, match="try --out"):
        new(out, 1)
    assert sorted(tmp_path.iterdir()) == before
    TALLY["faults injected"] += 1


def test_fault_26_no_descriptor_is_needed_for_a_row(tmp_path):
    """The files are opened first and held: when nothing else can be opened any more, rows are still saved."""
    folder = new(tmp_path, 2)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        folder.append(finished(1))
        folder.append(result(Status.CRASHED, trial=planned(2)[1], log="noise"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    folder.close()
    assert numbers(read(folder.path)) == [1, 2]
    TALLY["faults injected"] += 1


def test_fault_26_two_hundred_trials_hold_no_more_descriptors_than_one(tmp_path):
    """As many open files before as after, also when folders could not be opened."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    folder = new(tmp_path, 200)
    held = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(1, 201):
        folder.append(finished(number))
        if number % 50 == 0:
            with pytest.raises(StoreError, match="in use"):
                reopened(folder.path)
    assert len(list(Path("/proc/self/fd").iterdir())) == held
    folder.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_session_appears_at_once(tmp_path):
    """Everything is there before its trials.csv is, and its plan says what shall be measured."""
    folder = new(tmp_path, 2)
    assert isinstance(folder, Folder)
    assert set(FILES) | {"session.json", "plan.csv"} == {file.name for file in folder.path.iterdir()}
    assert (folder.path / "plan.csv").read_text().count("\n") == 3
    folder.close()
