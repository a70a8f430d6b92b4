"""The lab is killed with SIGKILL at each call that changes the disk: what it acknowledged is there, and can be resumed.

The method is SQLite's: what would be left if the process died at the N-th such call, for every N. A process that is
killed takes nothing back and writes nothing more, so that is what is on disk at that call: one run is looked at before
each of its calls. Real runs are killed at some of them.
"""

import os
import signal
from pathlib import Path

import pytest
from examples import thorough
from places import BROKEN_WORKLOADS

from faults.light_children import light
from faults.rig import TALLY, TINY, needs_strace
from faults.sessions_on_disk import (
    ROUNDS,
    SIDE_BY_SIDE,
    agree,
    all_rows,
    finish,
    new,
    numbers,
    relayed,
    turns,
    write_relayed,
)
from faults.traced import be_traced, injecting
from gil_lab.sessions.files import write_file
from gil_lab.sessions.reader import newest, read, read_rows
from gil_lab.sessions.schema import FILES, LAST, TORN

CALLS = ("open", "mkdir", "write", "fsync", "ftruncate", "rename", "replace", "unlink", "rmdir")
TRIALS = 4


def contents(root):
    """By path, what each file below `root` holds; None for a folder."""
    return {path.relative_to(root): path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))}


def laid_out(root, found):
    """The same again, below another folder."""
    root.mkdir(parents=True)
    for path, content in found.items():
        (root / path).mkdir() if content is None else (root / path).write_bytes(content)
    return root


