"""Faults of the measured child, and of what it starts. Two sessions have them all: each costs its own cell alone."""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from examples import thorough
from places import FAKE_CHILD

from faults import misbehaving
from faults.processes import MARK, of_run, recorded
from faults.rig import TALLY, TINY, Ended, Rig, eventually
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.supervisor import HEAD_BYTES, TAIL_BYTES
from gil_lab.model.errors import ProtocolError
from gil_lab.model.records import Cell, Flag, Result, Status, Trial
from gil_lab.model.wire import decode
from gil_lab.suite.catalogue import Catalogue

FILE = Path(misbehaving.__file__)
WORKLOADS = sorted(misbehaving.DESIGN.workloads)
OF_STRATEGIES = {
    "forgetful": ("wrong", "got [1]"),
    "aborts-at-the-end": ("crashed", "SIGABRT after its result"),
    "leaves-at-the-end": ("crashed", "exit code 3 after its result"),
}
TIMEOUT_S = 2
NO_PID = 2**22 + os.getpid()
"""More than Linux gives (PID_MAX_LIMIT, proc(5))."""
HANGING = ("chatter", "deadlock", "hang", "hang-in-c", "leave-and-hang", "stop")
COMPLAINTS = tuple(misbehaving.MESSAGES) if thorough() else ("everything",)
"""What is wrong with the message of an exception: in one message, and each alone in the thorough profile."""
FAILING = tuple(
    name
    for name in WORKLOADS
    if name not in HANGING and (not name.startswith("complain-") or name.removeprefix("complain-") in COMPLAINTS)
)
SIGNALS = (("crash", "SIGSEGV"), ("killed", "SIGKILL"), ("abort", "SIGABRT"))
STAGES = ("hello", "prepared", "ready", "traced", "timed", "turned", "finished", "end")


@dataclass
class Session:
    """The rig after one run, how that ended, and the most memory that gil-lab itself used."""

    rig: Rig
    ended: Ended
    growth_bytes: int
    """Of the lab's memory: it is forked from the tests' process, with what other tests have left there."""

    @property
    def log(self):
        return (self.rig.sessions()[0] / "log.txt").read_text()


def start(rig, workloads, timeout_s):
    """One run of these in the background, as they are designed; grandchildren record themselves in HOME."""
    arguments = (str(FILE), "--workload", ",".join(workloads), "--timeout", str(timeout_s), *TINY[2:])
    return rig.forked(*arguments, env=rig.environment(HOME=str(rig.cwd.parent)))


def ended(rigs, processes):
    """Sessions by name. Memory is read while they go on."""
    read = {name: [] for name in processes}
    while any(process.poll() is None for process in processes.values()):
        for name, process in processes.items():
            with contextlib.suppress(psutil.Error):  # it has ended
                read[name].append(psutil.Process(process.pid).memory_info().rss)
        time.sleep(0.1)
    growth_bytes = {name: max(rss) - rss[0] for name, rss in read.items()}
    return {name: Session(rigs[name], rigs[name].ended(processes[name]), growth_bytes[name]) for name in processes}


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    """Two at the same time: of what hangs, which mostly waits, and of everything else that misbehaves."""
    rigs = {name: Rig(tmp_path_factory.mktemp(name)) for name in ("failing", "hanging")}
    hanging = start(rigs["hanging"], HANGING, TIMEOUT_S)
    return ended(rigs, {"hanging": hanging, "failing": start(rigs["failing"], FAILING, 60)})


@pytest.fixture(scope="module", autouse=True)
def _the_next_child_is_measured():
    """After all faults of this file, in the same process."""
    yield
    assert run((sys.executable, str(FAKE_CHILD), "none")).status is Status.OK


@pytest.fixture(scope="module")
def every_row(sessions):
    return [row for session in sessions.values() for row in session.rig.rows()]


@pytest.fixture(scope="module")
def rows(every_row):
    """By workload, of the strategy that is sound."""
    return {row["workload"]: row for row in every_row if row["strategy"] == "sequential"}


