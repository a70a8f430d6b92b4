"""Ratios of two sessions whose rounds are not paired, and their intervals."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gil_lab.analysis.comparison.ratios import of_speedups, of_walls
from gil_lab.analysis.estimates import Estimate


def test_the_interval_is_that_of_welch():
    """By hand: of walls e^0, e^1, e^2 and e^0, e^4, the squared errors are 1/3 and 4, and 1.17 degrees make 1."""
    found = of_walls([math.e**power for power in (0, 1, 2)], [math.e**power for power in (0, 4)])
    reach = 12.706 * math.sqrt(1 / 3 + 4)
    assert found.value == pytest.approx(math.e ** (1 - 2))
    assert found.low == pytest.approx(max(1e-6, math.exp(-1 - reach)))
    assert found.high == pytest.approx(min(1e6, math.exp(-1 + reach)))


@pytest.mark.parametrize(("count", "quantile"), [(2, 4.303), (3, 2.776), (5, 2.306), (16, 2.042), (100, 2.042)])
def test_of_equal_spreads_the_degrees_of_freedom_add(count, quantile):
    """n and n rounds have 2n - 2, and no rounding error makes it one less; beyond the table, its last one holds."""
    walls = [1.0, 1.1] * (count // 2) + [1.05] * (count % 2)
    logs = [math.log(wall_s) for wall_s in walls]
    reach = quantile * math.sqrt(2 * statistics.variance(logs) / count)
    assert of_walls(walls, walls).high == pytest.approx(math.exp(reach))


def test_degrees_of_freedom_are_rounded_down():
    """3 and 3 rounds of which one session never varies have 2: the other one's alone."""
    found = of_walls([1.0, 1.1, 1.2], [1.0, 1.0, 1.0])
    logs = [0, math.log(1.1), math.log(1.2)]
    assert math.log(found.high / found.low) / 2 == pytest.approx(4.303 * statistics.stdev(logs) / math.sqrt(3))


def test_rounds_that_never_vary_have_an_interval_of_no_width():
    """Clocks are coarse; zero by zero must not be divided."""
    assert of_walls([2.0, 2.0], [1.0, 1.0]) == Estimate(pytest.approx(2), pytest.approx(2), pytest.approx(2))


@pytest.mark.parametrize(("a", "b"), [([1.0], [1.0, 1.1]), ([1.0, 1.1], [1.0]), ([1.0], [1.0]), ([], [1.0, 1.1])])
def test_a_single_round_has_no_interval(a, b):
    """Nor has none."""
    assert of_walls(a, b) is None


SOME_WALLS = st.lists(st.floats(1e-9, 1e9), min_size=2, max_size=12)
ESTIMATES = st.tuples(st.floats(0.01, 100), st.floats(0.5, 1), st.floats(1, 2)).map(
    lambda drawn: Estimate(drawn[0], drawn[0] * drawn[1], drawn[0] * drawn[2])
)


def inverted(estimate):
    return [pytest.approx(1 / value, rel=1e-6) for value in (estimate.value, estimate.high, estimate.low)]


@given(SOME_WALLS, SOME_WALLS)
def test_swapped_sessions_give_the_inverse_ratio_and_interval(a, b):
    """And the interval holds the ratio, whatever the files say."""
    found, swapped = of_walls(a, b), of_walls(b, a)
    assert [swapped.value, swapped.low, swapped.high] == inverted(found)
    assert found.low <= found.value <= found.high


@given(ESTIMATES, ESTIMATES)
def test_swapped_speedups_give_the_inverse_ratio_and_interval(a, b):
    """Their intervals are not symmetric, so each limit has its own distances."""
    found, swapped = of_speedups(a, b), of_speedups(b, a)
    assert [swapped.value, swapped.low, swapped.high] == inverted(found)
    assert found.low <= found.value <= found.high


def test_intervals_of_speedups_add_in_quadrature():
    """3 % and 4 % make 5 %."""
    found = of_speedups(
        Estimate(2.0, 2 * math.exp(-0.03), 2 * math.exp(0.03)), Estimate(3.0, 3 * math.exp(-0.04), 3 * math.exp(0.04))
    )
    assert [found.value, found.low, found.high] == [
        pytest.approx(1.5 * factor) for factor in (1, math.exp(-0.05), math.exp(0.05))
    ]


def test_a_speedup_without_an_interval_has_no_ratio():
    """In either session."""
    sure, unsure = Estimate(2.0, 1.9, 2.1), Estimate(2.0, None, None)
    assert of_speedups(sure, unsure) is None
    assert of_speedups(unsure, sure) is None


def test_the_interval_holds_the_ratio_of_the_medians():
    """Of a machine of two speeds the middle round and the mean are far apart."""
    two_speeds, one_speed = [1.0] * 51 + [10.0] * 49, [1.0] * 100
    found = of_walls(two_speeds, one_speed)
    assert (found.value, found.low) == (1, 1)
    assert of_walls(one_speed, two_speeds).high == 1


@pytest.mark.parametrize("walls", [([5e-324, 1e12], [1e12, 5e-324]), ([5e-324] * 2, [1e12] * 2)])
def test_edited_walls_give_numbers_that_files_can_hold(walls):
    """Neither an overflow nor infinity."""
    found = of_walls(*walls)
    assert all(1e-7 < value < 1e7 for value in (found.value, found.low, found.high))
