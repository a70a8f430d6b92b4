"""The lab is killed with -9 at each call that changes the disk: what was acknowledged is there, and can be continued.

The method is SQLite's: run until the N-th such call, die there, look at what is left; for every N, until one run ends
by itself.
"""

import contextlib
import io
import os
import signal
import sys

import pytest

from faults.rig import FAULTS, LAB, TALLY, TINY, needs_strace
from faults.sessions_on_disk import all_rows, finish, finished, new, numbers, write
from gil_lab.cli.app import execute
from gil_lab.sessions.files import write_file
from gil_lab.sessions.reader import newest, read, read_rows
from gil_lab.sessions.schema import FILES, LAST, TORN

CALLS = ("open", "mkdir", "write", "fsync", "ftruncate", "rename", "replace", "unlink", "rmdir")
TRIALS = 6


def killed_at(nth, work, *, half):
    """Run `work(acknowledge)` in a process that dies at the nth call: before it, or (`half`) in the middle of a write.

    Returns the numbers that were acknowledged, and whether it came to its end.
    """
    reading, writing = os.pipe()
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
    """What all files hold of a session that nobody has killed."""
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
    assert nth > 80


@pytest.mark.parametrize("half", [False, True], ids=["before", "within"])
def test_fault_32_killed_at_every_call_while_it_is_mended(tmp_path, unkilled, half, patient_disk):
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
    again = rig.ended(rig.start([*LAB, "run", str(FAULTS), "--resume", str(session)]))
    assert again.code == 0, again.err
    assert [row["trial"] for row in rig.rows()] == ["1", "2"]
    assert rig.rows()[: len(kept)] == kept
    assert {row.trial for row in read_rows(read(session), "tasks.csv")} == {1, 2}


@pytest.mark.parametrize(
    ("call", "nth"),
    [("write", 2), ("write", 11), ("write", 15), ("write", 20), ("fsync", 16), ("rename", 1), ("replace", 2)],
    ids=str,
)
def test_fault_32_a_real_run_is_killed_and_resumed(rig, call, nth):
    """Two trials under the command line: nothing runs on, and `--resume` does what is missing."""
    command = [sys.executable, "-c", DRIVER, call, str(nth), str(rig.out), *rig.arguments(str(FAULTS), *TWO)[3:]]
    ended = rig.ended(rig.start(command))
    assert ended.code == -signal.SIGKILL, ended.err
    rig.nothing_runs(ended.pid)
    TALLY["faults injected"] += 1
    if rig.sessions():
        resumed(rig, rig.sessions()[-1])
    else:
        assert (call, nth) in (("write", 2), ("rename", 1))


@needs_strace
@pytest.mark.parametrize(
    "injected",
    ["write:signal=KILL:when=1", "write:signal=KILL:when=5", "fsync:signal=KILL:when=3", "fsync:signal=KILL:when=5"],
)
def test_fault_32_killed_by_the_system_at_a_call(rig, injected):
    """The same with the system's own calls on the files of a session that is resumed."""
    first = rig.run(str(FAULTS), *TWO)
    assert first.code == 0, first.err
    session = rig.sessions()[-1]
    lines = (session / LAST).read_bytes().splitlines(keepends=True)
    (session / LAST).write_bytes(b"".join(lines[:2]))
    paths = [word for name in FILES for word in ("-P", str(session / name))]
    strace = ["strace", "-qq", "-o", "/dev/null", *paths, "-e", f"inject={injected}"]
    ended = rig.ended(rig.start([*strace, *LAB, "run", str(FAULTS), "--resume", str(session)]))
    assert ended.code == -signal.SIGKILL, ended.err
    TALLY["faults injected"] += 1
    resumed(rig, session)


SHARDS = 4


@needs_strace
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize(
    ("call", "step"), [("fsync", 1), ("rename", 1), ("write", 3)], ids=["fsync", "rename", "write"]
)
def test_fault_32_a_new_run_is_killed_by_the_system_at_every_call(rig, call, step, shard):
    """Of this kind, from the first on (of the many writes, each third); rows are whole, and the rest is measured."""
    for nth in range(1 + step * shard, 10_000, step * SHARDS):
        out = rig.out.with_name(f"killed-{nth}")
        strace = [
            "strace",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:signal=KILL:when={nth}",
        ]
        ended = rig.ended(rig.start([*strace, *LAB, "run", str(FAULTS), *TWO, "--out", str(out)]))
        rig.nothing_runs(ended.pid)
        if ended.code == 0:  # there are no more calls of this kind
            assert nth > 1
            return
        assert ended.code == -signal.SIGKILL, ended.err
        TALLY["faults injected"] += 1
        for plan in out.glob("*/*/plan.csv"):
            with contextlib.redirect_stdout(io.StringIO()):
                if (plan.parent / LAST).exists():
                    assert execute(["run", str(FAULTS), "--resume", str(plan.parent)]) == 0
                    assert [row.status for row in read(plan.parent).trials] == ["ok", "ok"]
