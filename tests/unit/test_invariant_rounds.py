"""How the process of `gil-lab race` chooses repeats, and has threads begin; what it says of those that do not end."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from gil_lab.child import invariant
from gil_lab.child.invariant import Alone, Contract, Threads, order_of
from gil_lab.child.lost_comparison import loses_comparison

NOBODY = SimpleNamespace(tell=lambda _: None)
REPEAT_S = 1e-6


@pytest.fixture
def contract(monkeypatch):
    """Of a file that is not imported: forks of this process would have its module."""
    mine = SimpleNamespace(setup=list, operations=[id], invariant=lambda _: True)
    monkeypatch.setattr(invariant, "module_of", lambda _: mine)
    return Contract(Path("mine.py"), NOBODY)


def repeats(contract, monkeypatch, alone):
    monkeypatch.setattr(Contract, "_run_alone", lambda _, threads, repeats: alone(threads * repeats))
    return contract.repeats(4)


def test_repeats_double_until_a_thread_takes_two_milliseconds(contract, monkeypatch):
    """Of CPU time: a microsecond each makes 2,048."""
    assert repeats(contract, monkeypatch, lambda calls: Alone(calls * REPEAT_S, calls * REPEAT_S)) == 2048


@pytest.mark.parametrize("stalled", [0, 3, 10])
def test_one_stall_does_not_end_the_doubling(contract, monkeypatch, stalled):
    """Another process has the core for 40 ms, or the CPU time of a run is longer by that."""
    runs = iter(range(1000))

    def alone(calls):
        more_s = 0.04 * (next(runs) == stalled)
        return Alone(calls * REPEAT_S + more_s, calls * REPEAT_S + more_s)

    assert repeats(contract, monkeypatch, alone) == 2048


def test_a_core_that_is_slow_for_others_is_no_wait(contract, monkeypatch):
    """Where each run takes three times its CPU time, CPU time counts."""
    assert repeats(contract, monkeypatch, lambda calls: Alone(3 * calls * REPEAT_S, calls * REPEAT_S)) == 2048


def test_operations_that_mainly_wait_are_repeated_for_a_tenth_of_their_time(contract, monkeypatch):
    """Else a sleep of a millisecond would be repeated for ever."""
    assert repeats(contract, monkeypatch, lambda calls: Alone(1e-3 * calls, 0)) == 32


def test_what_takes_long_is_not_tried_again(contract, monkeypatch):
    """It would cost the time for the rounds."""
    runs = []
    assert repeats(contract, monkeypatch, lambda calls: runs.append(calls) or Alone(1.0 * calls, 0)) == 1
    assert len(runs) == 1


def test_threads_begin_when_all_are_awake(tmp_path, monkeypatch):
    """However long waking takes: here they have an hour."""
    monkeypatch.setattr(invariant, "GATE_S", 3600)
    awake = []
    threads = Threads([lambda _: awake.append(len(threads._awake))], 5, tmp_path / "mine.py")
    for number in range(20):
        threads.round(None, order_of(0, number, 5), 1, 60, lambda: None)
    threads.close()
    assert awake == [5] * 100


def test_threads_that_do_not_end_are_named(tmp_path):
    """In a sentence, also where no line of the file can be."""
    stop = threading.Event()
    threads = Threads([lambda _: stop.wait()], 3, tmp_path / "mine.py")
    with pytest.raises(invariant.Hung):
        threads.round(None, [0, 1, 2], 1, -1, lambda: None)
    assert threads.places() == "threads 1, 2 and 3 are not in a line of this file"
    threads._busy.discard(0)
    assert threads.places() == "threads 2 and 3 are not in a line of this file"
    threads._busy.discard(1)
    assert threads.places() == "thread 3 is not in a line of this file"
    stop.set()
    threads.close()


def compares_alone(o):
    """It has a docstring."""
    o.balance == 100  # noqa: B015


def compares_two(o):
    o.a == 1 and o.b in (1, 2)  # noqa: B018


def compares_length(o):
    n = len(o)
    n == 3  # noqa: B015
    return True


def asserts(o):
    assert o.balance == 100


def raises_error(o):
    if o.balance != 100:
        raise AssertionError


def returns(o):
    return o.balance == 100


def calls_method(o):
    o.check()
    o.n == 3  # noqa: B015


def checks_elsewhere(o):
    asserts(o)
    o.n == 3  # noqa: B015


def says_nothing(o):
    pass


def reads(o):
    o.balance  # noqa: B018


@pytest.mark.parametrize("lost", [compares_alone, compares_two, compares_length])
def test_a_comparison_whose_outcome_is_forgotten_is_seen(lost):
    """It was to be returned."""
    assert loses_comparison(lost)


@pytest.mark.parametrize(
    "kept",
    [
        *(asserts, raises_error, returns, calls_method, checks_elsewhere, says_nothing, reads),
        *(lambda o: o == 1, int.__eq__, pytest.mark.skip(compares_alone).__call__),
    ],
)
def test_what_may_fail_is_no_such(kept):
    """Nor what compares nothing, and holds always on purpose: deadlocks and errors are looked for then."""
    assert not loses_comparison(kept)
