"""Faults of the disk as a user of `gil-lab run` meets them."""

import os
import re
import resource
import shutil
import signal
import subprocess

import pytest
from examples import thorough

from faults import forked
from faults.light_children import light
from faults.rig import FAULTS, LAB, TINY, Rig, eventually, first_of_its_test, needs_root, needs_strace
from faults.sessions_on_disk import keep_trials
from faults.traced import be_traced, injecting
from gil_lab.cli.terminal.progress import PlainProgress

FINE = (str(FAULTS), "--workload", "fine", *TINY)
REPEATED = (str(FAULTS), "--workload", "fine", *TINY[:4], "--rounds", "100", "--min-time")


@needs_root
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("ro", "Read-only file system"),
        ("size=4k", "No space left on device"),
        ("nr_inodes=6", "No space left on device"),
    ],
    ids=["read-only", "full", "no inodes"],
)
def test_fault_29_a_place_that_cannot_be_written_is_reported_before_the_first_trial(rig, options, message):
    """Exit code 4 and the remedy; nothing is left there."""
    rig.out.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", rig.out], check=True)
    try:
        ended = rig.run_forked(*FINE)
        rig.survived(ended, 4, message=message, ok_at_most=0, next_works=False)
        assert not list(rig.out.iterdir())
    finally:
        subprocess.run(["umount", rig.out], check=True)
    assert "try --out" in ended.err


@needs_root
def test_fault_29_an_immutable_folder(rig):
    """`chattr +i` binds root as well."""
    rig.out.mkdir()
    if subprocess.run(["chattr", "+i", rig.out], capture_output=True, check=False).returncode:
        pytest.skip("this file system knows no immutable files")
    try:
        ended = rig.run_forked(*FINE)
    finally:
        subprocess.run(["chattr", "-i", rig.out], check=True)
    rig.survived(ended, 4, message="Operation not permitted", ok_at_most=0, next_works=False)


@needs_root
def test_fault_29_a_folder_of_another_user(rig):
    """Modes do not bind root, so it is another user who tries."""
    rig.out.mkdir(mode=0o755)
    program = (
        "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534); from gil_lab.sessions.writer import Folder;"
    )
    program += "from pathlib import Path; import sys; Folder(Path(sys.argv[1]), 'cpu-bound', 'host', {}, {})"
    # what belongs to root is not readable for others everywhere: so the lab is imported first
    program = "import gil_lab.sessions.writer, gil_lab.model.errors;" + program
    done = subprocess.run([LAB[0], "-c", program, rig.out], capture_output=True, text=True, check=False)
    assert "StoreError: no results can be written to" in done.stderr
    assert "(Permission denied); try --out" in done.stderr
    assert not list(rig.out.iterdir())


@pytest.mark.parametrize("kind", ["file", "through a file", "dangling"])
def test_fault_29_no_folder(rig, kind):
    """What is there stays what it is."""
    place = rig.out
    if kind == "dangling":
        place.symlink_to("nowhere")
    else:
        place.write_text("mine")
    rig.out = place / "below" if kind == "through a file" else place
    ended = rig.run_forked(*FINE)
    rig.survived(ended, 4, message="try --out", ok_at_most=0, next_works=False)
    assert kind == "dangling" or place.read_text() == "mine"


