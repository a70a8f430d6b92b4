"""The schedule of a block: exact rounds are exact, and a time budget is kept whatever a start, a round or an end takes.

The clock is made: nothing is waited for.
"""

from dataclasses import dataclass, field

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from gil_lab.sessions.schedule import MAX_GENERATIONS, MIN_ROUNDS, TRACES, ExactRounds, TimeBudget


@dataclass
class Block:
    """What the steps of a generation take, and what was done of them, as the relay asks for it."""

    start_s: float = 2.0
    trace_s: float = 0.1
    round_s: float = 0.5
    end_s: float = 0.5
    now_s: float = 1000.0
    rounds: list[int] = field(default_factory=list)
    """Of each generation."""
    traces: list[int] = field(default_factory=list)
    ended_s: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now_s

    def play(self, schedule, generations=MAX_GENERATIONS, enough=lambda block: False):
        """As many as are planned, unless the schedule ends before."""
        began_s = self.now_s
        while len(self.rounds) < generations and schedule.another_generation:
            schedule.begin(len(self.rounds) + 1)
            self.now_s += self.start_s
            schedule.started()
            self.traces.append(schedule.traces)
            self.now_s += self.trace_s * (schedule.traces - 1)
            self.rounds.append(0)
            while schedule.another_round(lambda: enough(self)):
                self.rounds[-1] += 1
                self.now_s += self.round_s
            schedule.ending()
            self.now_s += self.end_s
            schedule.end()
            self.ended_s.append(self.now_s - began_s)
        return self

    @property
    def took_s(self):
        return self.ended_s[-1]


def played(budget_s, enough=lambda block: False, processes=2, **takes):
    block = Block(**takes)
    return block.play(TimeBudget(budget_s, processes, block.clock), enough=enough)


# Exact rounds


@pytest.mark.parametrize(
    ("rounds", "turns", "traces"),
    [(1, [1], 3), (2, [1, 1], 2), (3, [1, 1, 1], 1), (4, [1, 1, 1, 1], 1), (5, [2, 1, 1, 1], 1), (11, [3, 3, 3, 2], 1)],
)
def test_exact_rounds_are_dealt_out_to_few_generations(rounds, turns, traces):
    """So many turns of each cell, in as many processes as there is something to compare; each traced often enough."""
    schedule = ExactRounds(rounds)
    block = Block().play(schedule, schedule.generations)
    assert block.rounds == turns
    assert set(block.traces) == {traces}


@given(st.integers(1, 1000))
def test_exact_rounds_are_exact(rounds):
    """No generation has more than one turn more than another one, and no cell fewer traces than needed."""
    schedule = ExactRounds(rounds)
    block = Block().play(schedule, schedule.generations)
    assert sum(block.rounds) == rounds
    assert max(block.rounds) - min(block.rounds) <= 1
    assert len(block.rounds) == min(rounds, MAX_GENERATIONS)
    assert sum(block.traces) >= TRACES


def test_exact_rounds_ask_no_clock_and_no_width():
    """Whoever wants five rounds gets five, however narrow the intervals are."""
    schedule = ExactRounds(5)
    assert Block().play(schedule, schedule.generations, enough=lambda block: True).rounds == [2, 1, 1, 1]


def test_a_generation_of_an_exact_number_can_be_repeated():
    """After a suspension the same one begins again, with as many rounds as the first time."""
    schedule = ExactRounds(5)
    counts = []
    for _ in range(2):
        schedule.begin(1)
        schedule.started()
        count = 0
        while schedule.another_round(lambda: False):
            count += 1
        counts.append(count)
    assert counts == [2, 2]


# A time budget


def test_a_budget_is_spent_and_kept():
    """Rounds are added as long as the next one and the end fit in."""
    block = played(60.0)
    assert 55.0 < block.took_s <= 60.0
    assert len(block.rounds) == MAX_GENERATIONS
    assert max(block.rounds) - min(block.rounds) <= 2


