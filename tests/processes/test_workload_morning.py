"""The morning: its graph, its critical path, and that every strategy keeps the order."""

import asyncio
import time
from functools import cache
from itertools import pairwise

import pytest
from examples import thorough

from experiments import sync_async
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Observation, Status, Trial
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.workloads.morning import MORNING, WORKLOAD, after, critical_path_ms, observe

CATALOGUE = Catalogue()
DAY = len(MORNING)


def jobs(tasks=DAY, size=1):
    with WORKLOAD.inputs(tasks, size) as made:
        return made


def observed(tasks=DAY, size=1):
    return {one.name: one for one in observe(jobs(tasks, size), ())}


def ancestors(number, made):
    """All that must have ended before it begins."""
    found = set(after(made[number]))
    return found.union(*(ancestors(other, made) for other in found))


def test_the_tasks_are_the_activities_of_one_morning():
    """Unless another number is requested."""
    assert WORKLOAD.tasks == DAY
    assert 5 <= DAY <= 7
    assert [job[1] for job in jobs(size=3)] == [3 * each.minutes for each in MORNING]


@pytest.mark.parametrize("tasks", [1, DAY - 1, DAY, DAY + 2, 3 * DAY])
def test_each_activity_comes_after_earlier_ones_only(tasks):
    """Even with one worker, no task waits for one that has not begun."""
    for number, job in enumerate(jobs(tasks)):
        assert all(0 <= other < number for other in after(job))


@pytest.mark.parametrize("tasks", [DAY, 2 * DAY])
def test_you_do_one_thing_at_a_time(tasks):
    """Of any two things that you do, one must have ended before the other begins."""
    made = jobs(tasks)
    yours = [number for number in range(tasks) if MORNING[number % DAY].by_you]
    assert all(one in ancestors(other, made) for one, other in pairwise(yours))


def test_machines_run_while_you_do_something_else():
    """Else there would be nothing to gain."""
    machines = [number for number in range(DAY) if not MORNING[number].by_you]
    assert len(machines) >= 2
    assert all(number not in ancestors(number + 1, jobs()) for number in machines)


def test_the_next_morning_begins_when_all_of_this_one_has_ended():
    """A morning that is broken off is the beginning of one."""
    assert ancestors(DAY, jobs(2 * DAY)) == set(range(DAY))
    assert critical_path_ms(jobs(2 * DAY)) == 2 * critical_path_ms(jobs())
    assert jobs(3) == jobs()[:3]


def test_the_critical_path_is_computed_from_the_graph():
    """By hand: kettle 1, machine 1, shower 5, hair 3, tea 4; all together 28."""
    found = observed(size=10)
    assert found["critical path"] == Observation("critical path", 0.14, "s")
    assert found["sum of all"] == Observation("sum of all", 0.28, "s")
    assert (observed(1)["critical path"].value, observed(1)["sum of all"].value) == (0.001, 0.001)
    assert observed(4)["critical path"].value == 0.012  # the laundry


def test_the_lecture_page_says_what_the_numbers_of_the_tasks_stand_for():
    """A timeline has the numbers only."""
    page = " ".join(sync_async.__doc__.split())
    assert ", ".join(f"{number} {each.name}" for number, each in enumerate(MORNING)) in page


def test_an_activity_that_ended_too_early_is_a_wrong_answer(monkeypatch):
    """Someone might tamper with the clock."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    made = jobs(size=1000)
    assert WORKLOAD.verify(made, [WORKLOAD.forms["call"](job) for job in made]) == "task 0 answered -1 instead of 0"


def test_a_blocking_coroutine_never_gives_way():
    """It ends at its first step, without a loop; that of the workload itself waits in one."""
    blocking = CATALOGUE.workload("morning+blocking").forms["coroutine"]((0, 1))
    with pytest.raises(StopIteration) as caught:
        blocking.send(None)
    assert caught.value.value == 0
    assert asyncio.run(WORKLOAD.forms["coroutine"]((0, 1))) == 0


@cache
def measured(strategy, workload):
    """One trial of a morning and the beginning of the next one, for all tests that look at it."""
    cell = Cell(workload, strategy, DAY, "3.11", DAY + 2, 10)
    result = controller.run(Trial(1, 1, cell, 0.01, 60.0), Launcher(), CATALOGUE)
    assert (result.status, result.detail) == (Status.OK, "")
    return result.measurement


STRATEGIES = ("sequential", "threading", "asyncio", "asyncio-threads", "joblib-threading")
BLOCKING = [name for name in STRATEGIES if thorough() or CATALOGUE.strategy(name).form == "coroutine"]
"""All of them in the thorough profile: what they call is the same."""


def test_a_morning_that_blocks_differs_in_its_coroutines_only():
    """So its calls have been tested when those of the other one have."""
    plain, blocking = WORKLOAD.forms, CATALOGUE.workload("morning+blocking").forms
    assert plain["call"] is blocking["call"]
    assert plain["coroutine"] is not blocking["coroutine"]


@pytest.mark.parametrize(
    ("strategy", "workload"),
    [*((name, "morning") for name in STRATEGIES), *((name, "morning+blocking") for name in BLOCKING)],
)
def test_every_strategy_keeps_the_order(strategy, workload):
    """The bars of the timeline begin after those of their predecessors have ended, with a second morning too."""
    tasks = DAY + 2
    found = measured(strategy, workload)
    assert [span.task for span in found.spans] == list(range(tasks))
    for span, job in zip(found.spans, jobs(tasks), strict=True):
        assert all(found.spans[other].end_ns <= span.begin_ns for other in after(job))


def test_activities_overlap_where_the_order_lets_them():
    """The laundry is washed while you shower: in threads and in an event loop, and not one after the other."""
    laundry, shower = 3, 4
    for strategy, overlap in (("threading", True), ("asyncio", True), ("sequential", False)):
        spans = measured(strategy, "morning").spans
        assert (spans[shower].begin_ns < spans[laundry].end_ns) is overlap


def test_a_loop_that_is_blocked_does_one_thing_at_a_time():
    """No two bars overlap."""
    spans = sorted(measured("asyncio", "morning+blocking").spans, key=lambda span: span.begin_ns)
    assert all(one.end_ns <= other.begin_ns for one, other in pairwise(spans))


def test_the_observations_are_in_the_result():
    """Once, whatever the number of passes."""
    names = [one.name for one in measured("sequential", "morning").observations]
    assert names == ["critical path", "sum of all"]


def test_a_workload_that_names_a_later_task_is_an_error_row(tmp_path):
    """A user's mistake costs the cell, with a reason."""
    from gil_lab.suite.catalogue import with_file

    file = tmp_path / "morning_backwards.py"
    file.write_text(
        "from dataclasses import replace\nfrom gil_lab.suite.workloads.sleep import WORKLOAD\n"
        "BACKWARDS = replace(WORKLOAD, after=lambda job: (job[0] + 1,))\n"
    )
    trial = Trial(1, 1, Cell("backwards", "threading", 2, "3.11", 3, 1), 0.01, 60.0)
    result = controller.run(trial, Launcher(file=file), with_file(file))
    assert result.status is Status.ERROR
    assert result.detail.endswith("ValueError: task 0 depends on task 1; name earlier tasks only, from 0 on")
