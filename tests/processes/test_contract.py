"""Every strategy runs every workload for whose form it has, under every Python, and the lab proves that it did.

A process for each trial would take minutes to start: here one child runs all workloads of a strategy, in one pool. One
workload is also measured as usual, under a strategy of each kind.
"""

import functools
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
import pythons
from examples import swept, thorough
from places import SUPPORT

from gil_lab.interpreters import Interpreter, choose
from gil_lab.measuring import controller
from gil_lab.measuring.dialogue import Dialogue, FailedError
from gil_lab.measuring.launcher import Child, ChildEndedError, Launcher
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.measuring.suspension import Suspension
from gil_lab.model.errors import ProtocolError
from gil_lab.model.records import Cell, Flag, Measurement, Status, Trial
from gil_lab.model.variables import MARK
from gil_lab.sessions import plan
from gil_lab.sessions.options import Options
from gil_lab.sessions.run import launcher
from gil_lab.sessions.trial_rows import numbers
from gil_lab.suite.catalogue import Catalogue

CATALOGUE = Catalogue()
MANY_TRIALS = SUPPORT / "many_trials.py"
WORKERS, TASKS = 2, 4
PATIENCE_S = 60
SOME_S = 1e-3
"""Less than any compiler takes."""
SMALL = {
    "primes": 50,
    "same": 50,
    "source": 5,
    "first-call": 50,
    "mandelbrot": 200,
    "sha256": 1,
    "sleep": 5,
    "http": 5,
    "connections": 2,
    "files": 1,
    "mixed": 1,
    "blend": 200,
    "convoy": 50,
    "sum": 5,
    "counter": 50,
    "morning": 1,
    "send": 1000,
    "table": 1000,
    "vector": 500,
    "libraries": 20,
    "neighbours": 50,
    "tank": 50,
    "walker": 500,
}
PLAIN = ("call", "coroutine")
WHOLE = (*PLAIN, "nogil", "parallel")
"""The forms of a workload that runs under every model."""
TURNS = ("sequential", "threading")
PLAIN_FORMS = (*TURNS, "asyncio")
ONE_OF_A_KIND = (*PLAIN_FORMS, "multiprocessing", "subinterpreters")
"""A plain strategy for each kind of workers."""
WHOLE_HERE = ("sequential", "threading", "asyncio", "multiprocessing-spawn", "numba-nogil")
"""Whose trials are measured as a whole: one strategy of each kind, all in the thorough profile."""
WHOLE_ELSEWHERE = ("multiprocessing", *["sequential"] * thorough())
"""Whose trials are measured as a whole under other Pythons too: what has most to start and to end."""
TWO_POOLS = (*PLAIN_FORMS, "multiprocessing", "numba-sequential", "numba-cuda")
TWINS = ("3.14", "3.15")
"""Builds of CPython that differ in nothing that this file is about: outside the thorough profile, one strategy of each
kind is measured under the first one, and all else under the second one, and under the free-threaded one before it.
"""
BUILT_OFTEN = ("first-call+lazy", "first-call+eager", "first-call+cached")
"""Each task is compiled anew. How they answer is proved in test_workload_first_call.py."""
COMPILED_TOO = (
    *ONE_OF_A_KIND,
    "joblib",
    *["numba-sequential", "numba-parallel"] * thorough(),
    "numba-cuda",
)
COMPILED_BY_C = ("cython-nogil", "cython-untyped")
"""With types and without: outside the thorough profile these stand for the others, which compile the same."""


FEW_VARIANTS = 12
"""Of a workload: those of `released` and `contention` are a row each of one table, by the dozen."""


class Case(NamedTuple):
    python: str
    strategy: str
    workload: str


class Answer(NamedTuple):
    """What became of a case: the planner's reason against it, or else how it was measured."""

    trial: Trial
    status: Status
    detail: str
    measurement: Measurement | None


