"""How busy each core was, from the samples of the trials that count."""

import pytest
from made import row

from gil_lab.analysis.core_use import core_use
from gil_lab.model.records import Flag
from gil_lab.sessions.rows import CoreRow


def samples(trial, core, *points):
    """Readings of one core: seconds of the clock, busy, stolen."""
    return [CoreRow(trial, core, int(at * 1e9), busy, steal) for at, busy, steal in points]


def shares(trials, found):
    return [(use.cell.strategy, use.core, use.busy_percent, use.steal_percent) for use in core_use(trials, found)]


def test_a_core_was_busy_from_the_first_to_the_last_sample():
    """What the counters grew by, in per cent of the time; samples in between change nothing."""
    found = samples(1, 0, (10, 100, 5), (11, 100.9, 5), (12, 101, 5.5)) + samples(1, 1, (10, 7, 0), (12, 9, 0))
    assert shares([row("threading", 1)], found) == [("threading", 0, 50, 25), ("threading", 1, 100, 0)]


def test_use_of_cores_is_the_median_of_the_used_trials():
    """Doubtful rounds are left out as they are of every number; failed ones have none."""
    trials = [
        row("threading", 1, number=1),
        row("threading", 1, number=2, round=2, flags=(Flag.DISTURBED,)),
        row("threading", 1, number=3, round=3),
        row("threading", None, number=4, round=4),
    ]
    busy = {1: 0.2, 2: 0.9, 3: 0.4, 4: 0.9}
    found = [sample for trial, used in busy.items() for sample in samples(trial, 0, (0, 0, 0), (1, used, 0))]
    assert shares(trials, found) == [("threading", 0, pytest.approx(30), 0)]


def test_a_core_with_a_single_sample_is_not_told():
    """One reading of a cumulative counter says nothing about the passes."""
    assert shares([row("threading", 1)], samples(1, 0, (0, 5, 0))) == []


def test_ticks_make_no_core_busier_than_it_can_be():
    """The counters tick in hundredths, so a busy core can seem to be busy for longer than the time that passed."""
    assert shares([row("threading", 1)], samples(1, 0, (0, 0, 0), (1, 1.01, 0))) == [("threading", 0, 100, 0)]


def test_use_of_cores_comes_cell_by_cell():
    """In the order of the cells, and in each by the number of the core."""
    trials = [row("threading", 1, number=1), row("sequential", 1, number=2)]
    found = [sample for trial in (2, 1) for core in (1, 0) for sample in samples(trial, core, (0, 0, 0), (1, 1, 0))]
    assert [use[:2] for use in shares(trials, found)] == [
        ("threading", 0),
        ("threading", 1),
        ("sequential", 0),
        ("sequential", 1),
    ]


def test_two_samples_at_one_moment_tell_nothing_of_a_core():
    """Nothing is divided by no time, and a counter that goes backwards is not a negative load."""
    ok = row("threading")
    assert core_use([ok], samples(1, 0, (5.0, 1.0, 0.0), (5.0, 1.0, 0.0))) == []
    (use,) = core_use([ok], samples(1, 0, (5.0, 2.0, 1.0), (6.0, 1.0, 0.0)))
    assert (use.busy_percent, use.steal_percent) == (0.0, 0.0)
