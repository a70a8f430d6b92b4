"""A generation of real processes: one of each strategy side by side, in turns, and asleep in between."""

import os
import random
import time
from contextlib import contextmanager
from itertools import pairwise

import pytest

from gil_lab import interpreters
from gil_lab.measuring.generation import Generation
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.processes import descendants
from gil_lab.measuring.supervisor import PR_SET_CHILD_SUBREAPER, prctl
from gil_lab.model.records import Cell, Flag, Status, Trial, counted, counts
from gil_lab.sessions import plan
from gil_lab.sessions.options import Options
from gil_lab.sessions.run import launcher
from gil_lab.suite.catalogue import Catalogue, with_file

TASKS, SIZE, ROUNDS, TRACES = 6, 50, 3, 2
STRATEGIES = (*plan.MODELS, "numba-cuda")
STILL_S, PATIENCE_S = 0.1, 30
"""Time in which a process that sleeps uses nothing, and how long to wait for that."""

RESTLESS = """
import contextlib, threading
from gil_lab import RestingRun, Strategy, Workload

@contextlib.contextmanager
def inputs(tasks, size):
    yield list(range(tasks))

def spin():
    while True:
        pass

def still(item):
    return sum(range(2000))

def spinning(item):
    if threading.active_count() == 1:
        threading.Thread(target=spin, daemon=True).start()
    return still(item)

def verify(inputs, outputs):
    return None

STILL = Workload("sums", "cpu", inputs, {"call": still}, verify, 1, "", 1, 4)

@contextlib.contextmanager
def spinning_unless_it_rests(workers):
    awake = threading.Event()
    awake.set()

    def spin():
        while awake.wait():
            pass

    def run(task, inputs):
        if not awake.is_set():
            raise RuntimeError("it was not woken")
        return [task(item) for item in inputs]

    threading.Thread(target=spin, daemon=True).start()
    yield RestingRun(run, awake.clear, awake.set)

RESTING = Strategy("its pool spins unless it rests", "call", spinning_unless_it_rests, None)
SPINNING = Workload("leaves a thread that spins", "cpu", inputs, {"call": spinning}, verify, 1, "", 1, 4)
"""


class Ran:
    """A generation that is over, and what was seen of it."""

    def __init__(self, trials, launchers, catalogue, traces=TRACES):
        order = random.Random(7)
        self.trials = trials
        before = {process.pid for process in descendants(os.getpid())}
        with orphans_are_ours():
            with Generation(trials, launchers, catalogue) as generation:
                generation.start()
                for _ in range(traces):
                    generation.trace()
                self.rounds = [generation.round(number, order) for number in range(1, ROUNDS + 1)]
                self.restless = restless(generation) if catalogue.file is None else []
                self.started = [process for process in descendants(os.getpid()) if process.pid not in before]
                self.results = {result.trial.number: result for result in generation.finish()}
            self.left = [process for process in descendants(os.getpid())[1:] if process.pid not in before]


