"""The controller against a fake child: every way in which a child can fail costs its own trial, and says why."""

import sys
from pathlib import Path

import pytest
from places import FAKE_CHILD

from gil_lab.measuring import controller
from gil_lab.measuring.environment import THREAD_LIMITS, environment
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Flag, Result, Status, Trial
from gil_lab.model.variables import CORES, LIBRARY_THREADS
from gil_lab.suite.catalogue import Catalogue, with_file

STAGES = ("hello", "timed")
"""Before it is measured and meanwhile; tests/faults/test_child.py has every stage."""


def run(fault: str, timeout_s: float = 20.0) -> Result:
    cell = Cell("primes", "sequential", 1, "3.11", 2, 10)
    launcher = Launcher(command=(sys.executable, str(FAKE_CHILD), fault))
    return controller.run(Trial(7, 1, cell, 0.1, timeout_s), launcher, Catalogue())


def test_a_good_child_is_measured():
    """Passes, spans and the clocks of the controller end up in one measurement."""
    result = run("none")
    assert (result.status, result.detail) == (Status.OK, "")
    assert [one.kind for one in result.measurement.passes] == ["warm-up", "traced", "timed", "timed"]
    assert (result.measurement.costs.startup_s, result.measurement.costs.compile_s) == (0.1, 0.2)
    assert result.measurement.costs.launch_s > 0
    assert len(result.measurement.samples) >= 2


def test_samples_lie_in_order_around_the_timed_passes():
    """The first sample is taken before the first timed pass begins, the last after the last has ended."""
    measurement = run("none").measurement
    timed = [one for one in measurement.passes if one.kind == "timed"]
    times = [sample.at_ns for sample in measurement.samples]
    assert times == sorted(times)
    assert times[0] <= timed[0].begin_ns
    assert timed[-1].end_ns <= times[-1]


@pytest.mark.parametrize("stage", STAGES)
def test_a_crash_is_reported_by_its_signal(stage):
    """At whatever stage the child dies, the row names the signal and has no numbers."""
    result = run(f"crash-{stage}")
    assert (result.status, result.measurement) == (Status.CRASHED, None)
    assert "SIGSEGV before its result" in result.detail


@pytest.mark.parametrize("stage", STAGES)
def test_a_child_that_leaves_without_a_result_is_not_ok(stage):
    """Exit code 0 alone proves nothing."""
    result = run(f"exit-{stage}")
    assert (result.status, result.measurement) == (Status.PROTOCOL, None)


@pytest.mark.parametrize("fault", ["crash-end", "bad-end"])
def test_a_result_counts_only_with_a_clean_exit(fault):
    """A child that fails after its result has sent numbers that cannot be trusted."""
    result = run(fault)
    assert (result.status, result.measurement) == (Status.CRASHED, None)
    assert "after its result" in result.detail


def test_a_child_that_hangs_is_ended():
    """At its time limit; tests/faults/test_child.py has those that resist."""
    result = run("hang-timed", timeout_s=1.0)
    assert (result.status, result.measurement) == (Status.TIMEOUT, None)


