"""Properties of the statistics: whatever the columns hold, what is told is finite and lies among what was measured."""

import math
import statistics
from dataclasses import astuple, replace

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from made import cell, instances, numbers, row

from gil_lab.analysis.across_interpreters import across
from gil_lab.analysis.estimates import estimate, interval
from gil_lab.analysis.summaries import summaries
from gil_lab.model.records import COUNTED_FLAGS, Cell, Flag, Status
from gil_lab.sessions.rows import Numbers, TrialRow

WALLS = st.floats(1e-6, 1e4)
FLAGS = st.lists(st.sampled_from(Flag), unique=True, max_size=2).map(tuple)


@st.composite
def sessions(draw, walls=WALLS):
    """Trials of a few strategies over some rounds, of which some failed and some have flags."""
    made = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        for strategy in ("sequential", "threading", "numba-sequential", "numba-nogil"):
            wall_s = draw(walls | st.none())
            made.append(row(strategy, wall_s, number=len(made) + 1, round=number, flags=draw(FLAGS)))
    return made


def of(trials):
    return summaries(trials, lambda name: "numba-sequential" if name.startswith("numba") else "sequential")


def finite(value):
    """Whatever is told of a cell."""
    if isinstance(value, float):
        assert math.isfinite(value)
    elif isinstance(value, tuple):
        for part in value:
            finite(part)


@examples(120)
@given(st.lists(instances(TrialRow), min_size=1, max_size=8))
def test_any_numbers_have_finite_statistics(trials):
    """No NaN, no infinity, nothing divided by zero, whatever the columns hold."""
    strategies = ("sequential", "threading")
    alike = [
        replace(one, round=1 + at % 3, cell=cell(strategies[at % 2], workers=1 + at % 2))
        for at, one in enumerate(trials)
    ]
    for summary in (*of(trials), *of(alike)):
        finite(astuple(summary))
    for one in across(alike, [summary.cell for summary in of(alike)]):
        finite(astuple(one))


@examples(120)
@given(sessions())
def test_numbers_lie_among_those_of_the_rounds_and_intervals_hold_them(trials):
    """Of the rounds that are used; a failed trial is not among them."""
    for summary in of(trials):
        mine = [one for one in trials if one.cell == summary.cell]
        walls = [one.numbers.wall_s for one in mine if one.numbers]
        sound = [one.numbers.wall_s for one in mine if one.numbers and COUNTED_FLAGS.isdisjoint(one.flags)] or walls
        assert summary.trials == len(walls)
        assert summary.used == len(sound)
        if not walls:
            assert summary.wall_s is summary.speedup is summary.in_flight is summary.verdict is None
            assert summary.status is not Status.OK
            continue
        assert summary.wall_s == statistics.median(sound)
        assert (summary.wall.least_s, summary.wall.greatest_s) == (min(sound), max(sound))
        assert summary.wall.least_s <= summary.wall_s <= summary.wall.greatest_s
        for told in (summary.speedup, summary.parallel_speedup):
            if told and told.low is not None:
                assert told.low <= told.value <= told.high


@examples(150)
@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=40))
def test_intervals_hold_their_estimate_and_are_finite(values):
    """Of ratios, and of values; with a single one there is none."""
    for found in (estimate(values), interval(values)):
        finite(astuple(found))
        assert min(values) * (1 - 1e-9) <= found.value <= max(values) * (1 + 1e-9)
        assert (found.low is None) == (len(values) == 1)
        assert found.low is None or found.low <= found.value <= found.high


@examples(60)
@given(instances(Cell), instances(Numbers))
def test_one_trial_of_any_cell_is_told_without_an_interval(where, measured):
    """One round is no evidence."""
    (summary,) = of([replace(row(), cell=where, numbers=replace(numbers(), wall_s=measured.wall_s))])
    assert summary.wall_s == summary.wall.least_s == summary.wall.greatest_s == measured.wall_s
    assert summary.speedup is None or summary.speedup.low is None
