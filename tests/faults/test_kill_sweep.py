"""The lab is killed with SIGKILL at each call that changes the disk: what it acknowledged is there, and can be resumed.

The method is SQLite's: run until the N-th such call, die there, look at what is left; for every N, until one run ends
by itself. In a fork of this process, where that costs milliseconds; real runs are killed at some of the calls.
"""

import contextlib
import io
import os
import shutil
import signal
import sys
import warnings
from collections import Counter

import pytest
from examples import thorough
from places import BROKEN_WORKLOADS

from faults.rig import LAB, TALLY, TINY, Rig, needs_strace
from faults.sessions_on_disk import (
    ROUNDS,
    SIDE_BY_SIDE,
    agree,
    all_rows,
    finish,
    keep_trials,
    new,
    numbers,
    relayed,
    turns,
    write_relayed,
)
from gil_lab.cli.app import execute
from gil_lab.sessions.files import write_file
from gil_lab.sessions.reader import newest, read, read_rows
from gil_lab.sessions.schema import FILES, LAST, TORN

CALLS = ("open", "mkdir", "write", "fsync", "ftruncate", "rename", "replace", "unlink", "rmdir")
TRIALS = 4


def killed_at(nth, work, *, half):
    """Run `work(acknowledge)` in a process that dies at the nth call: before it, or (`half`) in the middle of a write.

    Then only writes are counted: before any other call, half of it is nothing.

    Returns the numbers that were acknowledged, and whether it came to its end.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which pytest-xdist has: none is needed here
        pid = os.fork()
    if pid:
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            acknowledged = list(pipe.read())
        _, status = os.waitpid(pid, 0)
        assert status in (0, signal.SIGKILL), status
        return acknowledged, status == 0
    try:
        calls, real_write = iter(range(1, 10_000)), os.write

        def watched(name, real):
            def call(*given, **more):
                if next(calls) == nth:
                    if half:
                        real_write(given[0], bytes(given[1])[: len(given[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*given, **more)

            return call

        for name in ("write",) if half else CALLS:
            setattr(os, name, watched(name, getattr(os, name)))
        work(lambda number: real_write(writing, bytes([number])))
        os._exit(0)
    except BaseException:
        os._exit(1)


STEPS = [
    step
    for first in range(1, TRIALS + 1, SIDE_BY_SIDE)
    for step in (
        *(("round", turns(first)[later].round) for later in range(ROUNDS)),
        *(("trial", first + place) for place in range(SIDE_BY_SIDE)),
    )
]
"""What a session acknowledges, in that order."""


def whole_session(out):
    def work(acknowledge):
        folder = new(out, TRIALS)
        for step in relayed(folder, TRIALS):
            acknowledge(STEPS.index(step))
        folder.close()

    return work


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory):
    """What all files of a session hold that was not killed."""
    return all_rows(write_relayed(tmp_path_factory.mktemp("unkilled"), TRIALS))


@pytest.mark.parametrize("half", [False, True], ids=["before", "within"])
def test_fault_32_killed_at_every_call_nothing_acknowledged_is_lost(tmp_path, unkilled, half, patient_disk):
    """Each round and trial that was on disk is read; it goes on, without a repetition, to what an unkilled session is.

    At most the trials of one generation are cut short, and only a round that was not finished is lost.
    """
    ended = False
    for nth in range(1, 1000):
        out = tmp_path / str(nth)
        acknowledged, ended = killed_at(nth, whole_session(out), half=half)
        if not list(out.glob(f"*/*/{LAST}")):
            assert not acknowledged
        else:
            path = newest(out)
            content = (path / LAST).read_bytes()
            keeps([STEPS[step] for step in acknowledged], read(path), unkilled)
            finish(path, TRIALS)
            agree(all_rows(path), unkilled)
            assert (path / LAST).read_bytes().startswith(content[: content.rfind(b"\n") + 1])
            assert not list(path.glob("*.new"))
        if ended:
            break
        TALLY["faults injected"] += 1
    assert ended
    assert nth > (25 if half else 90)


def keeps(steps, session, unkilled):
    """Nothing of these is lost, and nothing that was neither is there: one more may be, which was not acknowledged."""
    trials = [number for kind, number in steps if kind == "trial"]
    rounds = [number for kind, number in steps if kind == "round"]
    assert [row for row in session.trials if row.trial in trials] == unkilled["trials"][: len(trials)]
    taken = read_rows(session, "turns.csv")
    assert [turn for turn in unkilled["turns.csv"] if turn.turn.round in rounds] == sorted(
        (turn for turn in taken if turn.turn.round in rounds), key=lambda turn: turn.trial
    )
    assert {turn.turn.round for turn in taken} <= {*rounds, len(rounds) + 1}
    others = {row.trial for row in session.trials} - set(trials)
    assert {turn.trial for turn in taken if turn.turn.round in rounds} - set(trials) <= others
    assert len(others) <= SIDE_BY_SIDE


@pytest.mark.parametrize("half", [False, True], ids=["before", "within"])
@pytest.mark.parametrize("until", [("trial", 2), ("round", 3)], ids=["no turns", "cut short"])
def test_fault_32_killed_at_every_call_while_it_is_resumed(tmp_path, unkilled, half, until, patient_disk):
    """Also the second start may be killed: it cuts nothing off that it has not kept, and the third one finishes.

    Trials that have had a turn get their row, and no other one.
    """
    ended, expected = False, {3, 4} if until == ("round", 3) else set()
    for nth in range(1, 1000):
        path = write_relayed(tmp_path / str(nth), TRIALS, until)
        torn = {}
        for name, tail in (
            (LAST, b"3,3,primes,seq"),
            ("starts.csv", b"4,2026-11-23T07:15:31+00:00,0.03"),
            ("passes.csv", b"5,0,warm-up,0,300\n5,1,ti"),
            ("tasks.csv", b"3,"),
            ("turns.csv", b"3,3,4,1"),
        ):
            with (path / name).open("ab") as file:
                file.write(tail)
            torn[name] = tail
        _, ended = killed_at(nth, lambda acknowledge, path=path: finish(path, TRIALS), half=half)
        assert numbers(read(path))[:2] == [1, 2]
        finish(path, TRIALS)
        short = agree(all_rows(path), unkilled)
        assert short in ([expected] if ended else [expected, expected | {4}])  # the second start may have had its turns
        for name, tail in torn.items():
            assert any(file.read_bytes() == tail for file in path.glob(f"{name}{TORN}*"))
        if ended:
            break
        TALLY["faults injected"] += 1
    assert ended
    assert nth > (8 if half else 30)


@pytest.mark.parametrize("half", [False, True], ids=["before", "within"])
def test_fault_34_killed_at_every_call_a_report_is_the_old_or_the_new_one(tmp_path, half, patient_disk):
    """Never half of it; what lies beside it then has a name of its own."""
    page, ended = tmp_path / "report.html", False
    for nth in range(1, 100):
        page.write_bytes(b"old" * 1000)
        _, ended = killed_at(nth, lambda acknowledge: write_file(page, b"new" * 1000), half=half)
        assert page.read_bytes() in (b"old" * 1000, b"new" * 1000)
        if ended:
            break
        TALLY["faults injected"] += 1
    assert ended
    assert page.read_bytes() == b"new" * 1000


DRIVER = """
import os, signal, sys
name, nth, below = sys.argv[1], int(sys.argv[2]), sys.argv[3]
real, count = getattr(os, name), 0
def call(first, *rest, **more):
    global count
    path = os.readlink(f"/proc/self/fd/{first}") if isinstance(first, int) else str(first)
    count += path.startswith(below)
    if count == nth:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(first, *rest, **more)