REFUSED = {
    "garbage-ready": "not a message: b'",
    "torn-ready": "exited 0 before its result",
    "stale-timed": "Prepared instead of Timed",
    "born-early": "ready before it was started",
    "no-passes": "no pass was timed",
    "time-traveller": "before they were allowed to",
    "lost-task": "1 tasks were traced instead of 2",
    "backward-task": "a task ended before it began",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_message_that_was_not_agreed_on_is_refused(fault):
    """Garbage, half a line, a repeated message, clocks that run backwards, a pass or a task too few."""
    result = run(fault)
    assert (result.status, result.measurement) == (Status.PROTOCOL, None)
    assert REFUSED[fault] in result.detail


def test_a_failure_that_the_child_reports_becomes_one_clean_line():
    """Control characters and newlines of user code do not reach the terminal or the CSV file."""
    result = run("fail-timed")
    assert result.status is Status.ERROR
    assert result.detail == "ValueError: \\x1b[31mred\\nand torn"


def test_noise_on_standard_output_does_no_harm():
    """Results travel on a pipe of their own; what is printed is not even read while the trial runs."""
    assert run("flood-timed").status is Status.OK


def test_what_a_failed_child_printed_is_kept_for_the_log():
    """Python's own account of a crash is there to be read."""
    assert "Segmentation fault" in run("crash-timed").log
    assert run("none").log == ""


def test_a_grandchild_that_holds_the_pipe_does_not_hold_up_the_trial():
    """The trial ends when the child does, not when its pipe is closed."""
    result = run("heirs-timed", timeout_s=60.0)
    assert result.status is Status.PROTOCOL
    assert Flag.LEAKED_PROCESSES in result.flags


def test_what_was_left_running_is_flagged_and_killed():
    """A process that left the group would burn a core during the next trial."""
    result = run("strays-finished")
    assert result.status is Status.OK
    assert Flag.LEAKED_PROCESSES in result.flags


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_nothing_of_a_trial_remains(tmp_path, monkeypatch):
    """No process with its mark, no folder, no open descriptor."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = open_descriptors()
    for fault in ("none", "crash-timed", "heirs-timed"):
        run(fault)
    assert open_descriptors() == before
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_cannot_be_started_is_an_error_row():
    """The other cells go on."""
    trial = Trial(1, 1, Cell("primes", "sequential", 1, "3.11", 2, 10), 0.1, 5.0)
    result = controller.run(trial, Launcher(command=("/nonexistent/python",)), Catalogue())
    assert result.status is Status.ERROR
    assert "No such file" in result.detail


def test_the_environment_is_built_and_not_inherited(monkeypatch, tmp_path):
    """What is set around the lab does not reach the child; nested pools are capped at one thread."""
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "NUMBA_DISABLE_JIT", "OMP_NUM_THREADS", "SECRET"):
        monkeypatch.setenv(name, "7")
    built = environment(4, tmp_path, "mark")
    assert not {"PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "NUMBA_DISABLE_JIT", "SECRET"} & set(built)
    assert (built["OMP_NUM_THREADS"], built["NUMBA_NUM_THREADS"]) == ("1", "4")


@pytest.mark.parametrize(("threads", "numba"), [("2", "4"), ("8", "8")])
def test_libraries_may_use_as_many_threads_as_a_setting_says(tmp_path, threads, numba):
    """Numba's pool has room for those of a task and for the workers."""
    built = environment(4, tmp_path, "mark", ((LIBRARY_THREADS, threads),))
    assert {built[name] for name in THREAD_LIMITS} == {threads}
    assert built["NUMBA_NUM_THREADS"] == numba


@pytest.mark.parametrize(
    ("settings", "workers", "threads", "numba"),
    [
        ({LIBRARY_THREADS: "divided"}, 2, "4", "4"),
        ({LIBRARY_THREADS: "divided"}, 3, "2", "3"),
        ({LIBRARY_THREADS: "divided"}, 16, "1", "16"),
        ({LIBRARY_THREADS: "divided", CORES: "4"}, 2, "2", "2"),
        ({LIBRARY_THREADS: "divided", CORES: "1,2,3,"}, 1, "3", "3"),
        ({LIBRARY_THREADS: "uncapped"}, 2, None, "8"),
    ],
)
def test_the_cores_are_divided_among_the_workers_or_left_to_libraries(
    monkeypatch, tmp_path, settings, workers, threads, numba
):
    """Of those that the child may use; one thread at least."""
    monkeypatch.setattr("gil_lab.measuring.environment.usable_cores", lambda: 8)
    monkeypatch.setattr("gil_lab.measuring.environment.allowed_cores", lambda: range(8))
    built = environment(workers, tmp_path, "mark", settings)
    assert {built.get(name) for name in THREAD_LIMITS} == {threads}
    assert built["NUMBA_NUM_THREADS"] == numba


def test_a_failure_called_ok_is_no_result():
    """A child cannot talk itself into a row without numbers."""
    assert run("praise-timed").status is Status.PROTOCOL


CLOSING = """
import os
from contextlib import contextmanager
from gil_lab import Strategy

@contextmanager
def open_pool(workers):
    yield lambda task, inputs: [task(item) for item in inputs]
    {closing}

CLOSES_BADLY = Strategy("", form="call", open=open_pool, workers_are=None)
"""


@pytest.mark.parametrize(
    ("closing", "reported"),
    [
        ("os.abort()", "SIGABRT after its result"),
        ("raise RuntimeError('boom')", "exit code 1 after its result: RuntimeError: boom"),
        ("os._exit(9)", "exit code 9 after its result"),
    ],
)
def test_what_goes_wrong_while_a_pool_is_closed_comes_after_the_result_and_costs_it(tmp_path, closing, reported):
    """As some versions abort when a subinterpreter ends: the numbers came from a process that was not sound."""
    file = tmp_path / "own.py"
    file.write_text(CLOSING.format(closing=closing))
    trial = Trial(1, 1, Cell("primes", "closes-badly", 1, "3.11", 2, 10), 0.001, 20.0)
    result = controller.run(trial, Launcher(file=file), with_file(file))
    assert (result.status, result.detail, result.measurement) == (Status.CRASHED, reported, None)
