"""What a trial's row says of its measurement."""

import pytest
from made import measurement, usage

from gil_lab.model.records import Pass
from gil_lab.sessions.rows import numbers


@pytest.mark.parametrize("pass_ns", [1, 1_000, 1_000_000_000])
def test_cores_busy_are_cpu_seconds_over_the_time_in_which_they_were_used(pass_ns):
    """However little of that time the passes took: the go and the news of them are no work of theirs."""
    passes = (Pass("warm-up", 0, 300), Pass("timed", 1000, 1000 + pass_ns), Pass("traced", 2000, 2250))
    row = numbers(measurement(passes=passes, usage=usage(wall_s=0.4, child_s=0.6)), "")
    assert row.cores_busy == pytest.approx(1.5)
    assert row.wall_s == pass_ns / 1e9


def test_what_is_told_of_a_pass_is_the_median_and_an_equal_share():
    """Wall time as the typical pass took it, CPU time as all of them took it together."""
    timed = (Pass("timed", 1000, 1200), Pass("timed", 1200, 1500), Pass("timed", 1500, 2500))
    passes = (Pass("warm-up", 0, 300), *timed, Pass("traced", 3000, 3250))
    row = numbers(measurement(passes=passes, usage=usage(child_s=0.6)), "")
    assert (row.passes, row.wall_s, row.cpu_s) == (3, 300 / 1e9, pytest.approx(0.2))