def kills(monkeypatch, work, root, *, half):
    """What a process that runs `work(acknowledge)` leaves below `root` if it is killed at any of its calls.

    Before each call, or (`half`) in the middle of each write: before any other call, half of it is nothing. In the
    order of the calls, the last one is of a run that is not killed: what was acknowledged, and `contents`. Two calls
    between which nothing changes leave the same, which stands here once. How many calls there were comes first.
    """
    calls, acknowledged, left = 0, [], []

    def look():
        state = [*acknowledged], contents(root)
        if not left or left[-1] != state:
            left.append(state)

    def watched(real):
        def call(*given, **more):
            nonlocal calls
            calls += 1
            if not half:
                look()
                return real(*given, **more)
            descriptor, data = given
            first = real(descriptor, data[: len(data) // 2])
            look()
            return first + real(descriptor, data[first:])

        return call

    with monkeypatch.context() as patch:
        for name in ("write",) if half else CALLS:
            patch.setattr(os, name, watched(getattr(os, name)))
        work(acknowledged.append)
    look()
    TALLY["faults injected"] += calls
    return calls, left


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
def test_fault_32_killed_at_every_call_nothing_acknowledged_is_lost(
    tmp_path, unkilled, half, patient_disk, monkeypatch
):
    """Each round and trial that was on disk is read; it goes on, without a repetition, to what an unkilled session is.

    At most the trials of one generation are cut short, and only a round that was not finished is lost.
    """
    root = tmp_path / "root"
    root.mkdir()
    calls, left = kills(monkeypatch, whole_session(root), root, half=half)
    for nth, (acknowledged, found) in enumerate(left):
        out = laid_out(tmp_path / str(nth), found)
        if not list(out.glob(f"*/*/{LAST}")):
            assert not acknowledged
            continue
        path = newest(out)
        content = (path / LAST).read_bytes()
        session = read(path)
        keeps([STEPS[step] for step in acknowledged], session, unkilled)
        finish(path, TRIALS, session)
        agree(all_rows(path), unkilled)
        assert (path / LAST).read_bytes().startswith(content[: content.rfind(b"\n") + 1])
        assert not list(path.glob("*.new"))
    assert left[-1][0] == list(range(len(STEPS)))
    assert calls > (25 if half else 90)
    assert len(left) > 25


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
def test_fault_32_killed_at_every_call_while_it_is_resumed(tmp_path, unkilled, half, until, patient_disk, monkeypatch):
    """Also the second start may be killed: it cuts nothing off that it has not kept, and the third one finishes.

    Trials that have had a turn get their row, and no other one.
    """
    expected = {3, 4} if until == ("round", 3) else set()
    begun = write_relayed(tmp_path / "begun", TRIALS, until)
    torn = {
        LAST: b"3,3,primes,seq",
        "starts.csv": b"4,2026-11-23T07:15:31+00:00,0.03",
        "passes.csv": b"5,0,warm-up,0,300\n5,1,ti",
        "tasks.csv": b"3,",
        "turns.csv": b"3,3,4,1",
    }
    for name, tail in torn.items():
        with (begun / name).open("ab") as file:
            file.write(tail)
    calls, left = kills(monkeypatch, lambda acknowledge: finish(begun, TRIALS), begun, half=half)
    for nth, (_, found) in enumerate(left):
        path = laid_out(tmp_path / str(nth) / begun.name, found)
        session = read(path)
        assert numbers(session)[:2] == [1, 2]
        finish(path, TRIALS, session)
        short = agree(all_rows(path), unkilled)
        # the second start may have had its turns
        assert short in ([expected] if nth == len(left) - 1 else [expected, expected | {4}])
        for name, tail in torn.items():
            assert any(file.read_bytes() == tail for file in path.glob(f"{name}{TORN}*"))
    assert calls > (8 if half else 30)
    assert len(left) > 8


@pytest.mark.parametrize("half", [False, True], ids=["before", "within"])
def test_fault_34_killed_at_every_call_a_report_is_the_old_or_the_new_one(tmp_path, half, patient_disk, monkeypatch):
    """Never half of it; what lies beside it then has a name of its own."""
    (tmp_path / "report.html").write_bytes(b"old" * 1000)
    calls, left = kills(
        monkeypatch, lambda acknowledge: write_file(tmp_path / "report.html", b"new" * 1000), tmp_path, half=half
    )
    pages = [found[Path("report.html")] for _, found in left]
    assert set(pages) <= {b"old" * 1000, b"new" * 1000}
    assert pages[-1] == b"new" * 1000
    assert calls >= (1 if half else 4)
    assert any(len(found) > 1 for _, found in left)


def killing_itself(name, nth, below):
    """A forked gil-lab kills itself at the nth such call on what is below that."""
    real, count = getattr(os, name), 0

    def call(first, *rest, **more):
        nonlocal count
        path = str(Path(f"/proc/self/fd/{first}").readlink()) if isinstance(first, int) else str(first)
        count += path.startswith(str(below))
        if count == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(first, *rest, **more)

    return lambda: setattr(os, name, call)


TWO = (str(BROKEN_WORKLOADS), *TINY, "--rounds", "2", "--workload", "fine")


def resumption(session):
    return str(BROKEN_WORKLOADS), "--resume", str(session)


def resumed(rig, session):
    """To its end, with both trials and without a repetition of what was kept."""
    kept = [row for row in rig.rows() if None not in row.values() and row["versions"]]
    assert rig.run_forked(*resumption(session), before=light()).code == 0
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
        *(("write", nth, 1) for nth in (15, 18, 19) if thorough()),
        *(("replace", nth, 1) for nth in (2,) if thorough()),
    ],
    ids=str,
)
def test_fault_32_a_real_run_is_killed_and_resumed(rig, call, nth, sessions):
    """Two trials under the command line: nothing runs on, and `--resume` does what is missing.

    Before there is a session. What is on disk at each call is proved by the sweep above, and real runs are killed at
    more moments below and in test_rounds.py: other calls are for the thorough profile.
    """
    was_killed(rig, rig.run_forked(*TWO, before=light(killing_itself(call, nth, rig.out))))
    assert len(rig.sessions()) == sessions
    for session in rig.sessions():
        resumed(rig, session)


def killed_in(rig, injected, *arguments, files=()):
    """Run it until the system kills it at a call of its own on these files, or on any."""
    with injecting(injected, *files) as trace:
        process = rig.forked(*arguments, before=light(be_traced))
        trace(process.pid)
        was_killed(rig, rig.ended(process))


FIRST = ["fsync:signal=KILL:when=29", *(f"write:signal=KILL:when={nth}" for nth in (30, 45) if thorough())]
"""Of a new run, when it has one trial and measures the other one; in the thorough profile also before."""
SECOND = ["write:signal=KILL:when=1", *["fsync:signal=KILL:when=3"] * thorough()]


@needs_strace
@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("first", FIRST)
def test_fault_32_killed_by_the_system_at_a_call_and_again_while_it_is_resumed(rig, first, second):
    """At the system's own calls: of a new run, whatever they are on; of one that resumes it, on files of the session.

    The sweep above has every call: here one each, others are for the thorough profile.
    """
    killed_in(rig, first, *TWO)
    (session,) = rig.sessions()
    assert thorough() or len(rig.rows()) == 1
    files = [session / name for name in FILES]
    killed_in(rig, second, *resumption(session), files=files)
    resumed(rig, session)