@pytest.mark.parametrize(
    ("name", "code", "ok", "faults", "recorded_at_least"),
    [("failing", 3, 5, FAILING + tuple(OF_STRATEGIES), 3), ("hanging", 5, 0, HANGING, 2)],
    ids=["failing", "hanging"],
)
def test_every_fault_costs_its_own_cell_and_nothing_else(sessions, name, code, ok, faults, recorded_at_least):
    """Of all that misbehaves, only what is sound in the end is `ok`; nothing runs on, nothing lies around."""
    rig = sessions[name].rig
    rig.watched += recorded(rig.cwd.parent / "started")
    assert len(rig.watched) >= recorded_at_least
    rig.survived(sessions[name].ended, code, ok_at_most=ok)
    TALLY["faults injected"] += len(faults) - 1
    assert len(rig.rows()) == len(faults)


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


@pytest.mark.parametrize("name", COMPLAINTS)
def test_fault_06_an_exception_is_one_clean_line(rows, name):
    """Whatever its message is: no formula, no second line, no escape code, 200 characters at most."""
    row = rows[f"complain-{name}"]
    assert row["status"] == "error"
    assert row["detail"].startswith("ValueError: ")
    assert row["detail"].isprintable()
    assert len(row["detail"]) <= 200


def test_fault_06_the_log_has_the_traceback(sessions):
    """With the line of the user's file in which it happened."""
    log = sessions["failing"].log
    assert "misbehaving.py" in log
    assert "raise ValueError(message)" in log


def test_fault_01_the_log_has_what_python_said_of_the_crash(sessions):
    """faulthandler is on."""
    assert "Segmentation fault" in sessions["failing"].log


def test_fault_10_what_is_printed_without_end_is_cut(sessions):
    """The beginning and the end are kept, not the gigabyte between."""
    log = sessions["hanging"].log
    assert "bytes left out" in log
    assert len(log) < len(HANGING) * 10_000 + 2 * (HEAD_BYTES + TAIL_BYTES) + 1_000_000


@pytest.mark.parametrize(
    "workload",
    [
        pytest.param("keep-the-pipes", id="14-keeps-the-pipes"),
        pytest.param("escape", id="15-escaped"),
        pytest.param("stubborn-grandchild", id="15-ignores-signals"),
    ],
)
def test_fault_what_was_left_running_is_flagged(rows, workload):
    """The trial ends when the child does, not when its pipes are closed; the numbers stand, with a flag."""
    assert rows[workload]["status"] == "ok"
    assert "leaked-procs" in rows[workload]["flags"].split(";")


def run(command: tuple[str, ...], timeout_s: float = 20.0) -> Result:
    """One trial of a fake child."""
    cell = Cell("primes", "sequential", 1, "3.11", 2, 10)
    return controller.run(Trial(7, 1, cell, 0.01, timeout_s), Launcher(command=command), Catalogue())


def survived(result: Result, *statuses: Status) -> None:
    """No numbers, and nothing is left."""
    TALLY["faults injected"] += 1
    assert result.status in statuses, result
    assert result.measurement is None
    assert "\n" not in result.detail
    assert eventually(lambda: not of_run(os.getpid()))


@pytest.mark.parametrize("stage", STAGES)
def test_fault_02_a_child_that_is_ended_by_a_signal_at_any_stage_has_crashed(stage):
    """Before its first message, while it is measured, while it sends, after its result; it is not called OOM.

    One signal at each stage, in turn, and all of them in the thorough profile.
    """
    place = STAGES.index(stage) % len(SIGNALS)
    for fault, name in SIGNALS if thorough() else SIGNALS[place : place + 1]:
        result = run((sys.executable, str(FAKE_CHILD), f"{fault}-{stage}"))
        survived(result, Status.CRASHED)
        assert result.detail.startswith(f"{name} {'after' if stage == 'end' else 'before'} its result")


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_fault_02_a_child_that_exits_with_0_before_its_end_is_not_ok(stage):
    """At `end` it has sent everything: that is how a good one ends."""
    survived(run((sys.executable, str(FAKE_CHILD), f"exit-{stage}")), Status.PROTOCOL)


