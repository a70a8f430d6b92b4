"""Tasks that are spread over several event loops, and greenlets: who runs what, and for how long."""

import importlib.util
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gil_lab.suite.forms import greenlet as greenlets
from gil_lab.suite.strategies import asyncio_loops
from gil_lab.suite.strategies import gevent as of_gevent
from gil_lab.suite.strategies.asyncio_loops import dealt_out, gathered, number_of_loops

needs_gevent = pytest.mark.skipif(importlib.util.find_spec("gevent") is None, reason="gevent is not installed")


@given(st.lists(st.integers()), st.integers(1, 50), st.integers(1, 8))
def test_every_loop_has_its_share_and_all_come_back_in_order(inputs, workers, loops):
    """Nothing is lost or doubled; workers and inputs differ by one at most from loop to loop."""
    shares = dealt_out(inputs, workers, loops)
    assert gathered([share for share, _ in shares]) == inputs
    assert sum(number for _, number in shares) == workers
    for counts in ([len(share) for share, _ in shares], [number for _, number in shares]):
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(("workers", "cores", "loops"), [(1, 8, 1), (4, 1, 2), (4, 3, 3), (4, 8, 4), (1000, 2, 2)])
def test_there_is_a_loop_for_each_core_and_a_coroutine_for_each_loop(monkeypatch, workers, cores, loops):
    """One alone is the strategy asyncio."""
    monkeypatch.setattr(asyncio_loops.os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert number_of_loops(workers) == loops


async def where(_):
    return threading.get_ident()


def test_each_loop_has_a_thread_of_its_own(monkeypatch):
    """The tasks of one share run in one thread, and those of another one in another."""
    monkeypatch.setattr(asyncio_loops.os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    with asyncio_loops.event_loops(6) as run:
        threads = run(where, range(9))
        assert threads == 3 * threads[:3]
        assert len(set(threads)) == 3
        assert run(where, [0]) == threads[:1]


@needs_gevent
def test_greenlets_give_their_answers_in_order_and_errors_to_the_caller():
    """As every pool does; it can go on after an error."""
    import gevent

    def slept(item):
        gevent.sleep(0.001 * (5 - item))
        return item

    with of_gevent.greenlets(3) as run:
        assert run(slept, range(5)) == list(range(5))
        assert run(slept, []) == []
        with pytest.raises(ZeroDivisionError):
            run(lambda item: 1 // item, [1, 0])
        assert run(abs, [-2]) == [2]


@needs_gevent
def test_a_greenlet_is_charged_for_its_own_time_only():
    """One that waits while another computes has hardly run, though they share a thread."""
    import gevent

    def computes_or_waits(spin):
        gevent.sleep(0)
        until = time.thread_time_ns() + 20_000_000 * spin
        while time.thread_time_ns() < until:
            pass
        gevent.sleep(0)
        return spin

    with of_gevent.greenlets(2) as run:
        traced, unfold = greenlets.FORM.traced(computes_or_waits, [1, 0])
        outputs, (busy, waiting) = unfold(run(traced, [1, 0]))
    assert outputs == [1, 0]
    assert busy.running_ns >= 20_000_000
    assert waiting.running_ns < busy.running_ns / 2
    assert waiting.end_ns - waiting.begin_ns >= 20_000_000


@needs_gevent
def test_nothing_is_traced_any_more_when_the_last_greenlet_has_ended():
    """Timed passes that follow pay nothing for it, also after an error."""
    from greenlet import gettrace

    with of_gevent.greenlets(2) as run:
        run(greenlets.TracedGreenlet(abs), [1, 2, 3])
        assert gettrace() is None
        with pytest.raises(ZeroDivisionError):
            run(greenlets.TracedGreenlet(lambda item: 1 // item), [0])
        assert gettrace() is None