def cases():
    """Those that can differ: under this Python, and under each of the others.

    `primes` runs under every strategy and every Python, and so do, in the thorough profile, the other workloads that
    are written for every model under every strategy of this one, but for Cython, which calls a C compiler. Workloads
    run under one strategy for each kind of workers (compiled loops in the thorough profile: each is compiled anew; what
    is not written for every model in a pool of threads and in one of processes); under other Pythons, all but `primes`
    run under one for each form, and in the thorough profile in threads; of two that are alike, see TWINS; what is
    compiled alike is compiled once, but in the thorough profile. Variants
    differ in what a task does, not in how tasks are run: one strategy stands for all, and threads too where tasks share
    data; of the many of one workload some stand for all, whose answers are proved in test_workloads.py.
    """
    variants = [name for workload in CATALOGUE.workload_names() for name in some(CATALOGUE.variant_names(workload))]
    for python in ("this", *pythons.found()):
        for strategy in CATALOGUE.strategy_names():
            builds = CATALOGUE.strategy(strategy).form.startswith("cython")
            for workload in CATALOGUE.workload_names():
                whole = set(WHOLE) <= set(CATALOGUE.workload(workload).forms)
                kinds = (COMPILED_TOO if whole or thorough() else TWO_POOLS) if python == "this" else elsewhere(whole)
                every = thorough() and python == "this" and whole and not builds
                if python in twin() and (strategy not in ONE_OF_A_KIND or workload != "primes"):
                    continue
                if not thorough() and is_stood_for(strategy, python):
                    continue
                if workload == "primes" or every or strategy in kinds:
                    yield Case(python, strategy, workload)
            for variant in variants if python == "this" else ():
                if variant in BUILT_OFTEN and not thorough():
                    continue
                shared = CATALOGUE.workload(variant).in_one_process
                if strategy in (TURNS if shared else TURNS[:1]):
                    yield Case(python, strategy, variant)


def twin() -> tuple[str, ...]:
    """The Python of which little is measured, because another one there is like it; if there is one."""
    return TWINS[:1] if set(TWINS) <= set(pythons.found()) and not thorough() else ()


def some(variants: Sequence[str]) -> list[str]:
    """All of a few; of many, every few outside the thorough profile."""
    return (
        list(variants) if len(variants) <= FEW_VARIANTS else [variants[place] for place in swept(range(len(variants)))]
    )


def is_stood_for(strategy: str, python: str) -> bool:
    """Whether another one compiles the same: numba-nogil under other Pythons, COMPILED_BY_C under this one."""
    if strategy in ("numba-sequential", "numba-parallel"):
        return python != "this"
    return CATALOGUE.strategy(strategy).form.startswith("cython") and strategy not in COMPILED_BY_C


def elsewhere(whole: bool) -> tuple[str, ...]:
    """The strategies of a workload under other Pythons."""
    return PLAIN_FORMS if whole else TURNS[: 2 if thorough() else 1]


CASES = list(cases())
WHOLE_TRIALS = [
    (python, strategy)
    for python in ("this", *pythons.found())
    for strategy in (WHOLE_ELSEWHERE if python != "this" else CATALOGUE.strategy_names() if thorough() else WHOLE_HERE)
]


@functools.cache
def interpreter(python: str) -> Interpreter:
    name = python if python == "this" else pythons.executable(python)
    (found,) = choose((name,)).interpreters
    return found


def small(workload: str) -> int:
    """A size at which a task takes next to no time."""
    return SMALL.get(workload.partition("+")[0], CATALOGUE.workload(workload).size)


def planned(case: Case) -> Trial:
    """A small version of the cell, planned as `gil-lab run` does."""
    options = Options(workers=(WORKERS,), tasks=TASKS, sizes=(small(case.workload),), rounds=1, min_time_s=0.001)
    design = plan.Design("contract", (case.workload,), (case.strategy,), compared=False)
    chosen = interpreter(case.python)
    settings = plan.settings(design, options, CATALOGUE, 2)
    (cell,) = plan.cells(settings, CATALOGUE, (chosen.label,))
    (trial,) = plan.trials([cell], settings, CATALOGUE, {chosen.label: chosen.facts})
    return trial


