"""Losers of the race are dropped, and only they."""

from made import cell, trial, usage

from gil_lab.advice.race import Race
from gil_lab.model.records import Pass, Turn

SEQUENTIAL, FAST, SLOW = cell("sequential"), cell("threading"), cell("joblib")


def turns(round_number, **walls_s):
    made = []
    for place, (name, wall_s) in enumerate(walls_s.items()):
        one = {"sequential": SEQUENTIAL, "fast": FAST, "slow": SLOW}[name]
        begin = 10**12 * round_number + 10**10 * place
        passes = (Pass("timed", begin, begin + int(wall_s * 1e9)),)
        made.append((trial(cell=one), Turn(round_number, place + 1, passes, (), usage())))
    return made


def lost(*, rounds, slow):
    race = Race([SEQUENTIAL, FAST, SLOW])
    found = set()
    for number in range(1, rounds + 1):
        jitter = 1 + 0.01 * (number % 3)
        found = race.losers(turns(number, sequential=1.0 * jitter, fast=0.5, slow=slow))
    return found


def test_what_is_known_to_be_slower_takes_no_further_turns():
    """By its interval, after four rounds; sequential work never loses, as all are compared with it."""
    assert lost(rounds=8, slow=0.9) == {SLOW}


def test_nothing_is_dropped_before_its_interval_is_known():
    """Three rounds are too few."""
    assert lost(rounds=3, slow=0.9) == set()


def test_what_is_nearly_as_fast_goes_on():
    """Within a tenth."""
    assert lost(rounds=8, slow=0.52) == set()
