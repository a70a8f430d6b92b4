"""The machine and its flags: cores and workers that may be used; flags, from made-up measurements."""

import resource
from types import SimpleNamespace

import pytest
from made import measurement, spans, usage

from gil_lab.measuring import machine
from gil_lab.measuring.machine import Limits, usable_cores
from gil_lab.measuring.quality_flags import most_cores_busy, quality_flags
from gil_lab.model.errors import UsageError
from gil_lab.model.records import COUNTED_FLAGS, Flag
from gil_lab.sessions.options import Options, check
from gil_lab.sessions.worker_limits import max_workers
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.workloads import Workload

LAB = Catalogue()


# Usable cores


@pytest.mark.parametrize(
    ("affinity", "limit", "usable"),
    [(4, None, 4), (4, 4.0, 4), (4, 1.5, 2), (4, 1.01, 2), (4, 0.5, 1), (4, 0.01, 1), (2, 8.0, 2), (1, 1.5, 1)],
)
def test_usable_cores_are_the_lesser_of_affinity_and_quota(monkeypatch, affinity, limit, usable):
    """A part of a core is a core that can be kept busy now and then; there is always one."""
    monkeypatch.setattr(machine, "affinity", lambda: affinity)
    monkeypatch.setattr(machine, "quota", lambda: limit)
    assert usable_cores() == usable


def test_affinity_is_what_the_scheduler_says(monkeypatch):
    """Not how many cores there are."""
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda pid: {1, 5, 7}, raising=False)
    monkeypatch.setattr(machine.os, "cpu_count", lambda: 64)
    assert machine.affinity() == 3


