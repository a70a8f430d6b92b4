"""A counter that all tasks share: what is lost is reported exactly, and nothing is lost where nothing can be."""

import asyncio
import os
import pickle
import threading

import pytest

from gil_lab.suite.workloads import counter
from gil_lab.suite.workloads.counter import SHARED

WAYS = {"": counter.WORKLOAD, **counter.VARIANTS}
TASKS, SIZE = 4, 2500


def run(way, form="call"):
    with WAYS[way].inputs(TASKS, SIZE) as inputs:
        task = WAYS[way].forms[form]
        if form == "call":
            return inputs, [task(each) for each in inputs]

        async def all_at_once():
            return await asyncio.gather(*map(task, inputs))

        return inputs, asyncio.run(all_at_once())


def observed(way, inputs, *answers):
    return {one.name: one.value for one in WAYS[way].observe(inputs, answers)}


CALLS = [way for way in WAYS if "call" in WAYS[way].forms]


@pytest.mark.parametrize("way", CALLS)
def test_one_after_the_other_nothing_is_lost(way):
    """With or without a lock, the counter has what was counted."""
    inputs, outputs = run(way)
    assert SHARED.value == TASKS * SIZE
    assert WAYS[way].verify(inputs, outputs) is None
    assert observed(way, inputs, outputs) == {
        "counters": 1,
        "updates": TASKS * SIZE,
        "lost updates": 0,
        "lost share": 0,
    }


def test_coroutines_lose_nothing_between_awaits():
    inputs, outputs = run("", "coroutine")
    assert observed("", inputs, outputs)["lost updates"] == 0


def test_coroutines_that_await_in_the_middle_lose_what_the_others_count():
    """All four read the same value, and the last one to write wins: the order is that of the event loop."""
    inputs, outputs = run("await", "coroutine")
    assert WAYS["await"].verify(inputs, outputs) is None
    assert observed("await", inputs, outputs)["lost updates"] > 0


def test_a_thread_that_is_switched_out_in_the_middle_wipes_out_what_another_counts(monkeypatch):
    """The switch is made to happen: the second thread counts to the end within an update of the first."""
    inputs = [(0, 1), (1, SIZE)]
    plain = counter.one_more
    first = threading.current_thread()

    def switched(value):
        if threading.current_thread() is first:
            other = threading.Thread(target=lambda: outputs.append(counter.count(inputs[1])))
            other.start()
            other.join()
        return plain(value)

    outputs = []
    with counter.inputs(2, SIZE):
        monkeypatch.setattr(counter, "one_more", switched)
        outputs.insert(0, counter.count(inputs[0]))
        assert SHARED.value == 1
        assert counter.verify(inputs, outputs) is None
        assert observed("", inputs, outputs) == {
            "counters": 1,
            "updates": SIZE + 1,
            "lost updates": SIZE,
            "lost share": pytest.approx(100 * SIZE / (SIZE + 1)),
        }


def test_the_lock_keeps_others_out_of_an_update(monkeypatch):
    """Also while a thread is in the middle of it."""
    free = []
    monkeypatch.setattr(counter, "one_more", lambda value: free.append(counter.LOCK.locked()) or value + 1)
    run("lock")
    assert set(free) == {True}


def test_each_process_has_a_counter_of_its_own():
    """Its last value is its largest; the counter of the process that asks is none of them, and counts for nothing."""
    inputs = [(0, 10), (1, 10)]
    first = [(0, 10, 1, 7, 10), (1, 10, 2, 7, 10)]
    second = [(0, 10, 1, 7, 20), (1, 10, 1, 7, 30)]
    SHARED.value = 999
    assert observed("", inputs, first, second) == {"counters": 2, "updates": 40, "lost updates": 0, "lost share": 0}


def test_two_interpreters_of_one_process_are_distinguished():
    """By a number that each draws for itself."""
    one, other = counter.Counter(), counter.Counter()
    assert one.number != other.number
    inputs = [(0, 5), (1, 5)]
    outputs = [(0, 5, os.getpid(), one.number, 5), (1, 5, os.getpid(), other.number, 5)]
    assert observed("", inputs, outputs)["counters"] == 2


def test_answers_that_are_dropped_or_swapped_are_wrong():
    """A race changes the counter, not which tasks have run, and how often each has counted."""
    inputs, outputs = run("")
    assert counter.verify(inputs, outputs[:-1]) is not None
    assert counter.verify(inputs, [outputs[1], outputs[0], *outputs[2:]]) is not None
    assert counter.verify(inputs, [(0, SIZE - 1, *outputs[0][2:]), *outputs[1:]]) is not None


@pytest.mark.parametrize("way", WAYS)
def test_every_way_says_what_it_lacks(way):
    """Of each form that is not there, why; those that are there can be sent by name."""
    assert {*WAYS[way].forms, *WAYS[way].why_not} == {"call", "coroutine", "nogil", "parallel"}
    assert not set(WAYS[way].forms) & set(WAYS[way].why_not)
    assert WAYS[way].varies
    for task in WAYS[way].forms.values():
        assert pickle.loads(pickle.dumps(task)) is task