class ManyTrials:
    """A child that runs the trials of one strategy under one Python in the same pool, and another where it breaks."""

    def __init__(self, python: str, strategy: str) -> None:
        self.python, self.strategy = python, strategy
        self.child = None
        self.ends = []
        """Exit code of each child that is gone, and whether anything was left of it."""

    def run(self, trial: Trial) -> Answer:
        if trial.skip:
            return Answer(trial, Status.SKIPPED, trial.skip, None)
        suspension = Suspension()
        self.child = self.child or self.start(trial.cell.workers)
        try:
            with closing(Dialogue(self.child, trial, CATALOGUE)) as dialogue:
                dialogue.start(suspension)
                measurement = dialogue.finish(
                    [dialogue.trace(suspension)], [dialogue.turn(1, 1, 0.0, OtherProcesses(), suspension)], suspension
                )
        except FailedError as error:
            return Answer(trial, error.failed.status, error.failed.detail, None)
        except (ChildEndedError, ProtocolError, TimeoutError) as error:
            self.end()
            return Answer(trial, Status.CRASHED, repr(error), None)
        return Answer(trial, Status.OK, "", measurement)

    def start(self, workers: int) -> Child:
        chosen = interpreter(self.python)
        command = (chosen.executable, str(MANY_TRIALS), self.strategy, str(workers))
        return Launcher(command, None, chosen.environment).start(workers)

    def end(self) -> None:
        """As it ends by itself when there is nothing more to do."""
        if self.child is not None:
            for descriptor in (self.child._out, self.child._in):
                os.close(descriptor)
            self.child._out = self.child._in = -1
            code = self.child.wait(PATIENCE_S)
            self.ends.append((code, self.child.close().leaked))
            self.child = None


@functools.cache
def ran(python: str, strategy: str) -> tuple[dict[str, Answer], list[tuple[int | None, bool]]]:
    """The answer to each workload, and the ends of its children."""
    trials = ManyTrials(python, strategy)
    try:
        found = {
            case.workload: trials.run(planned(case))
            for case in CASES
            if (case.python, case.strategy) == (python, strategy)
        }
    finally:
        trials.end()
    return found, trials.ends


@pytest.mark.parametrize("python", pythons.EVERY)
def test_every_python_that_the_lab_promises_is_among_them(python):
    """One that is not to be had here is a skip with the reason, and none of its cells is listed below."""
    assert interpreter(python).label == python
    seen = {case.workload for case in CASES if case.python == python}
    assert seen >= ({"primes"} if python in twin() else set(CATALOGUE.workload_names()))


@pytest.mark.parametrize("case", CASES, ids=["-".join(case) for case in CASES])
def test_a_cell_keeps_the_contract_or_is_skipped_with_a_reason(case):
    """The child's answers were right, in order, in each of its passes; or a student reads why there is no cell."""
    answer = ran(case.python, case.strategy)[0][case.workload]
    if answer.trial.skip or lacking(case):
        assert answer.status is Status.SKIPPED
        assert len(answer.detail.split()) > 4
        assert answer.measurement is None
    else:
        assert (answer.status, answer.detail) == (Status.OK, "")
        assert_the_gil_is_as_the_interpreter_has_it(answer.measurement, case.python)
        assert_every_number_is_possible(answer.measurement, answer.trial.cell)
        assert_every_task_is_traced_on_the_workers(answer.measurement, answer.trial.cell)
        assert_the_states_of_every_task_add_up(answer.measurement)


def lacking(case: Case) -> bool:
    """Whether its workload needs a module that this Python has not."""
    there = {package.name for package in interpreter(case.python).facts.packages}
    return not there.issuperset(CATALOGUE.workload(case.workload).requires)


def assert_the_gil_is_as_the_interpreter_has_it(measured: Measurement, python: str) -> None:
    """At the start, after the imports and after the work: nothing that the lab brings switches it on."""
    gil = interpreter(python).facts.gil
    assert astuple(measured.gil) == (gil, gil, gil, "")


