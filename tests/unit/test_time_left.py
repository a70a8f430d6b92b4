"""The time that a session will still take, by a clock that stands still between its steps."""

import pytest
from made import cell, trial

from gil_lab.sessions.time_left import TimeLeft


def planned(generations, *blocks):
    """Two trials in each generation of each block."""
    return [
        trial(number=number, round=generation, block=block, cell=cell(strategy))
        for block in blocks or (1,)
        for generation in range(1, generations + 1)
        for number, strategy in enumerate(("sequential", "threading"), 1)
    ]


class Session:
    """What a session of two processes tells: each of its steps takes so many seconds."""

    def __init__(self, trials, rounds=None, budget_s=None):
        self.trials, self.now_s = trials, 0.0
        self.left = TimeLeft(trials, rounds, budget_s, clock=lambda: self.now_s)

    def start(self, generation, start_s, block=1):
        for one in self.trials:
            if (one.block, one.round) == (block, generation):
                self.left.started(one)
                self.now_s += start_s / 2
        self.left.tracing()
        self.left.tracing()

    def turns(self, *rounds_s):
        for seconds in rounds_s:
            self.now_s += seconds
            self.left.round_ended()

    def end(self, end_s):
        self.now_s += end_s


def test_of_exact_rounds_it_is_that_of_the_rounds_starts_and_ends_to_come():
    """Six rounds in four generations: a start takes 3 s, a round 2 s, and an end 1 s, as is known then."""
    session = Session(planned(4), rounds=6)
    session.start(1, 3.0)
    assert session.left.seconds is None
    session.turns(2.0)
    assert session.left.seconds == pytest.approx(5 * 2 + 3 * 3 + 4 * 2 * 0.2)
    session.turns(2.0)
    session.end(1.0)
    session.start(2, 3.0)
    assert session.left.seconds == pytest.approx(4 * 2 + 2 * 3 + 3 * 1)


def test_it_is_not_known_while_starting_takes_half_of_a_budget():
    """Three rounds may take longer, too."""
    session = Session(planned(4), budget_s=10.0)
    session.start(1, 4.0)
    assert session.left.seconds == pytest.approx(6.0)
    session.end(2.0)
    assert session.left.seconds is None


def test_no_round_is_counted_that_does_not_fit():
    """After 9 of 20 s: of the 11 that are left, five rounds of 2 s and an end of 0.4 s."""
    session = Session(planned(1), budget_s=20.0)
    session.start(1, 3.0)
    session.turns(2.0, 2.0, 2.0)
    assert session.left.seconds == pytest.approx(5 * 2 + 0.4)


def test_of_a_budget_it_is_what_remains():
    """From the beginning on, and of several blocks together: each has its share."""
    session = Session(planned(4, 1, 2), budget_s=60.0)
    assert session.left.seconds == 60.0
    session.start(1, 3.0)
    assert session.left.seconds == pytest.approx(57.0)
    session.turns(2.0, 2.0)
    assert session.left.seconds == pytest.approx(53.0)
    session.end(1.0)
    session.start(1, 3.0, block=2)
    session.turns(2.0)
    assert session.left.seconds == pytest.approx(60 - 8 - 5)


def test_of_a_budget_that_is_too_short_it_is_that_of_three_rounds():
    """Of each block: they are measured whatever the budget."""
    session = Session(planned(4, 1, 2), budget_s=4.0)
    session.start(1, 3.0)
    session.turns(2.0)
    ends = 2 * 0.2
    assert session.left.seconds == pytest.approx((2 * 2 + ends) + (3 + 3 * 2 + ends))
    session.turns(2.0, 2.0)
    session.end(1.0)
    session.start(1, 3.0, block=2)
    session.turns(2.0)
    assert session.left.seconds == pytest.approx(2 * 2 + 1)


def test_what_is_left_of_a_share_is_no_time_left_if_no_generation_fits_into_it():
    """The first block has 4 s left, and a generation needs 10."""
    session = Session(planned(4, 1, 2), budget_s=28.0)
    session.start(1, 3.0)
    session.turns(2.0, 2.0, 2.0)
    session.end(1.0)
    session.start(1, 3.0, block=2)
    session.turns(2.0)
    assert session.left.seconds == pytest.approx(14 - 5)


def test_a_trial_that_is_skipped_needs_no_time():
    """One process remains, which takes 2 s to start and 1 s for a turn."""
    trials = [
        trial(number=number, round=generation, skip=skip)
        for generation in (1, 2)
        for number, skip in enumerate(("", "no CUDA"), 1)
    ]
    session = Session(trials, rounds=2)
    session.start(1, 2.0)
    session.turns(1.0)
    assert session.left.seconds == pytest.approx(1 + 2 + 2 * 0.2)
