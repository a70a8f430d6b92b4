"""Faults of the measured child, and of what it starts. One session has them all: each costs its own cell alone."""

import json
import sys
from pathlib import Path

import psutil
import pytest
from places import FAKE_CHILD

from faults import misbehaving
from faults.rig import MARK, TALLY, TINY, Rig, eventually
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.supervisor import HEAD_BYTES, TAIL_BYTES
from gil_lab.model.records import Cell, Flag, Result, Status, Trial
from gil_lab.suite.catalogue import Catalogue

FILE = Path(misbehaving.__file__)
SENDING = Path(__file__).with_name("sending_child.py")
WORKLOADS = sorted(
    name.lower().replace("_", "-")
    for name, value in vars(misbehaving).items()
    if name.isupper() and hasattr(value, "verify")
)
OF_STRATEGIES = ("forgetful", "aborts-at-the-end", "leaves-at-the-end")
TIMEOUT_S = 2
STAGES = ("hello", "prepared", "ready", "timed", "finished", "end")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """The rig after one run of everything that misbehaves, and how that ended."""
    rig = Rig(tmp_path_factory.mktemp("child"))
    home = rig.environment(HOME=str(rig.cwd.parent))
    names = ",".join(WORKLOADS)
    ended = rig.run(str(FILE), "--workload", names, "--timeout", str(TIMEOUT_S), *TINY, env=home, within_s=110)
    return rig, ended


@pytest.fixture(scope="module")
def rows(session):
    rig, _ = session
    return {row["workload"]: row for row in rig.rows()}


def test_every_fault_costs_its_own_cell_and_nothing_else(session):
    """Of all that misbehaves, only what is sound in the end is `ok`; nothing runs on, nothing lies around."""
    rig, ended = session
    rig.watched += map(int, (rig.cwd.parent / "pids").read_text().split())
    rig.survived(ended, 3, ok_at_most=5)
    TALLY["faults injected"] += len(WORKLOADS) - 2
    assert len(rig.rows()) == len(WORKLOADS)


@pytest.mark.parametrize(
    ("workload", "status", "detail"),
    [
        pytest.param("segfault", "crashed", "SIGSEGV before its result", id="01-segfault"),
        pytest.param("kill-itself", "crashed", "SIGKILL before its result", id="02-killed"),
        pytest.param("real-time-signal", "crashed", "signal ", id="02-real-time-signal"),
        pytest.param("leave-quietly", "protocol", "exited 0 before its result", id="04-no-result"),
        pytest.param("hang", "timeout", "not done after 2 s", id="07-hang"),
        pytest.param("hang-in-c", "timeout", "not done after 2 s", id="08-hang-in-c"),
        pytest.param("stop", "timeout", "it was stopped", id="09-stopped"),
        pytest.param("chatter", "timeout", "not done after 2 s", id="10-chatty-hang"),
        pytest.param("terminate-itself", "crashed", "SIGTERM before its result", id="18-own-sigterm"),
        pytest.param("deadlock", "timeout", "not done after 2 s", id="19-deadlock-after-fork"),
        pytest.param("lie", "wrong", "got [0, 1]", id="23-wrong-answer"),
        pytest.param("fine", "ok", "", id="beside-them"),
        pytest.param("print-noise", "ok", "", id="11-noise"),
    ],
)
def test_fault(rows, workload, status, detail):
    """The row says what happened, and has numbers only if it is `ok`."""
    row = rows[workload]
    assert (row["status"], row["wall_s"] != "") == (status, status == "ok")
    assert detail in row["detail"]


@pytest.mark.parametrize("name", misbehaving.MESSAGES)
def test_fault_06_an_exception_is_one_clean_line(rows, name):
    """Whatever its message is: no formula, no second line, no escape code, 200 characters at most."""
    row = rows[f"complain-{name}"]
    assert row["status"] == "error"
    assert row["detail"].startswith("ValueError: ")
    assert row["detail"].isprintable()
    assert len(row["detail"]) <= 200


def test_fault_06_the_log_has_the_traceback(session):
    """With the line of the user's file in which it happened."""
    rig, _ = session
    log = (rig.sessions()[0] / "log.txt").read_text()
    assert "misbehaving.py" in log
    assert "raise ValueError(message)" in log


def test_fault_01_the_log_has_what_python_said_of_the_crash(session):
    """faulthandler is on."""
    rig, _ = session
    assert "Segmentation fault" in (rig.sessions()[0] / "log.txt").read_text()


def test_fault_10_what_is_printed_without_end_is_cut(session):
    """The beginning and the end are kept, not the gigabyte between."""
    rig, _ = session
    log = (rig.sessions()[0] / "log.txt").read_text()
    assert "bytes left out" in log
    assert len(log) < len(WORKLOADS) * 10_000 + 2 * (HEAD_BYTES + TAIL_BYTES) + 1_000_000


@pytest.mark.parametrize(
    "workload",
    [
        pytest.param("keep-the-pipes", id="14-keeps-the-pipes"),
        pytest.param("escape", id="15-escaped"),
        pytest.param("stubborn-grandchild", id="15-ignores-signals"),
    ],
)
def test_fault_what_was_left_running_is_flagged(rows, workload):
    """The trial ends when the child does, not when its pipes are closed; the numbers stand, with a doubt."""
    assert rows[workload]["status"] == "ok"
    assert "leaked-procs" in rows[workload]["flags"].split(";")


def run(command: tuple[str, ...], timeout_s: float = 20.0) -> Result:
    """One trial of a fake child."""
    cell = Cell("primes", "sequential", 1, "3.11", 2, 10)
    return controller.run(Trial(7, 1, cell, 0.01, timeout_s), Launcher(command=command), Catalogue())


