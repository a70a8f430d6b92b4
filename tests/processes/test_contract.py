"""Every strategy runs every workload for whose form it has, under every Python, and the lab proves that it did."""

import functools
import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
import pythons

from gil_lab.interpreters import Interpreter, choose
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Result, Status, Trial
from gil_lab.model.variables import MARK
from gil_lab.sessions import plan
from gil_lab.sessions.rows import numbers
from gil_lab.sessions.run import launcher
from gil_lab.suite.catalogue import Catalogue

CATALOGUE = Catalogue()
WORKERS, TASKS, AHEAD = 2, 6, 2
SMALL = {
    "primes": 50,
    "source": 5,
    "first-call": 50,
    "mandelbrot": 200,
    "sha256": 1,
    "sleep": 5,
    "http": 5,
    "files": 1,
    "mixed": 1,
    "convoy": 50,
    "sum": 50,
    "counter": 50,
    "morning": 1,
    "send": 1000,
    "table": 1000,
    "vector": 500,
    "neighbours": 500,
    "tank": 500,
    "walker": 500,
}
PLAIN = ("call", "coroutine")
WHOLE = (*PLAIN, "nogil", "parallel")
"""The forms of a workload that runs under every model."""
TURNS = ("sequential", "threading")
ONE_OF_A_KIND = (*TURNS, "asyncio", "multiprocessing", "subinterpreters")
"""A plain strategy for each kind of workers."""
COMPILED_TOO = (*ONE_OF_A_KIND, "joblib", "numba-sequential", "numba-parallel", "numba-cuda")


class Case(NamedTuple):
    python: str
    workload: str
    strategy: str


def cases():
    """Those that can differ: under this Python, and under each of the others.

    `primes` runs under every strategy and every Python, and so do the other workloads that are written for every model
    under every strategy of this one, but for Cython, which calls a C compiler. What remains, other Pythons and
    workloads of a single experiment, runs under one strategy for each kind of workers. Variants differ in what a
    task does, not in how tasks are run: one strategy that takes turns and one that does not stand for all.
    """
    for python in ("this", *pythons.found()):
        for workload in CATALOGUE.workload_names():
            whole = set(WHOLE) <= set(CATALOGUE.workload(workload).forms)
            for strategy in CATALOGUE.strategy_names():
                builds = CATALOGUE.strategy(strategy).form.startswith("cython")
                kinds = COMPILED_TOO if python == "this" else ONE_OF_A_KIND if whole else TURNS
                if workload == "primes" or (python == "this" and whole and not builds) or strategy in kinds:
                    yield Case(python, workload, strategy)
    for workload in CATALOGUE.workload_names():
        for variant in CATALOGUE.variant_names(workload):
            yield from (Case("this", variant, strategy) for strategy in TURNS)


CASES = list(cases())
every_cell = pytest.mark.parametrize("case", CASES, ids=["-".join(case) for case in CASES])


@functools.cache
def interpreter(python: str) -> Interpreter:
    name = python if python == "this" else pythons.executable(python)
    (found,) = choose((name,)).interpreters
    return found


def small(workload: str) -> int:
    """A size at which a task takes next to no time."""
    return SMALL.get(workload.partition("+")[0], CATALOGUE.workload(workload).size)


def run(case: Case) -> Result:
    """One trial of a small version of the cell, planned and run as `gil-lab run` does."""
    options = plan.Options(workers=(WORKERS,), tasks=TASKS, sizes=(small(case.workload),), rounds=1, min_time_s=0.001)
    design = plan.Design("contract", (case.workload,), (case.strategy,), compared=False)
    chosen = interpreter(case.python)
    (cell,) = plan.cells(design, options, CATALOGUE, 2, (chosen.label,))
    (trial,) = plan.trials([cell], options, CATALOGUE, {chosen.label: chosen.facts})
    return controller.run(trial, launcher(chosen, None), CATALOGUE)


pool = ThreadPoolExecutor(AHEAD)
running: dict[Case, Future] = {}


def measured(case: Case) -> Result:
    """Its trial. The next one is begun as well: nothing here is about speed, and children keep one core busy."""
    number = CASES.index(case)
    for near in CASES[number : number + AHEAD]:
        if near not in running:
            interpreter(near.python)
            running[near] = pool.submit(run, near)
    return running[case].result()