@pytest.mark.parametrize("program", ["/bin/true", "/bin/false", "/bin/echo"])
def test_fault_04_a_program_that_is_no_child_is_not_ok(program):
    """Exit code 0 alone proves nothing."""
    survived(run((program,)), Status.PROTOCOL, Status.CRASHED)


def test_fault_05_and_23_numbers_of_an_unsound_strategy_are_none(every_row):
    """It drops a task, or its pool breaks when it is closed, after the result: fast, and worth nothing."""
    rows = {row["strategy"]: row for row in every_row if row["workload"] == misbehaving.SOUND_WORK}
    assert rows.pop("sequential")["status"] == "ok"
    assert {name: (row["status"], row["detail"]) for name, row in rows.items()} == OF_STRATEGIES
    assert not any(row["wall_s"] for row in rows.values())


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


KINDS = (
    "torn-json",
    "not-utf-8",
    "5000-digits",
    "deep",
    "wrong-types",
    "empty",
    "stale",
    "too-early",
    "one-line-of-20-mb",
)
"""What can be wrong with a line, what it says, and when it comes: those are sent by a child."""


@pytest.mark.parametrize("sample", [name for name in SAMPLES if name not in ("stale", "too-early")])
def test_fault_12_a_broken_message_is_none(sample):
    """Nothing but the one error that the lab expects."""
    with pytest.raises(ProtocolError):
        decode(SAMPLES[sample])


@pytest.mark.parametrize("sample", SAMPLES if thorough() else KINDS)
def test_fault_12_and_13_a_broken_or_foreign_message_is_refused(sample, tmp_path):
    """No exception leaks out, the detail shows the beginning of it, and the child is ended.

    All samples in the thorough profile: the others are refused above, by the same function.
    """
    file = tmp_path / "line"
    file.write_bytes(SAMPLES[sample])
    result = run((sys.executable, str(FAKE_CHILD), f"sender:{file}"))
    survived(result, Status.PROTOCOL)
    assert len(result.detail) <= 200


@pytest.mark.parametrize("fault", [*(f"hang-{stage}" for stage in STAGES[2:]), "stubborn-timed", "stopped-timed"])
def test_fault_07_to_09_a_child_that_does_not_end_is_ended(fault):
    """Also one that ignores SIGTERM, or was stopped and cannot receive it."""
    survived(run((sys.executable, str(FAKE_CHILD), fault), timeout_s=1.0), Status.TIMEOUT)


def test_fault_11_a_child_that_prints_more_than_a_pipe_holds_is_ok():
    """What it prints is read while it is measured."""
    assert run((sys.executable, str(FAKE_CHILD), "flood-hello")).status is Status.OK


def test_fault_10_the_lab_itself_stays_small(sessions):
    """While a child prints without end, and while the others do what they do."""
    assert all(0 < session.growth_bytes < 100 * 2**20 for session in sessions.values())


def test_fault_14_the_trial_ends_with_its_child():
    """A grandchild that holds the result pipe for a minute holds up nothing."""
    result = run((sys.executable, str(FAKE_CHILD), "heirs-timed"), timeout_s=60.0)
    assert Flag.LEAKED_PROCESSES in result.flags
    survived(result, Status.PROTOCOL)


def test_the_fault_suite_sees_strays():
    """A process with the mark of a run is found in any session and group; else `no strays` would mean nothing."""
    stray = subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: f"{NO_PID}-x"}, start_new_session=True)
    try:
        assert eventually(lambda: [process.pid for process in of_run(NO_PID)] == [stray.pid])
    finally:
        stray.kill()
        stray.wait()