@contextmanager
def orphans_are_ours():
    """Whatever the generation starts and leaves alone becomes a child of this process, however it hides."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0)


def restless(generation):
    """The strategies of which a process goes on to use CPU time after its last turn."""
    found = {child.trial.cell.strategy: child for child in generation.alive}
    deadline = time.monotonic() + PATIENCE_S
    while found and time.monotonic() < deadline:
        before_s = {name: child.cpu_s() for name, child in found.items()}
        time.sleep(STILL_S)
        found = {name: child for name, child in found.items() if child.cpu_s() > before_s[name]}
    return list(found)


@pytest.fixture(scope="module")
def ran(this_is_found_once, numba_is_imported):
    """One cell of each of the usual models, and one that cannot run."""
    catalogue = Catalogue()
    (chosen,) = interpreters.choose(("this",), strategies=STRATEGIES).interpreters
    options = Options(workers=(2,), tasks=TASKS, sizes=(SIZE,), rounds=1, min_time_s=0.001)
    design = plan.Design("generation", ("primes",), STRATEGIES)
    settings = plan.settings(design, options, catalogue, 2)
    facts = {chosen.label: chosen.facts}
    trials = plan.trials(plan.cells(settings, catalogue, (chosen.label,)), settings, catalogue, facts)
    return Ran(trials, {chosen.label: launcher(chosen, None)}, catalogue)


def test_every_model_is_measured_beside_the_others(ran):
    """All with right answers and a clean exit, except what was skipped, which has its reason."""
    for trial in ran.trials:
        result = ran.results[trial.number]
        wanted = (Status.SKIPPED, trial.skip) if trial.skip else (Status.OK, "")
        assert (result.status, result.detail.partition("used CPU time")[0]) == wanted
        assert Flag.LEAKED_PROCESSES not in result.flags
    assert len(ran.results) == len(ran.trials)


def test_each_round_has_a_turn_of_each_in_an_order_of_its_own(ran):
    """No child always comes right after the same other one."""
    running = {trial.number for trial in ran.trials if not trial.skip}
    for number, turns in enumerate(ran.rounds, 1):
        taken = [trial.number for trial, turn in turns if counts(turn)]
        assert sorted(taken) == sorted(running)
        assert [(turn.round, turn.place) for _, turn in turns] == [(number, place) for place, _ in enumerate(turns, 1)]
    orders = [[trial.number for trial, turn in turns if counts(turn)] for turns in ran.rounds]
    assert len(set(map(tuple, orders))) > 1


def test_turns_follow_each_other(ran):
    """The first pass of one begins after the last of the one before."""
    passes = [turn.passes for turns in ran.rounds for _, turn in turns]
    assert all(one[-1].end_ns <= following[0].begin_ns for one, following in pairwise(passes))


def test_a_result_has_all_turns_and_traces(ran):
    """In the order of their rounds."""
    for result in ran.results.values():
        if result.measurement:
            assert [turn.round for turn in counted(result.measurement.turns)] == list(range(1, ROUNDS + 1))
            assert len(result.measurement.traces) == TRACES
            assert all(len(trace.spans) == TASKS for trace in result.measurement.traces)


def test_every_model_sleeps_when_its_turn_is_over(ran):
    """Its pool too: neither threads of OpenMP nor waiting processes spin."""
    assert ran.restless == []


def test_nothing_is_left_of_a_generation(ran):
    """Neither the children nor their workers."""
    assert len(ran.started) > len(ran.results)
    assert not ran.left
    assert not [process for process in ran.started if process.is_running()]


@pytest.mark.usefixtures("children_are_forked")
def test_who_is_awake_during_the_turn_of_another_is_named(tmp_path):
    """The turns that it spoilt are flagged, and so is it; the one that slept is not."""
    file = tmp_path / "restless.py"
    file.write_text(RESTLESS)
    cells = [Cell(name, "sequential", 1, "this", 4, 1) for name in ("still", "spinning")]
    still, spinning = trials = [Trial(number, 1, cell, 0.1, 60.0) for number, cell in enumerate(cells, 1)]
    ran = Ran(trials, {"this": Launcher(file=file)}, with_file(file), traces=1)
    assert {result.status for result in ran.results.values()} == {Status.OK}
    assert Flag.RESTLESS in ran.results[spinning.number].flags
    assert "used CPU time during the turns of 1 other" in ran.results[spinning.number].detail
    assert Flag.RESTLESS not in ran.results[still.number].flags
    for turns in ran.rounds:
        flags = {trial.number: turn.flags for trial, turn in turns}
        assert Flag.DISTURBED in flags[still.number]


def test_a_pool_that_rests_disturbs_nobody(tmp_path):
    """It is woken for each pass of its own, and uses no CPU time in the turns of others."""
    file = tmp_path / "resting.py"
    file.write_text(RESTLESS)
    cells = [Cell("still", strategy, 1, "this", 4, 1) for strategy in ("sequential", "resting")]
    trials = [Trial(number, 1, cell, 0.1, 60.0) for number, cell in enumerate(cells, 1)]
    ran = Ran(trials, {"this": Launcher(file=file)}, with_file(file), traces=2)
    for result in ran.results.values():
        assert (result.status, result.detail) == (Status.OK, "")
        assert Flag.RESTLESS not in result.flags
