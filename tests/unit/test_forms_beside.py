"""Who takes a heartbeat beside the tasks: a thread, or the event loop that runs them."""

import asyncio
import contextlib
import threading
import time

import pytest

from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.forms.coroutine import TaskBesideHeartbeat
from gil_lab.suite.instruments.heartbeat import MS, Heartbeat

CATALOGUE = Catalogue()
THREADED = ("call", "nogil", "parallel")


@pytest.fixture
def beating():
    with contextlib.closing(Heartbeat(1)) as made:
        yield made


def receivers():
    return [thread for thread in threading.enumerate() if thread.name == "heartbeat"]


@pytest.mark.parametrize("form", THREADED)
def test_beside_tasks_that_block_their_thread_another_one_takes_the_beats(form, beating):
    """The task is the very same one, so that it can be sent to other processes."""
    with CATALOGUE.form(form).beside(int, beating) as task:
        assert task is int
        assert len(receivers()) == 1
        end = time.monotonic_ns()
    assert receivers() == []
    assert [one.number for one in beating.between(0, end)] == list(range(len(beating.between(0, end))))


@pytest.mark.parametrize("form", THREADED)
def test_the_thread_ends_with_work_that_fails(form, beating):
    with pytest.raises(ZeroDivisionError), CATALOGUE.form(form).beside(int, beating):
        raise ZeroDivisionError
    assert receivers() == []


def test_what_was_due_when_the_work_ended_has_been_taken_when_the_thread_is_gone(beating):
    """A stall at the end must not be omitted: the receiver asks once more after it has been reported to stop."""
    for _ in range(3):
        with CATALOGUE.form("call").beside(int, beating):
            some_periods = time.monotonic_ns() + 5 * 10**6
            while (end := time.monotonic_ns()) < some_periods:
                pass
        assert beating.between(0, end)


class Loop:
    """Notes when a heartbeat is taken in it."""

    def __init__(self):
        self.readers = []

    def add_reader(self, descriptor, callback):
        assert descriptor not in self.readers
        self.readers.append(descriptor)

    def remove_reader(self, descriptor):
        self.readers.remove(descriptor)


@pytest.fixture
def loop(monkeypatch):
    made = Loop()
    monkeypatch.setattr("gil_lab.suite.forms.coroutine.get_running_loop", lambda: made)
    return made


def test_the_loop_takes_beats_while_any_task_is_in_flight_in_every_pass(loop, beating):
    """The first task begins it, the last one ends it, whatever their order."""
    task = TaskBesideHeartbeat(gated, beating)
    for _ in range(2):
        first, second = asyncio.Event(), asyncio.Event()
        one, other = task(first), task(second)
        one.send(None)
        other.send(None)
        assert loop.readers == [beating.descriptor]
        first.set()
        finish(one)
        assert loop.readers == [beating.descriptor]
        second.set()
        finish(other)
        assert loop.readers == []


async def gated(event):
    while not event.is_set():  # noqa: ASYNC110 - driven by hand, in no loop
        await asyncio.sleep(0)
    return "done"


def finish(coroutine):
    with pytest.raises(StopIteration) as caught:
        while True:
            coroutine.send(None)
    assert caught.value.value == "done"


def test_a_task_that_fails_or_is_cancelled_is_in_flight_no_more(loop, beating):
    task = TaskBesideHeartbeat(gated, beating)
    one, other = task(asyncio.Event()), task(asyncio.Event())
    one.send(None)
    other.send(None)
    with pytest.raises(asyncio.CancelledError):
        one.throw(asyncio.CancelledError())
    assert loop.readers == [beating.descriptor]
    with pytest.raises(ZeroDivisionError):
        other.throw(ZeroDivisionError())
    assert loop.readers == []


def test_a_real_loop_takes_every_beat_and_what_was_left_over_is_taken_at_the_end(beating):
    """Tasks run in two passes; all that was due from the first to the end is there, in order."""

    async def patient(beats):
        while len(beating._taken) < beats:  # noqa: ASYNC110 - a task that gives way, as those of the workload do
            await asyncio.sleep(0)
        return beats

    with CATALOGUE.form("coroutine").beside(patient, beating) as task, asyncio.Runner() as runner:
        assert runner.run(task(2)) == 2
        assert runner.run(both(task, 4, 5)) == [4, 5]
        end = time.monotonic_ns()
    beats = beating.between(0, end)
    assert len(beats) >= 5
    assert end - beats[-1].due_ns < MS
    assert beats == tuple(sorted(beats, key=lambda one: one.taken_ns))


async def both(task, *items):
    return await asyncio.gather(*map(task, items))
