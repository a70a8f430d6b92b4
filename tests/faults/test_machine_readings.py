"""What the sampler and the clocks may do while a trial is measured: every trial ends as a row that can be believed."""

import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from examples import thorough
from made import measurement, sample, trial
from places import FAKE_CHILD

from faults.rig import TALLY, eventually
from gil_lab.measuring import controller, dialogue, machine, measured_child, processes, sampler
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.measuring.sampler import Reading
from gil_lab.model.records import Cell, Flag, Status, Trial
from gil_lab.sessions.detail_rows import core_rows
from gil_lab.suite.catalogue import Catalogue, with_file

HERE = Path(__file__).parent
NOBODY = frozenset()


def run(fault="none", workload="primes", file=None, **trial):
    """One trial of a fake child, or of a workload in the experiment file."""
    TALLY["faults injected"] += 1
    program = [sys.executable, "-m", "gil_lab.child"] if file else [sys.executable, str(FAKE_CHILD)]
    launcher = Launcher(command=program if file else [*program, fault], file=file)
    cell = Cell(workload, "sequential", 1, "3.11", 2, 1 if file else 10)
    planned = Trial(**{"number": 7, "round": 1, "cell": cell, "min_time_s": 0.01, "timeout_s": 20.0, **trial})
    return controller.run(planned, launcher, with_file(file) if file else Catalogue())


# Affinity, and cores that come and go


def test_fault_49_a_child_that_is_moved_to_other_cores_is_flagged(monkeypatch):
    """Its affinity is narrowed from outside, while passes are timed."""
    usual = Reading.later
    everywhere = os.sched_getaffinity(0)

    def later(self, planned_ns=None):
        os.sched_setaffinity(self.child[0].pid, sorted(everywhere)[:1])
        return usual(self, planned_ns)

    if len(everywhere) > 1:
        monkeypatch.setattr(Reading, "later", later)
    else:  # there is nothing to be moved away from
        allowed = iter([{0: frozenset({0})}, {0: frozenset({1})}])
        monkeypatch.setattr(sampler, "affinities", lambda processes: next(allowed))
    result = run()
    assert (result.status, result.flags.count(Flag.AFFINITY_CHANGED)) == (Status.OK, 1)


def times(busy_s):
    return SimpleNamespace(user=busy_s, system=0.0, steal=0.0)


def test_fault_49_a_core_that_is_unplugged_is_flagged_and_costs_no_process_cpu_time(monkeypatch):
    """The counters of 2, 1 and 3 cores; the sum over all that there ever were goes on."""
    cores, total = iter([[5.0, 7.0], [5.5], [5.6, 0.1, 7.2], [5.6, 0.1, 7.2]]), count(12)

    def cpu_times(percpu=False):
        return list(map(times, next(cores))) if percpu else times(next(total) / 10)

    monkeypatch.setattr(psutil, "cpu_times", cpu_times)
    before = Reading.before(os.getpid(), NOBODY, OtherProcesses())
    assert (len(before.later().busy_s), len(before.later().busy_s)) == (1, 3)
    usage = before.until(before.after(os.getpid(), NOBODY))
    assert usage.affinity_changed
    assert usage.busy_s == pytest.approx(0.1)


def test_fault_49_samples_of_another_number_of_cores_are_left_out():
    """Not shifted: which core is missing is not known."""
    samples = (sample(1, (1.0, 2.0)), sample(2, (2.5,)), sample(3, (1.1, 0.1, 2.6)), sample(4, (1.2, 2.7)))
    (turn,) = measurement(samples=samples).turns
    rows = core_rows(trial(), [turn])
    assert [(row.at_ns, row.core, row.busy_s) for row in rows] == [(1, 0, 1.0), (1, 1, 2.0), (4, 0, 1.2), (4, 1, 2.7)]


# Races with processes that end


class Racing:
    """Lets the N-th call of psutil about a process fail."""

    def __init__(self, monkeypatch, nth, error):
        self.calls, self.nth, self.error = 0, nth, error
        for name in ("__init__", "cpu_times", "status", "is_running"):
            monkeypatch.setattr(psutil.Process, name, self.failing(getattr(psutil.Process, name)))
        monkeypatch.setattr(processes, "process_cpu_s", self.failing(processes.process_cpu_s))

    def failing(self, usual):
        def call(process, *args, **kwargs):
            self.calls += 1
            if self.calls == self.nth:
                raise self.error
            return usual(process, *args, **kwargs)

        return call


