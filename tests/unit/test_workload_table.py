"""A table that threads share: its memory is reported where it can be, and who misses it says so."""

import asyncio
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gil_lab.suite.workloads import table
from gil_lab.suite.workloads.table import MISSED

WAYS = {"": table.WORKLOAD, **table.VARIANTS}
DELETED = WAYS["deleted"]
TASKS, SIZE = 4, 4000


def sums(outputs):
    return [one[0] for one in outputs]


def right(tasks=TASKS, size=SIZE):
    return [sum(table.numbers(size)) + number for number in range(tasks)]


@pytest.mark.parametrize("way", WAYS)
def test_one_after_the_other_nobody_misses_the_table(way):
    """Who deletes it has put it back before the next one comes."""
    with WAYS[way].inputs(TASKS, SIZE) as inputs:
        outputs = [WAYS[way].forms["call"](each) for each in inputs]
        assert WAYS[way].verify(inputs, outputs) is None
    assert outputs == [(each, os.getpid(), threading.get_native_id()) for each in right()]


def test_the_table_is_gone_afterwards_and_the_smallest_has_a_number():
    with table.inputs(1, 1) as inputs:
        assert len(table.TABLE) == 1
        assert table.verify(inputs, [table.add_up(inputs[0])]) is None
    assert table.TABLE == []


def test_a_worker_without_the_table_loads_it():
    """A process that was not forked, or an interpreter, begins with an empty one."""
    try:
        assert table.add_up((0, SIZE))[0] == right()[0]
    finally:
        with table.inputs(1, 1):
            pass


def test_what_one_thread_deletes_another_misses(monkeypatch):
    """The name is away until the other one has looked for it: the pause is made to last so long."""
    looked = threading.Event()
    plain = table.total

    def total(number):
        answer = plain(number)
        looked.set()
        return answer

    monkeypatch.setattr(table, "total", total)
    monkeypatch.setattr(table.time, "sleep", lambda pause_s: looked.wait(10) if pause_s == table.RELOAD_S else None)
    with table.inputs(2, SIZE) as inputs, ThreadPoolExecutor(1) as pool:
        first = pool.submit(table.delete_or_add_up, inputs[0])
        while "TABLE" in vars(table):  # until the other thread has deleted it
            pass
        outputs = [table.delete_or_add_up(inputs[1]), first.result()][::-1]
        assert sums(outputs) == [right()[0], MISSED]
        assert table.verify_deleted(inputs, outputs) is None
        assert told_missed(inputs, outputs) == {"uses": 1, "missed": 100}


def test_coroutines_miss_it_too():
    """The event loop goes on with the others while the table is away."""

    async def all_at_once(inputs):
        return await asyncio.gather(*map(table.delete_or_add_up_async, inputs))

    with table.inputs(TASKS, SIZE) as inputs:
        outputs = asyncio.run(all_at_once(inputs))
        assert sums(outputs) == [right()[0], *[MISSED] * (TASKS - 1)]
        assert table.verify_deleted(inputs, outputs) is None


def test_the_table_is_put_back_after_a_cancellation():
    """An exception in the pause leaves no program without its table."""
    with table.inputs(1, SIZE):
        with pytest.raises(ZeroDivisionError), table.deleted():
            1 / 0  # noqa: B018
        assert sum(table.TABLE) == right()[0]


def told_missed(inputs, *answers):
    return {one.name: one.value for one in DELETED.observe(inputs, answers)}


def test_missed_is_a_share_of_the_uses_of_others():
    """The task that deletes it has none to miss; with one task there is no other task."""
    inputs = [(number, SIZE) for number in range(3)]
    outputs = [(5, 1, 1), (MISSED, 1, 1), (7, 1, 1)]
    assert told_missed(inputs, outputs, outputs) == {"uses": 4, "missed": 50}
    assert told_missed(inputs[:1], outputs[:1]) == {"uses": 0}


def test_who_misses_what_nobody_has_deleted_is_wrong():
    """In the plain table no task may miss it, and the task that deletes it never does."""
    inputs = [(number, SIZE) for number in range(2)]
    first, second = ((each, 1, 1) for each in right(2))
    nothing = (MISSED, 1, 1)
    assert table.verify(inputs, [first, nothing]) == f"task 1 answered -1 instead of {right()[1]}"
    assert table.verify_deleted(inputs, [first, nothing]) is None
    assert table.verify_deleted(inputs, [nothing, second]) is not None
    assert table.verify_deleted(inputs, [second, first]) is not None
    assert table.verify(inputs, [first]) == "1 answers for 2 tasks"


def told_memory(*answers):
    return {one.name: one.value for one in table.observe_memory([(0, SIZE)], answers)}


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="this system does not tell")
def test_the_memory_of_a_process_is_divided_by_its_workers():
    """Two threads share what one had for itself; PSS holds all of USS."""
    one = told_memory([(0, os.getpid(), 1)])
    two = told_memory([(0, os.getpid(), 1), (0, os.getpid(), 2)])
    assert one["processes"] == two["processes"] == 1
    assert two["USS a worker"] == pytest.approx(one["USS a worker"] / 2, rel=0.1)
    assert one["PSS a worker"] >= one["USS a worker"] > 1


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="this system does not tell")
def test_the_process_that_deals_out_the_tasks_counts_as_well():
    """It has the table too, though it does no work: here a process that is gone would leave nothing to be reported."""
    assert told_memory([(0, os.getppid(), 1)]).get("processes", 2) == 2


def test_where_the_system_does_not_report_nothing_is_reported():
    """No process has the number 0."""
    assert told_memory([(0, 0, 1)]) == {}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_says_what_it_lacks(way):
    assert {*WAYS[way].forms, *WAYS[way].why_not} == {"call", "coroutine", "nogil", "parallel"}
    for task in WAYS[way].forms.values():
        assert pickle.loads(pickle.dumps(task)) is task
