"""The laws of scaling, fitted to exact and to noisy wall times. Numbers come from the papers' forms of the laws."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gil_lab.analysis.scaling_laws import AMDAHL, GUSTAFSON, LAWS, UNIVERSAL, fit

SIZES = (1, 2, 3, 4, 6, 8)
SHARES = st.floats(0, 1)


def speedup(workers, serial, crosstalk=0.0):
    """Gunther 2007, equation 4.31."""
    return workers / (1 + serial * (workers - 1) + crosstalk * workers * (workers - 1))


def walls(serial, crosstalk=0.0, sizes=SIZES, unit_s=1.0):
    return {workers: unit_s / speedup(workers, serial, crosstalk) for workers in sizes}


@given(SHARES, st.floats(0, 0.1), st.floats(1e-6, 1e6))
def test_the_universal_law_finds_the_parameters_of_exact_times(serial, crosstalk, unit_s):
    """Whatever the unit of the times."""
    found = fit(UNIVERSAL, walls(serial, crosstalk, unit_s=unit_s))
    assert (found.serial.value, found.crosstalk.value) == pytest.approx((serial, crosstalk), abs=1e-9)


@given(SHARES)
def test_amdahls_law_is_the_universal_one_without_crosstalk(serial):
    """1 / (s + (1 - s) / N)."""
    found = fit(AMDAHL, {workers: serial + (1 - serial) / workers for workers in SIZES})
    assert found.serial.value == pytest.approx(serial, abs=1e-9)
    assert found.crosstalk is None
    assert found.fastest is None


@given(SHARES)
def test_gustafsons_law_is_a_straight_line_of_speedups(serial):
    """N - s (N - 1)."""
    found = fit(GUSTAFSON, {workers: 1 / (workers - serial * (workers - 1)) for workers in SIZES})
    assert found.serial.value == pytest.approx(serial, abs=1e-9)


@pytest.mark.parametrize(("serial", "crosstalk", "fastest"), [(0.02, 0.0005, 44.3), (0.0, 0.01, 10), (0.36, 0.04, 4)])
def test_the_fastest_number_of_workers_is_gunthers(serial, crosstalk, fastest):
    """The root of (1 - s) / k."""
    found = fit(UNIVERSAL, walls(serial, crosstalk))
    assert found.fastest.value == pytest.approx(fastest, rel=1e-2)
    assert found.wall(fastest) <= min(found.wall(fastest * 1.1), found.wall(fastest / 1.1))


def test_without_crosstalk_no_number_of_workers_is_fastest():
    """More always gain, up to the inverse of the serial share."""
    found = fit(UNIVERSAL, walls(0.25))
    assert found.crosstalk.value == pytest.approx(0, abs=1e-12)
    assert found.wall(1) / found.wall(1e9) == pytest.approx(4)


def test_work_of_which_only_one_can_be_done_at_a_time_gains_nothing():
    """As under the GIL."""
    found = fit(UNIVERSAL, dict.fromkeys(SIZES, 0.3))
    assert found.serial.value == pytest.approx(1)
    assert found.wall(1) / found.wall(100) == pytest.approx(1)


@given(st.lists(st.floats(1e-6, 1e6), min_size=6, max_size=6))
def test_no_parameter_and_no_end_of_an_interval_is_negative_and_each_interval_has_its_value(times):
    """However little the times look like a law."""
    for law in LAWS:
        found = fit(law, dict(zip(SIZES, times, strict=True)))
        assert min(found.parameters) >= 0
        for one in filter(None, (found.serial, found.crosstalk, found.fastest, found.predicted(12))):
            assert 0 <= one.low <= one.value <= one.high
        assert found.serial.value <= found.serial.high <= 1


@pytest.mark.parametrize(("law", "needed"), [(AMDAHL, 3), (GUSTAFSON, 3), (UNIVERSAL, 4)])
def test_a_law_takes_more_sizes_than_it_has_parameters(law, needed):
    """One that passes through every point explains nothing, and shows no deviation."""
    fit(law, dict.fromkeys(range(1, needed + 1), 1.0))
    with pytest.raises(ValueError, match=f"more than {needed - 1} numbers of workers, not {needed - 1}"):
        fit(law, dict.fromkeys(range(1, needed), 1.0))


def test_a_prediction_lies_farther_from_certainty_the_farther_it_goes():
    """Beyond the sizes that were measured."""
    chance = random.Random(1)
    found = fit(UNIVERSAL, {workers: wall * math.exp(chance.gauss(0, 0.02)) for workers, wall in walls(0.05).items()})
    widths = [(one := found.predicted(workers)).high / max(one.low, 1e-9) for workers in (8, 16, 32, 64)]
    assert widths == sorted(widths)
    assert widths[-1] > 2 * widths[0]