ERRORS = {
    "gone": psutil.NoSuchProcess(1),
    "zombie": psutil.ZombieProcess(1),
    "denied": psutil.AccessDenied(1),
    "esrch": ProcessLookupError(errno.ESRCH, "No such process"),
    "einval": OSError(errno.EINVAL, "Invalid argument"),
}


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "searched"])
@pytest.mark.parametrize("error", ERRORS)
def test_fault_50_a_process_may_end_at_every_call_about_it(monkeypatch, error, listed):
    """Whichever call fails in whichever way: the readings are taken, and nothing that was used is below zero.

    Where the system lists the children of a process, and where psutil looks for them.
    """
    for nth in count(1):
        with monkeypatch.context() as patched:
            patched.setattr(processes, "_says_children", lambda: listed)
            racing = Racing(patched, nth, ERRORS[error])
            before = Reading.before(os.getpid(), NOBODY, OtherProcesses())
            before.later()
            usage = before.until(before.after(os.getpid(), NOBODY))
        assert min(usage.child_s, usage.service_s, usage.busy_s, usage.controller_s, usage.wall_s) >= 0
        if racing.calls < nth:
            break
        TALLY["faults injected"] += 1
    assert nth > (2 if listed else 6)


def test_fault_50_a_tree_of_processes_is_the_same_listed_and_searched(monkeypatch):
    """Of a process whose threads have children, which have some as well; and of one that is gone."""
    in_a_thread = "threading.Thread(target=subprocess.run, args=(['sh', '-c', 'sleep 60 & sleep 60'],)).start()"
    code = f"import subprocess, threading; [{in_a_thread} for _ in range(2)]"
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as process:
        try:
            assert eventually(lambda: len(psutil.Process(process.pid).children(recursive=True)) == 6)
            for pid in (process.pid, os.getpid()):
                listed = processes.descendants(pid)
                with monkeypatch.context() as patched:
                    patched.setattr(processes, "_says_children", lambda: False)
                    assert set(listed) == set(processes.descendants(pid))
                assert listed[0].pid == pid
                assert len(listed) == len(set(listed)) >= 7
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert processes.descendants(process.pid) == []


def test_fault_50_a_list_that_lacks_a_process_is_looked_at_again(monkeypatch):
    """As one may, while another process ends."""
    own, looks = psutil.Process(), iter([[], [os.getpid()], [os.getpid()]])
    monkeypatch.setattr(processes, "_says_children", lambda: True)
    monkeypatch.setattr(processes, "_below", lambda pid: next(looks))
    assert processes.descendants(os.getppid())[1:] == [own]
    assert list(looks) == []


@pytest.mark.parametrize("error", ["gone", "denied"])
def test_fault_50_a_trial_whose_processes_cannot_be_read_is_still_ok(monkeypatch, error):
    """One that is there and refuses to be read is flagged: its CPU time is not known."""
    usual = processes.reaped_cpu_s
    refusals = iter([ERRORS[error]])

    def reaped(process):
        if failure := next(refusals, None):
            raise failure
        return usual(process)

    monkeypatch.setattr(processes, "reaped_cpu_s", reaped)
    result = run()
    assert result.status is Status.OK
    assert (Flag.IMPOSSIBLE in result.flags) == (error == "denied")


def test_fault_50_counters_that_go_back_count_as_nothing(monkeypatch):
    """As those of some virtual machines do."""
    falling = count(100, -1)
    monkeypatch.setattr(
        psutil,
        "cpu_times",
        lambda percpu=False: [times(next(falling)) for _ in range(2)] if percpu else times(next(falling)),
    )
    result = run()
    assert result.status is Status.OK
    assert result.measurement.usage.busy_s == 0
    assert result.measurement.usage.other_s == 0


# Clocks


