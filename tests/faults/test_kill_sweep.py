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
from places import BROKEN_WORKLOADS

from faults.rig import LAB, TALLY, TINY, Rig, needs_strace
from faults.sessions_on_disk import all_rows, finish, finished, new, numbers, write
from gil_lab.cli.app import execute
from gil_lab.sessions.files import write_file
from gil_lab.sessions.reader import newest, read, read_rows
from gil_lab.sessions.schema import FILES, LAST, TORN

CALLS = ("open", "mkdir", "write", "fsync", "ftruncate", "rename", "replace", "unlink", "rmdir")
TRIALS = 4


def killed_at(nth, work, *, half):
    """Run `work(acknowledge)` in a process that dies at the nth call: before it, or (`half`) in the middle of a write.

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
                    if half and name == "write":
                        real_write(given[0], bytes(given[1])[: len(given[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*given, **more)

            return call

        for name in CALLS:
            setattr(os, name, watched(name, getattr(os, name)))
        work(lambda number: real_write(writing, bytes([number])))
        os._exit(0)
    except BaseException:
        os._exit(1)


def whole_session(out):
    def work(acknowledge):
        folder = new(out, TRIALS)
        for number in range(1, TRIALS + 1):
            folder.append(finished(number))
            acknowledge(number)
        folder.close()

    return work


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory):
    """What all files of a session hold that was not killed."""
    return all_rows(write(tmp_path_factory.mktemp("unkilled"), TRIALS))


@pytest.mark.parametrize("half", [False, True], ids=["before", "within"])
def test_fault_32_killed_at_every_call_nothing_acknowledged_is_lost(tmp_path, unkilled, half, patient_disk):
    """At most one line is torn; the session reads, and goes on without a repetition to what an unkilled one is."""
    ended = False
    for nth in range(1, 1000):
        out = tmp_path / str(nth)
        acknowledged, ended = killed_at(nth, whole_session(out), half=half)
        if not list(out.glob(f"*/*/{LAST}")):
            assert not acknowledged
        else:
            path = newest(out)
            content = (path / LAST).read_bytes()
            session = read(path)
            assert numbers(session)[: len(acknowledged)] == acknowledged
            assert len(session.trials) - len(acknowledged) in (0, 1)
            assert unkilled["trials"][: len(session.trials)] == session.trials
            finish(path, TRIALS)
            assert all_rows(path) == unkilled
            assert (path / LAST).read_bytes().startswith(content[: content.rfind(b"\n") + 1])
            assert not list(path.glob("*.new"))
        if ended:
            break
        TALLY["faults injected"] += 1
    assert ended
    assert nth > 60


@pytest.mark.parametrize("half", [False, True], ids=["before", "within"])
def test_fault_32_killed_at_every_call_while_it_is_resumed(tmp_path, unkilled, half, patient_disk):
    """Also the second start may be killed: it cuts nothing off that it has not kept, and the third one finishes."""
    ended = False
    for nth in range(1, 1000):
        path = write(tmp_path / str(nth), 2, of=TRIALS)
        torn = {}
        for name, tail in (
            (LAST, b"3,3,primes,seq"),
            ("passes.csv", b"3,0,warm-up,0,300\n3,1,ti"),
            ("tasks.csv", b"3,"),
        ):
            with (path / name).open("ab") as file:
                file.write(tail)
            torn[name] = tail
        _, ended = killed_at(nth, lambda acknowledge, path=path: finish(path, TRIALS), half=half)
        assert numbers(read(path))[:2] == [1, 2]
        finish(path, TRIALS)
        assert all_rows(path) == unkilled
        for name, tail in torn.items():
            assert any(file.read_bytes() == tail for file in path.glob(f"{name}{TORN}*"))
        if ended:
            break
        TALLY["faults injected"] += 1
    assert ended
    assert nth > 30


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


@pytest.mark.parametrize(("call", "nth", "sessions"), [("rename", 1, 0), ("write", 15, 1), ("replace", 2, 1)], ids=str)
def test_fault_32_a_real_run_is_killed_and_resumed(rig, call, nth, sessions):
    """Two trials under the command line: nothing runs on, and `--resume` does what is missing."""
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
@pytest.mark.parametrize("injected", ["write:signal=KILL:when=1", "fsync:signal=KILL:when=3"])
def test_fault_32_killed_by_the_system_at_a_call_while_it_is_resumed(rig, finished_run, injected):
    """The system's own calls on the files of a session of which one trial is missing."""
    session = shutil.copytree(finished_run[0], rig.out / "broken-workloads" / "session")
    lines = (session / LAST).read_bytes().splitlines(keepends=True)
    (session / LAST).write_bytes(b"".join(lines[:2]))
    paths = [word for name in FILES for word in ("-P", str(session / name))]
    strace = ["strace", "-qq", "-o", "/dev/null", *paths, "-e", f"inject={injected}"]
    was_killed(rig, rig.ended(rig.start([*strace, *LAB, "run", str(BROKEN_WORKLOADS), "--resume", str(session)])))
    resumed(rig, session)


@needs_strace
@pytest.mark.parametrize(("call", "share"), [("write", 0.5), ("write", 0.8), ("fsync", 0.6)])
def test_fault_32_a_new_run_is_killed_by_the_system_at_a_call(rig, finished_run, call, share):
    """In the middle and near the end of all calls of a kind, whatever they are on: what is missing is measured."""
    nth = int(finished_run[1][call] * share)
    strace = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}"]
    was_killed(rig, rig.ended(rig.start([*strace, *rig.arguments(str(BROKEN_WORKLOADS), *TWO)])))
    (session,) = rig.sessions()
    resumed(rig, session)