def survived(result: Result, *statuses: Status) -> None:
    """No numbers, nothing left, and the next child is measured."""
    TALLY["faults injected"] += 1
    assert result.status in statuses, result
    assert result.measurement is None
    assert "\n" not in result.detail
    left = [one for one in psutil.Process().children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
    TALLY["strays"] += len(left)
    assert left == []
    assert run((sys.executable, str(FAKE_CHILD), "none")).status is Status.OK


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", ["crash", "killed", "exit", "abort"])
def test_fault_02_a_child_that_ends_at_any_stage_is_not_ok(fault, stage):
    """Before its first word, while it is measured, while it sends, after its result: never `ok`, and not called OOM."""
    result = run((sys.executable, str(FAKE_CHILD), f"{fault}-{stage}"))
    if (fault, stage) == ("exit", "end"):  # it has said everything, and exits with 0: that is how a good one ends
        assert result.status is Status.OK
        return
    survived(result, Status.PROTOCOL if fault == "exit" else Status.CRASHED)


@pytest.mark.parametrize("program", ["/bin/true", "/bin/false", "/bin/echo"])
def test_fault_04_a_program_that_is_no_child_is_not_ok(program):
    """Exit code 0 alone proves nothing."""
    survived(run((program,)), Status.PROTOCOL, Status.CRASHED)


@pytest.mark.parametrize("strategy", OF_STRATEGIES)
def test_fault_05_and_23_numbers_of_an_unsound_strategy_are_none(rig, strategy):
    """It drops a task, or its pool breaks when it is closed, after the result: fast, and worth nothing."""
    ended = rig.run(str(FILE), "--workload", "fine", "--strategy", strategy, *TINY[2:])
    rig.survived(ended, 3, ok_at_most=1)
    (row,) = (row for row in rig.rows() if row["strategy"] == strategy)
    told = {"forgetful": ("wrong", "got [1]"), "aborts-at-the-end": ("crashed", "SIGABRT after its result")}
    status, detail = told.get(strategy, ("crashed", "exit code 3 after its result"))
    assert (row["status"], row["detail"]) == (status, detail)


SAMPLES = {
    "torn-json": b'{"message":"Prepared"',
    "not-utf-8": b'\xff\xfe{"message":"Prepared"}',
    "nan": b'{"message":"Hello","at_ns":NaN,"gil":true}',
    "infinity": b'{"message":"Hello","at_ns":Infinity,"gil":true}',
    "byte-order-mark": b'\xef\xbb\xbf{"message":"Prepared"}',
    "5000-digits": b'{"message":"Hello","at_ns":' + b"9" * 5000 + b',"gil":true}',
    "deep": b"[" * 100_000,
    "duplicate-keys": b'{"message":"Prepared","message":"Prepared"}',
    "negative-time": b'{"message":"Hello","at_ns":-1,"gil":true}',
    "wrong-types": b'{"message":"Hello","at_ns":"1","gil":"yes"}',
    "missing-field": b'{"message":"Hello","at_ns":1}',
    "extra-field": b'{"message":"Prepared","path":"/etc/passwd"}',
    "unknown-message": b'{"message":"Celebrate"}',
    "no-object": b"[1, 2, 3]",
    "empty": b"",
    "nul": b"\x00" * 100,
    "stale": json.dumps({"message": "Hello", "at_ns": 1, "gil": True}).encode(),
    "too-early": b'{"message":"Finished","traced":null,"spans":[],"gil":true}',
    "one-line-of-20-mb": b"x" * 20_000_000,
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_fault_12_and_13_a_broken_or_foreign_message_is_refused(sample, tmp_path):
    """No exception leaks out, the detail shows the beginning of it, and the child is ended."""
    file = tmp_path / "line"
    file.write_bytes(SAMPLES[sample])
    result = run((sys.executable, str(SENDING), str(file)))
    survived(result, Status.PROTOCOL)
    assert len(result.detail) <= 200


@pytest.mark.parametrize("fault", ["hang-timed", "stubborn-timed", "stopped-timed", "flood-hello", "hang-end"])
def test_fault_07_to_09_no_trial_outlives_its_limit_by_five_seconds(fault):
    """Also one that ignores SIGTERM, or was stopped and cannot receive it."""
    result = run((sys.executable, str(FAKE_CHILD), fault), timeout_s=1.0)
    if fault != "flood-hello":
        survived(result, Status.TIMEOUT)


def test_fault_10_the_lab_itself_stays_small(rig):
    """While a child prints without end, and while another sends a line without end."""
    process = rig.start(rig.arguments(str(FILE), "--workload", "chatter", "--timeout", "2", *TINY))
    lab, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            peak = max(peak, lab.memory_info().rss)
        except psutil.Error:
            break
    rig.survived(rig.ended(process), 5)
    assert 0 < peak < 150 * 2**20


def test_fault_14_the_trial_ends_with_its_child(monkeypatch):
    """A grandchild that holds the result pipe for a minute holds up nothing."""
    result = run((sys.executable, str(FAKE_CHILD), "heirs-timed"), timeout_s=60.0)
    assert Flag.LEAKED_PROCESSES in result.flags
    survived(result, Status.PROTOCOL)


def test_fault_18_a_signal_that_a_child_sends_itself_is_not_ours(rows):
    """The lab was not asked to stop, and goes on."""
    assert rows["terminate-itself"]["status"] == "crashed"


def test_the_fault_suite_sees_strays():
    """A process with the mark of a run is found wherever it went; else `no strays` would mean nothing."""
    import os
    import subprocess

    from faults.rig import of_run

    stray = subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: "4711-x"}, start_new_session=True)
    try:
        assert eventually(lambda: [one.pid for one in of_run(4711)] == [stray.pid])
    finally:
        stray.kill()
        stray.wait()