@pytest.mark.parametrize("workload", ["standing"])
def test_fault_55_a_clock_that_stands_still_in_the_child_is_a_broken_result(workload):
    """A pass that took no time divides nothing."""
    result = run(workload=workload, file=HERE / "surrounded.py")
    assert (result.status, result.measurement) == (Status.PROTOCOL, None)
    assert "took no time" in result.detail


def test_fault_55_a_clock_that_stands_still_in_the_lab_is_impossible(monkeypatch):
    """The CPU speed is zero then, before and after."""
    monkeypatch.setattr(machine, "time", SimpleNamespace(thread_time=lambda: 5.0))
    monkeypatch.setattr(dialogue, "spin_s", machine.spin_s)
    result = run()
    assert (result.status, Flag.IMPOSSIBLE in result.flags) == (Status.OK, True)


def test_fault_55_readings_at_one_moment_are_a_broken_result(monkeypatch):
    """The passes cannot lie between them."""
    now = time.monotonic_ns()
    clock = SimpleNamespace(**{name: getattr(time, name) for name in ("process_time", "clock_gettime_ns")})
    clock.monotonic_ns = lambda: now
    monkeypatch.setattr(sampler, "time", clock)
    assert run().status is Status.PROTOCOL


def test_fault_55_the_smallest_work_has_numbers():
    """One task that does nothing, shorter than the sampler's period: no number is infinite or negative."""
    result = run(workload="fine", file=HERE / "surrounded.py")
    assert result.status is Status.OK
    assert result.measurement.usage.wall_s > 0


# What watches the measured process


@pytest.mark.parametrize(("workload", "cause"), [("traced", "sys.settrace"), ("profiled", "sys.setprofile")])
def test_fault_22_a_trial_that_a_debugger_or_profiler_watches_is_an_error(workload, cause):
    """It slows plain Python down and compiled code not."""
    result = run(workload=workload, file=HERE / "surrounded.py")
    assert (result.status, result.measurement) == (Status.ERROR, None)
    assert f"{cause} is active" in result.detail


def test_fault_22_compiled_forms_are_compiled_or_there_is_no_number():
    """Where Numba is set to compile nothing, in whichever way that reaches the child, the trial is an error.

    Each of the compiled strategies, which have the same form, in the thorough profile.
    """
    for strategy in ("numba-parallel", *["numba-sequential", "numba-nogil"] * thorough()):
        TALLY["faults injected"] += 1
        launcher = Launcher(environment=(("NUMBA_DISABLE_JIT", "1"),))
        trial = Trial(1, 1, Cell("primes", strategy, 2, "3.11", 2, 10), 0.01, 60.0)
        result = controller.run(trial, launcher, Catalogue())
        assert (result.status, result.measurement) == (Status.ERROR, None)


# Starting a child


def descriptors():
    return {int(entry.name) for entry in Path("/proc/self/fd").iterdir()}


def test_fault_26_a_child_that_there_are_too_few_descriptors_for_costs_none(tmp_path, monkeypatch):
    """However many there are: what was opened before the one that failed is closed again, and its folder is removed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    limits, before = resource.getrlimit(resource.RLIMIT_NOFILE), descriptors()
    unused = [number for number in range(max(before) + 20) if number not in before]
    failures = 0
    for highest in unused[2:9]:  # one more each time; to remove a folder takes some as well
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, limits[1]))
        try:
            Launcher().start(1).close()
        except OSError as error:
            failures += error.errno == errno.EMFILE
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert len(descriptors()) == len(before)
        assert list(tmp_path.iterdir()) == []
        TALLY["faults injected"] += 1
    assert failures >= 4


@pytest.mark.parametrize(("failures", "status"), [(0, Status.OK), (1, Status.OK), (2, Status.ERROR)])
def test_fault_25_a_system_without_room_for_a_process_is_asked_once_more(monkeypatch, failures, status):
    """Then it is a row with its cause, and the next trial has its own chance."""
    usual, refusals = Launcher.start, iter([None] * failures)

    def start(self, workers):
        if next(refusals, "go on") is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return usual(self, workers)

    monkeypatch.setattr(Launcher, "start", start)
    monkeypatch.setattr(measured_child, "START_RETRY_S", 0.01)
    result = run()
    assert result.status is status
    assert ("Resource temporarily unavailable" in result.detail) == (status is Status.ERROR)
    assert run().status is Status.OK