setattr(os, name, call)
sys.argv = ["gil-lab", *sys.argv[4:]]
from gil_lab.__main__ import main
main()
"""
"""gil-lab, which kills itself at the nth such call on what is below the results."""
TWO = (*TINY, "--rounds", "2", "--workload", "fine")


def resumed(rig, session):
    """To its end, with both trials and without a repetition of what was kept."""
    kept = [row for row in rig.rows() if None not in row.values() and row["versions"]]
    with contextlib.redirect_stdout(io.StringIO()):
        assert execute(["run", str(BROKEN_WORKLOADS), "--resume", str(session)]) == 0
    assert [(row["trial"], row["status"]) for row in rig.rows()] == [("1", "ok"), ("2", "ok")]
    assert rig.rows()[: len(kept)] == kept
    assert {row.trial for row in read_rows(read(session), "tasks.csv")} == {1, 2}


def was_killed(rig, ended):
    assert ended.code == -signal.SIGKILL, ended.err
    rig.nothing_runs(ended.pid)
    TALLY["faults injected"] += 1


@pytest.mark.parametrize(
    ("call", "nth", "sessions"),
    [
        ("rename", 1, 0),
        ("write", 19, 1),
        *(("write", nth, 1) for nth in (15, 18) if thorough()),
        *(("replace", nth, 1) for nth in (2,) if thorough()),
    ],
    ids=str,
)
def test_fault_32_a_real_run_is_killed_and_resumed(rig, call, nth, sessions):
    """Two trials under the command line: nothing runs on, and `--resume` does what is missing.

    Before there is a session, and when the first trial has ended. What is on disk at each call is proved by the sweep
    above, and real runs are killed at more moments in test_rounds.py: other calls are for the thorough profile.
    """
    command = rig.arguments(str(BROKEN_WORKLOADS), *TWO)[3:]
    was_killed(rig, rig.ended(rig.start([sys.executable, "-c", DRIVER, call, str(nth), str(rig.out), *command])))
    assert len(rig.sessions()) == sessions
    for session in rig.sessions():
        resumed(rig, session)


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    """A run of two trials; how often it made each call that changes the disk, or that a process waits for."""
    rig, trace = Rig(tmp_path_factory.mktemp("finished")), tmp_path_factory.mktemp("trace") / "calls"
    strace = ["strace", "-qq", "-o", str(trace), "-e", "trace=write,fsync,rename"]
    ended = rig.ended(rig.start([*strace, *rig.arguments(str(BROKEN_WORKLOADS), *TWO)]))
    assert ended.code == 0, ended.err
    return rig.sessions()[-1], Counter(line.split("(")[0] for line in trace.read_text().splitlines())


@needs_strace
@pytest.mark.parametrize("injected", ["write:signal=KILL:when=1", *["fsync:signal=KILL:when=3"] * thorough()])
def test_fault_32_killed_by_the_system_at_a_call_while_it_is_resumed(rig, finished_run, injected):
    """The system's own calls on the files of a session of which one trial is missing.

    The sweep above has every call: here a second one is for the thorough profile.
    """
    session = shutil.copytree(finished_run[0], rig.out / "broken-workloads" / "session")
    keep_trials(session, 1)
    paths = [word for name in FILES for word in ("-P", str(session / name))]
    strace = ["strace", "-qq", "-o", "/dev/null", *paths, "-e", f"inject={injected}"]
    was_killed(rig, rig.ended(rig.start([*strace, *LAB, "run", str(BROKEN_WORKLOADS), "--resume", str(session)])))
    resumed(rig, session)


@needs_strace
@pytest.mark.parametrize(("call", "share"), [*[("write", 0.5), ("write", 0.8)] * thorough(), ("fsync", 0.6)])
def test_fault_32_a_new_run_is_killed_by_the_system_at_a_call(rig, finished_run, call, share):
    """In the middle of all calls of a kind, whatever they are on: what is missing is measured.

    Other shares and calls are for the thorough profile, as above.
    """
    nth = int(finished_run[1][call] * share)
    strace = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}"]
    was_killed(rig, rig.ended(rig.start([*strace, *rig.arguments(str(BROKEN_WORKLOADS), *TWO)])))
    (session,) = rig.sessions()
    resumed(rig, session)
