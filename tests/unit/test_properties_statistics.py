"""What holds of every summary, whatever was measured."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import cell, failed, numbers, row

from gil_lab.analysis.estimates import estimate
from gil_lab.analysis.summaries import summaries
from gil_lab.model.records import COUNTED_FLAGS, MAX_FLOAT, Flag, Status
from gil_lab.sessions.csv_table import columns, values

SECONDS = st.floats(1e-9, 1e6)
NAMES = ("sequential", "threading", "multiprocessing", "numba-nogil")
BAD = [status for status in Status if status is not Status.OK]


def reference(strategy):
    return "numba-sequential" if strategy.startswith("numba") else "sequential"


FLAGS = st.sets(st.sampled_from(list(Flag)), max_size=2)


@st.composite
def trials(draw, wall=SECONDS):
    """Of some strategies in some rounds; some failed."""
    made = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)):
            ok = draw(st.integers(0, 5)) > 0
            more = {"flags": tuple(sorted(draw(FLAGS)))}
            wall_s = draw(wall) if ok else None
            more |= {} if ok else {"status": draw(st.sampled_from(BAD)), "detail": "why"}
            made.append(row(name, wall_s, number=len(made) + 1, round=number, **more))
    return made


def told(rows):
    return {one.cell: one for one in summaries(rows, reference)}


def the_numbers(one):
    by_column = dict(zip(columns(type(one)), values(one), strict=True))
    return {column: value for column, value in by_column.items() if isinstance(value, float)}


@given(trials())
def test_every_number_is_finite_and_every_interval_holds_its_value(rows):
    """No division by zero, no NaN, no infinity, whatever the trials are; medians lie between the extremes."""
    for found, one in told(rows).items():
        assert all(map(math.isfinite, the_numbers(one).values()))
        walls = [each.numbers.wall_s for each in rows if each.cell == found and each.numbers]
        if not walls:
            assert the_numbers(one) == {}
            continue
        assert min(walls) <= one.wall.least_s <= one.wall_s <= one.wall.greatest_s <= max(walls)
        for estimated in (one.speedup, one.parallel_speedup):
            if estimated is not None and estimated.low is not None:
                assert estimated.low <= estimated.value <= estimated.high


@given(trials(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(rows, random):
    """They come in the random order of the trials."""
    shuffled = list(rows)
    random.shuffle(shuffled)
    there, back = told(rows), told(shuffled)
    assert there.keys() == back.keys()
    for found, one in there.items():
        assert the_numbers(back[found]) == pytest.approx(the_numbers(one))
        assert (one.trials, one.used, set(one.flags)) == (back[found].trials, back[found].used, set(back[found].flags))


@given(trials(wall=st.floats(1e-3, 1e3)), st.sampled_from([0.001, 0.5, 3.0, 1000.0]))
def test_a_machine_that_is_slower_by_a_factor_shows_the_same_ratios(rows, factor):
    """Speed-ups, and whether a difference is seen, do not depend on the unit."""

    def slower(one):
        return (
            one
            if one.numbers is None
            else replace(one, numbers=replace(one.numbers, wall_s=one.numbers.wall_s * factor))
        )

    there, later = told(rows), told(map(slower, rows))
    for found, one in there.items():
        for name in ("speedup", "speedup_low", "speedup_high", "parallel_speedup", "efficiency"):
            was, now = (the_numbers(each).get(name) for each in (one, later[found]))
            assert now is None if was is None else now == pytest.approx(was)


@given(trials())
def test_a_failed_trial_never_turns_into_a_number(rows):
    """Without the failed ones, every number is the same."""
    good = [one for one in rows if one.numbers]
    there, without = told(rows), told(good)
    for found, one in without.items():
        assert the_numbers(there[found]) == the_numbers(one)
    assert all(the_numbers(there[found]) == {} for found in there.keys() - without.keys())


@given(st.lists(SECONDS, min_size=1, max_size=6), st.sampled_from(sorted(COUNTED_FLAGS)))
def test_a_doubtful_trial_is_left_out_where_there_are_others(walls, flag):
    """And where there is none but flagged ones, the cell says so."""
    good = [row("sequential", 1.0, number=n, round=n) for n in range(1, len(walls) + 1)]
    mixed = [
        replace(one, trial=n, round=n + 100, flags=(flag,), numbers=numbers(wall))
        for n, (one, wall) in enumerate(zip(good, walls, strict=True), 50)
    ]
    (alone,) = told(good).values()
    (both,) = told([*good, *mixed]).values()
    assert the_numbers(both) == the_numbers(alone)
    assert not both.flagged
    (only,) = told(mixed).values()
    assert only.flagged


@given(st.lists(SECONDS, min_size=1, max_size=8))
def test_sequential_work_is_as_fast_as_itself(walls):
    """Its speed-up is 1 and its interval, if there is one, nothing else."""
    rows = [row("sequential", wall, number=n, round=n) for n, wall in enumerate(walls, 1)]
    twin = [replace(one, trial=100 + one.trial, cell=cell("threading")) for one in rows]
    found = told([*rows, *twin])[cell("threading")].speedup
    assert found.value == pytest.approx(1)
    assert found.low is None or (found.low == pytest.approx(1) and found.high == pytest.approx(1))


@given(st.lists(st.floats(1 / MAX_FLOAT, MAX_FLOAT), min_size=2, max_size=20))
def test_more_of_the_same_never_widens_an_interval(ratios):
    """Twice the same rounds are no less evidence."""
    once, twice = estimate(ratios), estimate(ratios * 2)
    assert twice.high / twice.low <= once.high / once.low * (1 + 1e-9)


def test_the_failed_summary_of_other_tests_is_like_a_real_one():
    """No numbers."""
    assert the_numbers(failed()) == {}