@pytest.mark.parametrize(("count", "cores"), [(8, 8), (None, 1)])
def test_without_an_affinity_all_cores_count(monkeypatch, count, cores):
    """On macOS; and one if even their number is unknown."""
    monkeypatch.delattr(machine.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(machine.os, "cpu_count", lambda: count)
    assert machine.affinity() == cores


def test_one_interruption_does_not_change_the_pace(monkeypatch):
    """Of five spins one took a hundred times as long: the machine is not slower for that."""
    clock = iter([0, 4, 10, 14, 20, 420, 500, 504, 600, 604])
    monkeypatch.setattr(machine, "time", SimpleNamespace(thread_time=lambda: next(clock)))
    monkeypatch.setattr(machine, "SPIN_STEPS", 1)
    assert machine.spin_s() == 4 * machine.SPINS


# Doubts


def flags(strategy="threading", workload="primes", workers=2, cores=2, **changes):
    found = quality_flags(measurement(**changes), LAB.workload(workload), LAB.strategy(strategy), workers, cores)
    assert len(set(found)) == len(found)
    return set(found)


def test_a_measurement_without_surprises_has_no_flag():
    """Two threads that share a core, on a quiet machine of constant CPU speed."""
    assert flags() == set()


@pytest.mark.parametrize(
    ("others", "disturbed"),
    [
        ({"busy_s": 1.0}, False),
        ({"busy_s": 1.2}, False),
        ({"busy_s": 1.3}, True),
        ({"steal_s": 0.3}, True),
        ({"steal_s": 0.2}, False),
        ({"busy_s": 1.15, "steal_s": 0.15}, True),
        ({"busy_s": 2.0, "service_s": 1.0}, False),
        ({"busy_s": 1.3, "controller_s": 0.02}, True),
        ({"busy_s": 1.22, "controller_s": 0.02}, False),
        ({"busy_s": 2.0, "controller_s": 0.9}, True),
        ({"busy_s": 0.9}, False),
    ],
)
def test_what_others_used_disturbs(others, disturbed):
    """Others and the hypervisor together, above a tenth of the cores and what ticks pretend; not our own helpers."""
    assert flags(usage=usage(**others)) == ({Flag.DISTURBED} if disturbed else set())


def test_ticks_disturb_no_short_trial():
    """In ten milliseconds a single tick of the counters would be a whole core."""
    short = {"wall_s": 0.01, "child_s": 0.01}
    assert flags(usage=usage(**short, busy_s=0.03)) == set()
    assert flags(usage=usage(**short, busy_s=0.09)) == {Flag.DISTURBED}


def test_many_cores_bear_more():
    """Half a core of others is much of two cores and little of eight."""
    assert flags(usage=usage(busy_s=1.5), cores=2) == {Flag.DISTURBED}
    assert flags(usage=usage(busy_s=1.5), cores=8) == set()


@pytest.mark.parametrize(
    ("before_s", "after_s", "drifted"),
    [(0.02, 0.022, False), (0.022, 0.02, False), (0.02, 0.024, True), (0.024, 0.02, True), (0.02, 0.2, True)],
)
def test_a_change_of_pace_is_drift(before_s, after_s, drifted):
    """Slower or faster alike."""
    assert flags(pace_before_s=before_s, pace_after_s=after_s) == ({Flag.DRIFTED} if drifted else set())


TWO_BUSY = usage(child_s=1.9, busy_s=1.9)


@pytest.mark.parametrize("strategy", ["threading", "asyncio-threads", "joblib-threading"])
def test_python_threads_under_one_gil_cannot_keep_two_cores_busy(strategy):
    """Numbers that say so are a fault of the measurement, and no finding."""
    assert flags(strategy, usage=TWO_BUSY) == {Flag.IMPOSSIBLE}
    assert flags(strategy, usage=usage(child_s=1.1, busy_s=1.1)) == set()


@pytest.mark.parametrize(
    ("strategy", "workload", "gil"),
    [
        ("threading", "primes", False),
        ("threading", "sha256", True),
        ("threading", "sleep", True),
        ("threading", "mixed", True),
        ("numba-nogil", "primes", True),
        ("numba-parallel", "primes", True),
        ("multiprocessing", "primes", True),
        ("joblib", "primes", True),
        ("subinterpreters", "primes", True),
    ],
)
def test_without_that_lock_two_cores_can_be_busy(strategy, workload, gil):
    """No GIL, C code or compiled code that lets go of it, a GIL for each process or interpreter."""
    assert flags(strategy, workload, usage=TWO_BUSY, gil=gil) == set()


def test_threads_of_a_users_file_may_keep_two_cores_busy():
    """It may call NumPy, compress, hash or start processes: then that is what is to be found out."""
    workload = Workload("for a test", "cpu", [1, 2], {"call": abs})
    for strategy in ("threading", "joblib-threading"):
        assert most_cores_busy(workload, Catalogue().strategy(strategy), gil=True, cores=2) > 2


def test_the_labs_own_work_says_whether_it_releases_the_gil():
    """All that is bound by the CPU, so that what cannot be is found."""
    catalogue = Catalogue()
    every = [name for work in catalogue.workload_names() for name in (work, *catalogue.variant_names(work))]
    unknown = [name for name in every if catalogue.workload(name).releases_gil is None]
    assert [name for name in unknown if catalogue.workload(name).bound == "cpu"] == []


@pytest.mark.parametrize("strategy", ["threading", "multiprocessing", "numba-parallel", "sequential"])
def test_nothing_keeps_more_cores_busy_than_there_are(strategy):
    """Whatever runs: the counters and the clocks contradict each other."""
    found = flags(strategy, usage=usage(child_s=2.2, busy_s=2.2), gil=False)
    assert found == {Flag.IMPOSSIBLE}


@pytest.mark.parametrize("strategy", ["threading", "multiprocessing", "joblib", "numba-parallel", "subinterpreters"])
def test_one_worker_for_all_tasks_is_a_fallback(strategy):
    """Several were asked for, and libraries fall back in silence."""
    assert flags(strategy, spans=spans(1)) == {Flag.SERIAL_FALLBACK}
    assert flags(strategy, spans=spans(5), workers=8) == set()


@pytest.mark.parametrize("strategy", ["threading", "multiprocessing", "joblib", "numba-nogil", "subinterpreters"])
@pytest.mark.parametrize(("seen", "workers", "tasks"), [(2, 8, 8), (4, 8, 8), (2, 8, 4), (2, 4, 40)])
def test_half_of_the_workers_are_few(strategy, seen, workers, tasks):
    """A pool has fewer than it was asked for, or tasks end before the others are awake."""
    assert flags(strategy, spans=spans(seen, tasks), workers=workers) == {Flag.FEW_WORKERS}


def test_few_workers_that_keep_more_cores_busy_have_threads_of_their_own():
    """As a library inside a task has."""
    found = flags("threading", usage=usage(child_s=3.5, busy_s=3.5), spans=spans(2), workers=8, cores=4, gil=False)
    assert found == set()


@pytest.mark.parametrize(
    ("strategy", "workers", "tasks"),
    [("sequential", 1, 8), ("numba-sequential", 1, 8), ("asyncio", 2, 8), ("threading", 1, 8), ("threading", 2, 1)],
)
def test_one_worker_is_no_fallback_where_there_can_be_no_other(strategy, workers, tasks):
    """One at a time, coroutines in their one thread, a pool of one, a single task."""
    assert flags(strategy, workers=workers, spans=spans(1, tasks)) == set()


def test_threads_of_several_processes_are_several_workers():
    """Their numbers may be the same in each process."""
    first, *others = spans(1)
    elsewhere = type(first)(1, first.pid + 1, first.tid, 0, 1, 1, None, None, None)
    assert flags("multiprocessing", spans=(first, *others, elsewhere)) == set()


def test_several_flags_are_all_reported():
    """One does not hide another."""
    found = flags(usage=usage(child_s=1.9, busy_s=2.5), pace_after_s=0.04)
    assert found == {Flag.DISTURBED, Flag.DRIFTED, Flag.IMPOSSIBLE}
    found = flags(usage=usage(busy_s=2.0), pace_after_s=0.04, spans=spans(1))
    assert found == {Flag.DISTURBED, Flag.DRIFTED, Flag.SERIAL_FALLBACK}


def test_a_single_task_that_keeps_several_cores_busy_is_no_serial_fallback():
    """Numba parallelises inside it; on which threads is not recorded."""
    busy = flags(usage=usage(child_s=1.9, busy_s=1.9), spans=spans(1), strategy="numba-parallel")
    assert Flag.SERIAL_FALLBACK not in busy


# Limits on workers


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        (Limits(), 64),
        (Limits(pids=4096, open_files=1024), 64),
        (Limits(pids=40), 32),
        (Limits(open_files=64), 16),
        (Limits(pids=40, open_files=64), 16),
        (Limits(pids=1), 1),
        (Limits(open_files=8), 1),
    ],
)
def test_the_tightest_limit_is_that_of_workers(limits, most):
    """Each is a process or a thread, and costs two descriptors; one can always be tried."""
    assert max_workers(2, limits) == most
    check(Options(workers=(most,)), 2, limits)
    with pytest.raises(UsageError, match=f"from 1 to {most} on this machine, with "):
        check(Options(workers=(most + 1,)), 2, limits)