@pytest.mark.parametrize("python", pythons.EVERY)
def test_every_python_that_the_lab_promises_is_among_them(python):
    """One that is not to be had here is a skip with the reason, and none of its cells is listed below."""
    assert interpreter(python).label == python
    assert {case.workload for case in CASES if case.python == python} >= set(CATALOGUE.workload_names())


@every_cell
def test_a_cell_is_ok_or_skipped_with_a_reason(case):
    """The child's answers were right, in order, in each of its passes; or a student is told why there is no cell."""
    result = measured(case)
    facts = interpreter(case.python).facts
    if not (plan.reason_to_skip(result.trial.cell, CATALOGUE, facts) or lacking(case)):
        assert (result.status, result.detail) == (Status.OK, "")
    else:
        assert result.status is Status.SKIPPED
        assert len(result.detail.split()) > 4
        assert result.measurement is None


def lacking(case: Case) -> bool:
    """Whether its workload needs a module that this Python has not."""
    there = {package.name for package in interpreter(case.python).facts.packages}
    return not there.issuperset(CATALOGUE.workload(case.workload).requires)


@every_cell
def test_the_state_of_the_gil_is_that_of_the_interpreter(case):
    """At the start, after the imports and after the work: nothing that the lab brings switches it on."""
    result = measured(case)
    if result.status is not Status.OK:
        return
    one, gil = result.measurement, interpreter(case.python).facts.gil
    assert (one.gil_at_start, one.gil_after_imports, one.gil, one.gil_enabled_by) == (gil, gil, gil, "")


@every_cell
def test_an_ok_cell_has_all_its_numbers(case):
    """In flight, cores busy, wall, CPU seconds, start-up and compilation are in every row, and are possible."""
    result = measured(case)
    if result.status is not Status.OK:
        return
    row = numbers(result.measurement, "")
    cell = result.trial.cell
    at_once = TASKS if CATALOGUE.strategy(case.strategy).form == "cuda" else cell.workers
    assert 0 < row.in_flight <= at_once * 1.001
    assert row.wall_s > 0
    assert row.cpu_s >= 0
    assert row.cores_busy >= 0
    assert row.startup_s > 0
    assert (row.compile_s > 1e-3) == (CATALOGUE.strategy(case.strategy).form not in PLAIN)


@every_cell
def test_every_task_is_traced_on_the_workers_that_were_asked_for(case):
    """Each task has one span inside the traced pass, and there are no more threads in it than workers."""
    result = measured(case)
    if result.status is not Status.OK:
        return
    traced, spans = result.measurement.passes[-1], result.measurement.spans
    assert [span.task for span in spans] == list(range(TASKS))
    assert all(traced.begin_ns <= span.begin_ns < span.end_ns <= traced.end_ns for span in spans)
    assert len({(span.pid, span.tid) for span in spans}) <= result.trial.cell.workers


@every_cell
def test_the_states_of_every_task_add_up_to_its_time(case):
    """Running and ready are told for each task of each form; blocked is what they leave over of its time."""
    result = measured(case)
    if result.status is not Status.OK:
        return
    for span in result.measurement.spans:
        assert span.running_ns > 0
        assert (span.ready_ns is None) == (span.blocked_ns is None) == (not Path("/proc/self/schedstat").exists())
        if span.ready_ns is not None:
            assert span.ready_ns >= 0
            assert (
                0 <= span.blocked_ns <= span.end_ns - span.begin_ns <= span.running_ns + span.ready_ns + span.blocked_ns
            )
        assert (span.core_begin is None) == (span.core_end is None) == (not hasattr(os, "sched_getaffinity"))


def test_no_process_is_left_behind():
    """Neither pool workers nor the workload's server outlive their trial."""
    for one in running.values():
        one.result()
    assert not [process for process in psutil.process_iter() if mark_of(process).startswith(f"{os.getpid()}-")]


def mark_of(process: psutil.Process) -> str:
    """The mark of the trial that the process belongs to, also if it left our process tree; empty if none."""
    try:
        return process.environ().get(MARK, "") if process.status() != psutil.STATUS_ZOMBIE else ""
    except psutil.Error:
        return ""


def test_a_trial_that_is_skipped_starts_no_child():
    """A reason to skip is enough: nothing is launched, so a launcher that cannot launch does no harm."""
    trial = Trial(1, 1, Cell("primes", "threading", 2, "3.11", 4, 10), 0.1, 5.0, skip="because")
    result = controller.run(trial, Launcher(command=("/nonexistent",)), CATALOGUE)
    assert (result.status, result.detail) == (Status.SKIPPED, "because")