@examples(200)
@given(
    budget_s=st.floats(1.0, 600.0),
    start_s=st.floats(0.0, 30.0),
    trace_s=st.floats(0.0, 0.5),
    round_s=st.floats(0.01, 5.0),
    end_s=st.floats(0.0, 3.0),
)
def test_whatever_the_steps_take_a_budget_is_kept_beyond_its_fewest_rounds(budget_s, start_s, trace_s, round_s, end_s):
    """The first generation has its rounds whatever they take, and it is not known how long it takes to end; those that
    follow fit in, but for a traced pass more.
    """
    block = played(budget_s, start_s=start_s, trace_s=trace_s, round_s=round_s, end_s=end_s)
    assert 1 <= len(block.rounds) <= MAX_GENERATIONS
    assert min(block.rounds) >= MIN_ROUNDS
    shortest_s = start_s + (TRACES - 1) * trace_s + MIN_ROUNDS * round_s + end_s
    assert block.ended_s[0] <= max(budget_s, shortest_s) + end_s + 1e-6
    assert block.took_s <= max(budget_s, block.ended_s[0]) + (TRACES - 1) * trace_s + 1e-6


@pytest.mark.parametrize(
    ("budget_s", "generations"), [(60.0, 4), (16.0, 4), (15.0, 3), (12.0, 3), (11.0, 2), (8.0, 2), (7.0, 1), (1.0, 1)]
)
def test_starting_processes_takes_half_of_the_budget_at_most(budget_s, generations):
    """Each generation takes 2 s to start here: a short budget has fewer of them, and one at least."""
    schedule = TimeBudget(budget_s, 2, (block := Block(round_s=0.01, end_s=0.01)).clock)
    block.play(schedule)
    assert schedule.generations == generations
    assert len(block.rounds) == generations


def test_a_cell_is_traced_three_times_whatever_the_generations():
    """A single generation traces each process three times, four of them once each."""
    assert played(1.0).traces == [TRACES]
    assert played(10.0).traces == [2, 2]
    assert played(60.0).traces == [1] * MAX_GENERATIONS


def test_every_generation_has_its_fewest_rounds_even_beyond_the_budget():
    """Of fewer there would be no interval: whoever asks for a second gets what a generation takes at least."""
    block = played(1.0, start_s=5.0, round_s=1.0)
    assert block.rounds == [MIN_ROUNDS]
    assert block.took_s > 1.0


def test_enough_stops_only_after_a_generation():
    """One set of processes may differ from the next one by more than its own interval says."""
    asked = []
    block = played(60.0, enough=lambda block: bool(asked.append(list(block.rounds))) or True)
    assert block.rounds[0] > MIN_ROUNDS
    assert block.rounds[1:] == [MIN_ROUNDS]
    assert asked == [[block.rounds[0], MIN_ROUNDS]]


def test_enough_ends_the_session_before_its_time():
    """No generation follows, and the rest of the budget is not spent."""
    block = played(60.0, enough=lambda block: sum(block.rounds) > 30)
    assert sum(block.rounds) == 31
    assert block.took_s < 40.0


def test_a_generation_that_cannot_fit_is_not_begun():
    """The first rounds were slower than expected: what is left is less than it takes to start and to end."""
    clock = Block(start_s=2.0, round_s=0.1, end_s=0.5)
    schedule = TimeBudget(10.0, 2, clock.clock)
    schedule.begin(1)
    clock.now_s += 2.0
    schedule.started()
    assert schedule.generations == 2
    assert schedule.another_round(lambda: False)
    clock.now_s += 5.4  # one round, which something else held up
    schedule.ending()
    clock.now_s += 0.5
    schedule.end()
    assert not schedule.another_generation


def test_slow_rounds_make_fewer_generations_that_share_the_budget():
    """Of 60 s, a generation takes 17.5 s at least: there is time for three, and the rest goes into more rounds."""
    block = played(60.0, start_s=2.0, round_s=5.0, end_s=0.5, trace_s=0.0)
    assert len(block.rounds) == 3
    assert all(each >= MIN_ROUNDS for each in block.rounds)
    assert 50.0 < block.took_s <= 60.0


def test_time_that_a_suspension_took_is_not_made_up_for():
    """A lid that was closed for an hour ends the session after the fewest rounds; it does not add an hour."""
    block = Block()
    schedule = TimeBudget(60.0, 2, block.clock)
    schedule.begin(1)
    block.now_s += 2.0
    schedule.started()
    block.now_s += 3600.0
    rounds = 0
    while schedule.another_round(lambda: False):
        rounds += 1
        block.now_s += 0.5
    schedule.ending()
    schedule.end()
    assert rounds == MIN_ROUNDS
    assert not schedule.another_generation
