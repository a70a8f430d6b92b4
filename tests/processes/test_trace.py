"""Notes around a task: they change nothing about it, and charge it with its own time only."""

import asyncio
import itertools
import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from gil_lab.suite.instruments import spans
from gil_lab.suite.instruments.spans import Steps, TracedCall, TracedCoroutine, unfolded

needs_schedstat = pytest.mark.skipif(
    not Path("/proc/thread-self/schedstat").exists(), reason="the system does not tell how long a thread waits"
)


class Clock:
    """A thread's CPU clock that goes on by one second whenever it is said."""

    def __init__(self, monkeypatch):
        self.now_ns = 0
        monkeypatch.setattr(spans.time, "thread_time_ns", lambda: self.now_ns)

    def compute(self, seconds):
        self.now_ns += seconds * 10**9


def states(*notes):
    return [(span.running_ns, span.ready_ns) for span in unfolded(notes)[1]]


def test_a_coroutine_is_not_charged_with_what_others_do_while_it_waits(monkeypatch):
    """Two coroutines take turns in one thread: each has the CPU time of its own steps."""
    clock = Clock(monkeypatch)

    async def work(seconds):
        for _ in range(3):
            clock.compute(seconds)
            await asyncio.sleep(0)
        return seconds

    async def both():
        return await asyncio.gather(*map(TracedCoroutine(work), (2, 5)))

    notes = asyncio.run(both())
    assert [note[0] for note in notes] == [2, 5]
    assert [running for running, _ in states(*notes)] == [6 * 10**9, 15 * 10**9]


def test_the_wait_for_a_core_is_that_of_its_own_steps(monkeypatch):
    """What the thread waited between two steps of a coroutine is not the coroutine's."""
    waited = itertools.count(0, 10)  # each reading finds 10 ns more
    monkeypatch.setattr(spans._RunQueue, "ready_ns", lambda self: next(waited))

    async def three_steps(_):
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    note = asyncio.run(TracedCoroutine(three_steps)(None))
    assert states(note)[0][1] == 30


def test_what_the_system_does_not_report_is_none_and_not_zero(monkeypatch):
    """Neither ready nor blocked can be had without the run queue's wait; running still can."""
    monkeypatch.setattr(spans._RunQueue, "ready_ns", lambda self: None)
    (span,) = unfolded([TracedCall(abs)(-1)])[1]
    assert (span.ready_ns, span.blocked_ns) == (None, None)
    assert span.running_ns > 0

    async def answer(_):
        return 42

    (span,) = unfolded([asyncio.run(TracedCoroutine(answer)(None))])[1]
    assert (span.ready_ns, span.blocked_ns) == (None, None)


def test_an_exception_of_a_coroutine_comes_through():
    """As itself, and after what it ran is noted."""

    async def broken(_):
        await asyncio.sleep(0)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        asyncio.run(TracedCoroutine(broken)(None))


def test_a_cancelled_coroutine_can_clean_up():
    """Cancellation is thrown into the coroutine itself, which may wait once more before it ends."""
    seen = []

    async def patient(_):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            seen.append("cleaned up")
            raise

    async def cancel():
        task = asyncio.ensure_future(TracedCoroutine(patient)(None))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert seen == ["cleaned up"]


def test_an_unfinished_coroutine_is_closed_with_its_steps():
    """Its `finally` runs, as it would without notes."""
    seen = []

    async def patient():
        try:
            await asyncio.sleep(0)
        finally:
            seen.append("closed")

    steps = Steps(patient())
    steps.send(None)
    steps.close()
    assert seen == ["closed"]


def own_schedstat(pipe):
    TracedCall(abs)(-1)
    (queue,) = spans._run_queues.values()
    pipe.send(f"/proc/{os.getpid()}/" in str(Path(f"/proc/self/fd/{queue.file}").readlink()))


@needs_schedstat
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_worker_process_reads_the_run_queue_of_its_own_thread(method):
    """Also a forked one, which inherits what its parent has open."""
    TracedCall(abs)(-1)  # the parent has its own open
    context = multiprocessing.get_context(method)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=own_schedstat, args=(sender,))
    process.start()
    assert receiver.poll(60)
    assert receiver.recv() is True
    process.join()
    receiver.close()
    sender.close()


@needs_schedstat
def test_what_is_noted_of_a_task_fits_into_its_time():
    """Begin and end stand around the other clocks (which are the kernel's own, and may differ by their grain)."""
    spans = unfolded([TracedCall(sum)(range(number)) for number in range(0, 200_000, 10_000)])[1]
    assert all(span.running_ns + span.ready_ns <= 1.01 * (span.end_ns - span.begin_ns) + 50_000 for span in spans)


@needs_schedstat
def test_a_thread_with_the_number_of_one_that_has_ended_gets_its_own_file(monkeypatch):
    """The kernel gives numbers out again; the file of the ended thread answers with an error for ever."""
    stale = spans._RunQueue()
    os.close(stale.file)
    stale.file = os.open("/", os.O_RDONLY)  # reading a folder fails as reading of an ended thread does
    monkeypatch.setitem(spans._run_queues, threading.get_native_id(), stale)
    assert spans.ready_ns() is not None
    assert spans._run_queues[threading.get_native_id()] is not stale


def test_a_system_without_run_queues_is_asked_once(monkeypatch):
    """Not once for every task: the answer will not change."""
    opened = []

    def no_file(path, flags):
        opened.append(path)
        raise FileNotFoundError(path)

    monkeypatch.setattr(spans, "_run_queues", {})
    monkeypatch.setattr(spans.os, "open", no_file)
    assert [spans.ready_ns() for _ in range(3)] == [None, None, None]
    assert len(opened) == 1