@needs_root
def test_fault_27_a_disk_that_fills_up_in_the_middle_of_a_round_costs_that_round(rig):
    """As many rounds as there is room for are kept, and the one line says so."""
    rig.out.mkdir()
    # It has a mount namespace of its own.
    mounted = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(rig.out)]
    ended = rig.run_forked(*REPEATED, "0.01", before=lambda: subprocess.run(mounted, check=True))
    rig.survived(ended, 4, message="No space left on device", next_works=False)
    number, kept = re.search(
        r"error: round (\d+) was measured but not .*; kept 0 rows and (\d+) rounds of", ended.err
    ).groups()
    assert 1 < int(number) == int(kept) + 1
    assert "--resume" in ended.err
    assert ended.err.count("\n") == 1


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A session of two trials."""
    rig = Rig(tmp_path_factory.mktemp("finished"))
    assert rig.run_forked(*FINE, "--rounds", "2", before=light()).code == 0
    return rig.sessions()[-1]


def cut(rig, finished):
    """A copy of that session, of which only the first trial is left; what its trials.csv holds."""
    session = shutil.copytree(finished, rig.out / "broken-workloads" / "session")
    return session, keep_trials(session, 1)


def resumption(session):
    """Arguments of `run` that go on with it."""
    return str(FAULTS), "--resume", str(session)


@needs_strace
@pytest.mark.parametrize("injected", ["write:error=ENOSPC", "fsync:error=EIO", *["write:error=EROFS"] * thorough()])
def test_fault_28_errors_of_the_disk_while_a_session_is_resumed(rig, finished, injected):
    """The first trial that cannot be saved ends it, what was kept stays, and another try finishes.

    Its turns were saved before: they count. Which error `write` has is shown by test_disk_full.py for each of them.
    """
    session, kept = cut(rig, finished)
    with injecting(injected, session / "trials.csv") as trace:
        process = rig.forked(*resumption(session), before=light(be_traced))
        trace(process.pid)
        ended = rig.ended(process)
    rig.survived(ended, 4, message="trial 2 was measured but not saved", kept=kept, ok_at_most=1, next_works=False)
    assert (session / "trials.csv").read_bytes() == kept
    assert ("may be lost as well" in ended.err) == injected.startswith("fsync")
    if not thorough() and not first_of_its_test():
        return  # trials.csv is as after the other error
    assert rig.run_forked(*resumption(session), before=light()).code == 0
    assert [(row["trial"], row["status"]) for row in rig.rows()] == [(number, "ok") for number in "12"]
    assert "cut-short" in rig.rows()[-1]["flags"].split(";")


@pytest.mark.parametrize("how", ["removed", *["replaced"] * thorough()])
def test_fault_30_results_that_are_taken_away_meanwhile(rig, how):
    """Exit code 4; nothing is made again in that place.

    In how many ways it is noticed, test_disk_places.py shows: here a second one is for the thorough profile.
    """
    reached, released = rig.cwd.parent / "reached", rig.cwd.parent / "released"

    def finished(*_):
        reached.touch()
        assert eventually(released.exists, 60)

    process = rig.forked(*FINE, "--rounds", "2", before=light(lambda: setattr(PlainProgress, "finished", finished)))
    assert eventually(reached.exists, 30)
    session = rig.sessions()[-1]
    assert len(rig.rows()) == 1
    if how == "removed":
        session.rename(rig.cwd.parent / "elsewhere")
    else:
        shutil.copy(session / "trials.csv", session / "copy.csv")
        (session / "copy.csv").replace(session / "trials.csv")
    released.touch()
    ended = rig.ended(process)
    message = "it was removed meanwhile" if how == "removed" else "another file was put in its place"
    rig.survived(ended, 4, message=message, next_works=False)
    assert " measured but not saved" in ended.err
    assert session.exists() == (how == "replaced")


@pytest.mark.parametrize("files", [8, 16])
def test_fault_26_too_few_descriptors(rig, files):
    """Nothing can be measured: one line with the cause, and no row is `ok`.

    With eight, the Python cannot be examined; with sixteen, one that has been examined cannot be measured under.
    """
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))  # noqa: E731
    ended = rig.run(*FINE, preexec_fn=limit) if files == 8 else rig.run_forked(*FINE, before=limit)
    assert ended.err.count("\n") == 1
    rig.survived(ended, 5, message="Too many open files", ok_at_most=0, next_works=False)


def test_fault_26_as_many_descriptors_as_a_run_needs(rig):
    """Thirty-two are enough: the limits above are what those runs fail of."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))  # noqa: E731
    rig.survived(rig.run(*FINE, preexec_fn=limit), 0, next_works=False)


def test_fault_35_two_runs_in_one_folder(rig, finished):
    """The second names the process that holds it; once the first is killed, a third finishes."""
    session, kept = cut(rig, finished)
    with rig.forked(*resumption(session), before=light()) as first:
        assert eventually((session / "resumed.csv").exists)
        first.send_signal(signal.SIGSTOP)
        second = rig.run_forked(*resumption(session))
        first.kill()
    assert second.code == 4, second.err
    assert f"trials.csv is in use by pid {first.pid}; wait for its end" in second.err
    third = rig.run_forked(*resumption(session), before=light())
    rig.survived(third, 0, kept=kept, ok_at_most=2, next_works=False)
    assert [row["trial"] for row in rig.rows()] == ["1", "2"]


def test_fault_34_a_page_that_finds_no_room_is_the_old_one(rig, finished):
    """`gil-lab report` reads on a full disk, and what was derived before stays, byte for byte."""
    session = shutil.copytree(finished, rig.out / "broken-workloads" / "session")
    before = {file.name: file.read_bytes() for file in session.iterdir()}
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))  # noqa: E731
    process = forked.start(["report", str(session)], os.environ, None, limit, **rig.usual())
    ended = rig.ended(process)
    rig.survived(ended, 0, message="summary.csv cannot be written", next_works=False)
    assert {file.name: file.read_bytes() for file in session.iterdir()} == before