def assert_every_number_is_possible(measured: Measurement, cell: Cell) -> None:
    """No more tasks in flight than workers, and something took some time."""
    row = numbers(measured, "")
    form = CATALOGUE.strategy(cell.strategy).form
    assert 0 < row.in_flight <= (TASKS if form == "cuda" else cell.workers) * 1.001
    assert row.wall_s > 0
    assert row.costs.startup_s > 0
    if form not in PLAIN:
        assert row.costs.compile_s > SOME_S


def assert_every_task_is_traced_on_the_workers(measured: Measurement, cell: Cell) -> None:
    """Each task has one span inside the traced pass, and there are no more threads in it than workers."""
    (trace,) = measured.traces
    traced, spans = trace.traced, trace.spans
    assert [span.task for span in spans] == list(range(TASKS))
    assert all(traced.begin_ns <= span.begin_ns < span.end_ns <= traced.end_ns for span in spans)
    assert len({(span.pid, span.tid) for span in spans}) <= cell.workers


def assert_the_states_of_every_task_add_up(measured: Measurement) -> None:
    """Running and ready are noted for each task of each form; blocked is what they leave over of its time."""
    for span in measured.spans:
        assert span.running_ns > 0
        assert (span.ready_ns is None) == (span.blocked_ns is None) == (not Path("/proc/self/schedstat").exists())
        if span.ready_ns is not None:
            wall_ns = span.end_ns - span.begin_ns
            assert span.blocked_ns <= wall_ns <= span.running_ns + span.ready_ns + span.blocked_ns
        assert (span.core_begin is None) == (span.core_end is None) == (not hasattr(os, "sched_getaffinity"))


@pytest.mark.parametrize(("python", "strategy"), dict.fromkeys((case.python, case.strategy) for case in CASES))
def test_a_child_ends_by_itself_and_leaves_nothing_behind(python, strategy):
    """Neither pool workers nor the workloads' servers outlive it; one that broke was followed by another."""
    found, ends = ran(python, strategy)
    assert ends == ([(0, False)] if any(not answer.trial.skip for answer in found.values()) else [])


PLAIN_STRATEGIES = [name for name in CATALOGUE.strategy_names() if CATALOGUE.strategy(name).form in PLAIN]


@pytest.mark.parametrize("strategy", PLAIN_STRATEGIES)
def test_plain_code_is_not_compiled(strategy):
    """To do nothing takes no time; at least once in all workloads nothing else came in between."""
    found = [answer.measurement.costs.compile_s for answer in ran("this", strategy)[0].values() if answer.measurement]
    if CATALOGUE.strategy(strategy).since > sys.version_info[:2]:
        assert found == []
    else:
        assert min(found) < SOME_S


@pytest.mark.parametrize(("python", "strategy"), WHOLE_TRIALS)
def test_a_whole_trial_has_all_its_numbers(python, strategy):
    """By the controller, in a child of its own, as `gil-lab run` does; nothing is left of it."""
    trial = planned(Case(python, strategy, "primes"))
    result = controller.run(trial, launcher(interpreter(python), None), CATALOGUE)
    if trial.skip:
        assert (result.status, result.detail, result.measurement) == (Status.SKIPPED, trial.skip, None)
    else:
        assert (result.status, result.detail) == (Status.OK, "")
        assert Flag.LEAKED_PROCESSES not in result.flags
        assert_the_gil_is_as_the_interpreter_has_it(result.measurement, python)
        assert_every_number_is_possible(result.measurement, trial.cell)
        assert_every_task_is_traced_on_the_workers(result.measurement, trial.cell)
        assert_the_states_of_every_task_add_up(result.measurement)
        assert result.measurement.costs.launch_s > 0
        assert len(result.measurement.samples) >= 2


def test_no_process_is_left_behind():
    """Nothing that bears the mark of a trial of ours is there."""
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
