"""What a cell is called: after its place on the map, and where there was no room, after what its tasks wanted."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gil_lab.analysis.verdicts import MANY_IN_FLIGHT, REGIONS, ROOM, Demand, GilUse, Verdict, region, verdict
from gil_lab.sessions.rows import StateShares


@pytest.mark.parametrize(
    ("in_flight", "cores_busy", "expected"),
    [
        (1.0, 1.0, Verdict.ONE_AT_A_TIME),
        (1.0, 0.0, Verdict.ONE_AT_A_TIME),
        (1.49, 1.2, Verdict.ONE_AT_A_TIME),
        (1.5, 1.0, Verdict.CONCURRENT),
        (8.0, 0.5, Verdict.CONCURRENT),
        (8.0, 1.2, Verdict.CONCURRENT),
        (8.0, 0.49, Verdict.WAITING),
        (1.5, 0.0, Verdict.WAITING),
        (2.0, 1.21, Verdict.PARALLEL),
        (8.0, 7.9, Verdict.PARALLEL),
        (1.0, 2.0, Verdict.PARALLEL),
    ],
)
def test_a_cell_is_called_after_its_place_on_the_map(in_flight, cores_busy, expected):
    """More than a core busy is parallel; else several in flight are concurrent, or waiting if hardly a core is busy."""
    assert region(in_flight, cores_busy) is expected
    assert verdict(Demand(in_flight, cores_busy)) is expected


def demand(busy, running, ready, gil_use=GilUse.NONE, in_flight=8.0):
    """Without room: others, or a single core, left none."""
    return Demand(in_flight, busy, StateShares(running, ready, 1 - running - ready), 0.0, gil_use)


SPINS, WAITS, TURNS = (0.1, 0.9), (0.01, 0.01), (0.12, 0.01)
"""Shares of the time that eight tasks run and are ready: they compute, they wait, they take turns under the GIL."""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (demand(0.7, *SPINS), Verdict.SHORT_OF_CORES),
        (demand(0.7, *SPINS, GilUse.SHARED), Verdict.SHORT_OF_CORES),  # never blocked: the code releases the GIL
        (demand(1.3, *SPINS), Verdict.PARALLEL),
        (demand(0.7, *TURNS, GilUse.SHARED), Verdict.CONCURRENT),
        (demand(0.3, 0.04, 0.08, GilUse.SHARED), Verdict.CONCURRENT),  # the one that holds it waits for a core
        (demand(0.7, 0.12, 0.3, GilUse.HELD), Verdict.CONCURRENT),
        (demand(0.7, 0.12, 0.3, GilUse.SHARED), Verdict.INCONCLUSIVE),  # late to wake up, or short of cores
        (demand(0.7, 0.1, 0.05), Verdict.CONCURRENT),  # 1.2 cores
        (demand(0.7, 0.1, 0.1), Verdict.INCONCLUSIVE),  # 1.6 cores
        (replace(demand(0.9, 0.1, 0.0), cores_wanted=2.1), Verdict.INCONCLUSIVE),  # mostly blocked
        (
            replace(demand(0.9, 0.3, 0.3, in_flight=1.8), cores_wanted=2.1),
            Verdict.SHORT_OF_CORES,
        ),  # one began late
        (demand(0.3, 0.04, 0.4), Verdict.INCONCLUSIVE),  # mostly blocked, and late each time
        (replace(demand(0.24, 0.03, 0.04), cores_wanted=1.03), Verdict.INCONCLUSIVE),  # requests of a busy machine
        (demand(0.02, *WAITS), Verdict.WAITING),
        (demand(0.02, 0.01, 0.4), Verdict.WAITING),  # late to wake up, and then done at once
        (demand(0.09, 0.1, 0.74, GilUse.HELD, in_flight=1.8), Verdict.CONCURRENT),  # they compute, on hardly a core
        (demand(0.09, *SPINS), Verdict.SHORT_OF_CORES),
        (demand(0.7, *SPINS, in_flight=1.0), Verdict.ONE_AT_A_TIME),
        (replace(demand(0.5, 0.4, 0.5, in_flight=1.4), cores_wanted=1.9), Verdict.INCONCLUSIVE),  # one has not begun
        (
            replace(demand(1.1, 0.5, 0.5, in_flight=1.8), cores_wanted=1.8, idle_cores=0.26),
            Verdict.SHORT_OF_CORES,
        ),  # idle on average, and not when it was wanted
        (Demand(8.0, 0.7, None, 0.0), Verdict.INCONCLUSIVE),
        (Demand(8.0, 0.7, StateShares(0.1, None, None), 0.0), Verdict.INCONCLUSIVE),
        (Demand(8.0, 1.0, StateShares(0.505, 0.494, 0.001), 0.0, GilUse.NONE), Verdict.SHORT_OF_CORES),
    ],
)
def test_without_room_it_is_called_after_the_cores_that_its_tasks_wanted(given, expected):
    """And inconclusive where being ready may have another reason."""
    assert verdict(given) is expected


def test_two_threads_on_one_core_are_no_parallelism_under_the_gil():
    """As measured in the reference session: ready for a fifth of the time, because both wake up on the same core."""
    seen = StateShares(0.509, 0.211, 0.280)
    assert verdict(Demand(1.96, 1.0, seen, 0.0, GilUse.HELD)) is Verdict.CONCURRENT
    assert verdict(Demand(1.96, 1.0, seen, 0.0, GilUse.SHARED)) is Verdict.CONCURRENT
    assert verdict(Demand(1.96, 1.0, seen, 0.0, GilUse.SHARED, 1.7)) is Verdict.INCONCLUSIVE


shares = st.tuples(*[st.integers(0, 1000)] * 3).filter(any)
amounts = st.floats(0, 64)


@given(amounts, amounts, shares, st.floats(ROOM, 64), st.sampled_from(GilUse))
def test_with_room_the_place_on_the_map_decides(in_flight, busy, parts, idle, gil_use):
    """Whatever the states are: a core that stayed idle was not wanted, unless more than it was waited for."""
    states = StateShares(*(part / sum(parts) for part in parts))
    asked = Demand(in_flight, busy, states, idle, gil_use)
    assume((asked.wanted or 0) - busy <= idle)
    assert verdict(asked) is region(in_flight, busy)


@given(amounts, amounts, shares, st.floats(-64, 64), st.sampled_from(GilUse))
def test_a_single_task_and_several_busy_cores_need_no_room(in_flight, busy, parts, idle, gil_use):
    """Room decides between the others only."""
    states = StateShares(*(part / sum(parts) for part in parts))
    found, place = verdict(Demand(in_flight, busy, states, idle, gil_use)), region(in_flight, busy)
    assert place in REGIONS
    if place in (Verdict.ONE_AT_A_TIME, Verdict.PARALLEL):
        assert found is place or (found is Verdict.INCONCLUSIVE and in_flight < MANY_IN_FLIGHT)
    else:
        assert found not in (Verdict.ONE_AT_A_TIME, Verdict.PARALLEL)