def test_the_limits_are_the_system_s(monkeypatch):
    """Of this process, and of its control group."""
    monkeypatch.setattr(machine, "pids_limit", lambda: 77)
    assert machine.limits() == Limits(77, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


# Doubts that a limit or a clock raises


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"throttled_s": 0.001}, Flag.THROTTLED),
        ({"affinity_changed": True}, Flag.AFFINITY_CHANGED),
        ({"unread": 1}, Flag.IMPOSSIBLE),
        ({"wall_s": 0.0, "child_s": 0.0, "busy_s": 0.0}, Flag.IMPOSSIBLE),
    ],
)
def test_what_was_noticed_meanwhile_is_flagged(changes, flag):
    """A quota that held back, cores that were taken away, a process that could not be read, a clock that stood."""
    assert flags(usage=usage(**changes)) == {flag}


@pytest.mark.parametrize("paces", [(0.0, 0.02), (0.02, 0.0), (0.0, 0.0)])
def test_a_pace_of_nothing_is_impossible(paces):
    """And divides nothing."""
    assert Flag.IMPOSSIBLE in flags(pace_before_s=paces[0], pace_after_s=paces[1])


@pytest.mark.parametrize("flag", [Flag.THROTTLED, Flag.AFFINITY_CHANGED])
def test_such_a_trial_is_left_out_of_the_averages(flag):
    """Where there are others."""
    assert flag in COUNTED_FLAGS
