"""What a strategy or a form says of itself is looked at: which workers ran its tasks, and that they were compiled."""

import pytest
from made import cell, trial

from gil_lab.experiment import own_files
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Flag, Status

MINE = """
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.pool import ThreadPool
import os
import time

from gil_lab import Strategy, Workload


@contextmanager
def threads(workers):
    with ThreadPool(workers) as pool:
        yield pool.map


@contextmanager
def processes(workers):
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        list(pool.map(time.sleep, [0.05] * workers))
        yield lambda task, inputs: list(pool.map(task, inputs))


@contextmanager
def two_threads(workers):
    with ThreadPool(2) as pool:
        yield lambda task, inputs: pool.map(task, inputs, 1)


TWO_FOR_ANY = Strategy("two threads, however many are asked for", "call", two_threads, "threads")
SAYS_PROCESSES = Strategy("threads in truth", "call", threads, "processes")
SAYS_THREADS = Strategy("processes in truth", "call", processes, "threads")
THREADS = Strategy("threads", "call", threads, "threads")


def task(number):
    time.sleep(0.02)
    return number


def total(number):
    s = 0
    for i in range(number * 1000):
        s += i % 7
    return s


class Fake:
    def compile(self, *types): pass
    def __call__(self, number): return total(number)


def in_object_mode():
    import numba
    return numba.jit(forceobj=True, looplift=False)(total)


def cached():
    import numba
    return numba.njit(nogil=True, cache=True)(total)


def burn_elsewhere(number):
    # in a grandchild that no process waits for but its supervisor
    reading, writing = os.pipe()
    if not os.fork():
        if os.fork():
            os._exit(0)
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
        os.write(writing, b"done")
        os._exit(0)
    os.close(writing)
    os.wait()
    os.read(reading, 4)
    os.close(reading)
    return number


@contextmanager
def sixteen(workers):
    with ThreadPool(16) as pool:
        yield lambda task, inputs: pool.map(task, inputs, 1)


@contextmanager
def other_answers(workers):
    yield lambda task, inputs: list(inputs)


MORE = Strategy("sixteen threads, however many are asked for", "call", sixteen, "threads")
OTHER = Strategy("does not run the task", "call", other_answers, "threads")
ORPHANS = Workload("works in orphans", "cpu", [1, 2], {"call": burn_elsewhere})
POOL = None


@contextmanager
def pool_in_inputs(tasks, size):
    global POOL
    with ProcessPoolExecutor(2, get_context("fork")) as POOL:
        list(POOL.map(total, [1, 2]))
        yield list(range(tasks))


def given_away(number):
    return POOL.submit(total, 300).result()


ELSEWHERE = Workload(
    "elsewhere", "cpu", pool_in_inputs, {"call": given_away}, lambda inputs, answers: None,
    size=1, size_unit="", max_size=1, tasks=2,
)
WAITS = Workload("waits", "io", [1, 2, 3, 4], {"call": task})
FAKED = Workload("faked", "cpu", [1, 2], {"call": total, "nogil": Fake})
OBJECTS = Workload("objects", "cpu", [1, 2], {"call": total, "nogil": in_object_mode})
CACHED = Workload("cached", "cpu", [1, 2], {"call": total, "nogil": cached})
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    file = tmp_path_factory.mktemp("mine") / "mine.py"
    file.write_text(MINE)
    return own_files.read(file)


def ran(catalogue, workload, strategy, workers=2):
    tasks = catalogue.workload(workload).tasks
    measured = cell(strategy, workload=workload, workers=workers, tasks=tasks, size=1)
    return controller.run(trial(cell=measured, min_time_s=0.001), Launcher(file=catalogue.file), catalogue)


@pytest.mark.parametrize(
    ("strategy", "detail"),
    [
        ("says-processes", "its tasks ran in threads of the process that opened the pool, not in processes"),
        ("says-threads", "its tasks ran in processes, not in threads"),
    ],
)
def test_workers_are_of_the_kind_that_a_strategy_says(catalogue, strategy, detail):
    """Else speed-ups would be those of another model."""
    result = ran(catalogue, "waits", strategy)
    assert (result.status, result.measurement) == (Status.ERROR, None)
    assert detail in result.detail


def test_a_strategy_that_says_what_it_does_is_measured(catalogue):
    """The same threads."""
    assert ran(catalogue, "waits", "threads").status is Status.OK


def test_fewer_workers_than_a_strategy_was_asked_for_are_flagged(catalogue):
    """Four tasks that wait, for four workers: two took them all."""
    result = ran(catalogue, "waits", "two-for-any", workers=4)
    assert result.status is Status.OK
    assert Flag.FEW_WORKERS in result.flags
    assert Flag.FEW_WORKERS not in ran(catalogue, "waits", "threads", workers=4).flags


@pytest.mark.parametrize(
    ("strategy", "detail"),
    [
        ("more", "its tasks ran in 4 workers, but it was asked for 2; open as many as are asked for"),
        ("other", "TypeError: the strategy gives other answers than those of the task that it is given; run it"),
    ],
)
def test_a_strategy_that_does_otherwise_than_it_is_asked_is_an_error(catalogue, strategy, detail):
    result = ran(catalogue, "waits", strategy)
    assert (result.status, result.detail, result.measurement) == (Status.ERROR, detail, None)


def test_cpu_time_of_orphans_that_have_ended_counts(catalogue):
    """Nobody but their supervisor waits for them."""
    usage = ran(catalogue, "orphans", "sequential").measurement.usage
    assert usage.child_s > 0.15


def test_what_a_pool_of_the_inputs_did_is_counted_apart(catalogue):
    """And reported below the table, as none of the tasks' own work."""
    usage = ran(catalogue, "elsewhere", "sequential").measurement.usage
    assert usage.service_s > usage.child_s


@pytest.mark.parametrize(
    ("workload", "detail"),
    [("faked", "which Numba has not compiled"), ("objects", "in object mode, which holds the GIL")],
)
def test_the_form_nogil_is_machine_code(catalogue, workload, detail):
    """Whatever has a method `compile`."""
    result = ran(catalogue, workload, "numba-sequential")
    assert (result.status, result.measurement) == (Status.ERROR, None)
    assert detail in result.detail


def test_each_process_compiles_what_it_runs(catalogue):
    """Also with a cache, which would make compilation look free; and none is left beside the file."""
    for _ in range(2):
        assert ran(catalogue, "cached", "numba-sequential").measurement.costs.compile_s > 0.01
    assert not list(catalogue.file.parent.rglob("*.nb?"))
