"""Clocks of other machines: the estimate, its error, and what tells processes of two machines apart."""

from hypothesis import given
from hypothesis import strategies as st

from gil_lab.suite.instruments import spans
from gil_lab.suite.strategies._clocks import PIDS_OF_A_MACHINE, Clock, clock_of, clocks, pids_from

AWAY = st.integers(0, 10**9)


@given(st.integers(-(10**15), 10**15), st.lists(st.tuples(AWAY, AWAY), min_size=1))
def test_the_true_offset_lies_within_the_error_however_the_two_ways_differ(ahead_ns, ways):
    """Of the shortest trip, whose error is half of what it took."""
    trips, now = [], 10**18
    for there, back in ways:
        trips.append((now, now + there + ahead_ns, now + there + back))
        now += there + back
    clock = clock_of(trips)
    assert abs(clock.ahead_ns - ahead_ns) <= clock.error_ns
    assert clock.error_ns <= (min(there + back for there, back in ways) + 1) // 2


def test_processes_of_this_machine_have_its_clock():
    """Whatever their answers took; those of another one have an estimate."""
    found = clocks(lambda: {"a": 5, "b": 7}, {"a": "here", "b": "there"}, "here")
    assert found["a"] == Clock(0, 0)
    assert found["b"].error_ns > 0


def test_a_machine_that_is_not_known_has_an_estimate():
    assert clocks(lambda: {"a": 5}, {"a": ""}, "")["a"].error_ns > 0


def test_no_process_of_two_machines_has_the_same_number():
    boots = {"a": "here", "b": "there", "c": "yonder", "d": "there"}
    assert pids_from(boots, "here") == {
        "a": 0,
        "b": PIDS_OF_A_MACHINE,
        "c": 2 * PIDS_OF_A_MACHINE,
        "d": PIDS_OF_A_MACHINE,
    }


def test_spans_of_another_machine_are_brought_to_our_clock(monkeypatch):
    """With numbers of their own, and without cores."""
    monkeypatch.setattr(spans, "HERE", spans.Place(ahead_ns=10**15, pids_from=PIDS_OF_A_MACHINE))
    there = spans.TracedCall(abs)(-1)
    monkeypatch.setattr(spans, "HERE", spans.Place())
    here = spans.TracedCall(abs)(-1)
    assert there[0] == here[0] == 1
    assert there[1] - here[1] == PIDS_OF_A_MACHINE
    assert 0 <= here[3] - there[3] - 10**15 < 60e9
    assert 0 <= there[4] - there[3] < 60e9
    assert there[-2:] == (None, None)
