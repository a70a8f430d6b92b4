"""How often a block is measured: generations and rounds, from an exact number or from a time budget. Pure."""

import math
import time
from collections.abc import Callable
from typing import Protocol

MAX_GENERATIONS = 4
"""A fourth generation still narrows the interval by a sixth, as the simulation of relay with drift showed; more of them
would only start processes."""
TRACES = 3
"""Traced passes of a cell: a single one is at the mercy of one late wake-up."""
MIN_ROUNDS = 3
"""Of a generation, whatever the budget: of fewer the mean is at the mercy of one turn that went wrong, and there would
be no interval after a single generation."""
ENDING_S = 0.2
"""Seconds that it takes to end one process, until that is known."""
STARTING_SHARE = 0.5
"""Of the budget that may go into starting processes; the rest is for turns."""


class Schedule(Protocol):
    """What a block asks in each generation, in the order of the methods: `another_round` again and again."""

    @property
    def traces(self) -> int:
        """Traced passes of each process."""

    @property
    def another_generation(self) -> bool:
        """Whether there shall be a further one."""

    def begin(self, generation: int) -> None:
        """That generation begins; they are counted from 1."""

    def started(self) -> None:
        """All its processes are started."""
        return

    def another_round(self, enough: Callable[[], bool]) -> bool:
        """Whether there shall be a further round in this generation."""

    def ending(self) -> None:
        """Its last round is done."""
        return

    def end(self) -> None:
        """It has ended, with its processes."""


def generations_of(rounds: int) -> int:
    """How many processes of each cell share so many rounds."""
    return min(rounds, MAX_GENERATIONS)


def rounds_of_generation(generation: int, rounds: int) -> int:
    """Its part of so many rounds; generations are counted from 1."""
    return len(range(generation - 1, rounds, generations_of(rounds)))


class ExactRounds(Schedule):
    """So many rounds, in at most MAX_GENERATIONS generations."""

    def __init__(self, rounds: int, missing: int = 0) -> None:
        """`missing` rounds of generations that were stopped are made up for by the first one here."""
        self._rounds, self._missing, self.generations = rounds, missing, generations_of(rounds)
        self._left = 0
        """Rounds of this generation."""

    @property
    def traces(self) -> int:
        return math.ceil(TRACES / self.generations)

    @property
    def another_generation(self) -> bool:
        return True  # as many as are planned

    def begin(self, generation: int) -> None:
        self._left = rounds_of_generation(generation, self._rounds) + self._missing

    def another_round(self, enough: Callable[[], bool]) -> bool:
        self._left -= 1
        return self._left >= 0

    def end(self) -> None:
        self._missing = 0


class TimeBudget(Schedule):
    """As many rounds as fit into so many seconds in which the block is measured, or until there are `enough`."""

    def __init__(
        self, budget_s: float, processes: int, clock: Callable[[], float] = time.monotonic, traces: int = TRACES
    ) -> None:
        """`processes` are those of a generation, each of which takes a while to end; `traces` are those of a cell."""
        self._traces = traces
        self._left_s, self._clock = budget_s, clock
        self._ending_s = ENDING_S * processes
        self.generations = MAX_GENERATIONS
        """Known once the first has started."""
        self._done = self._rounds = 0
        self._began_s = self._started_s = self._starting_s = self._round_s = self._round_ended_s = 0.0
        self._enough = False

    @property
    def traces(self) -> int:
        return math.ceil(self._traces / self.generations)

    @property
    def another_generation(self) -> bool:
        if not self._done:
            return True
        return not self._enough and self._done < self.generations and self._left_s >= self._shortest_s

    @property
    def _shortest_s(self) -> float:
        """Of a generation, as far as is known."""
        return self._starting_s + MIN_ROUNDS * self._round_s + self._ending_s

    def begin(self, generation: int) -> None:
        self._began_s, self._rounds = self._clock(), 0

    def started(self) -> None:
        self._started_s = self._clock()
        if not self._done:
            self._starting_s = self._started_s - self._began_s
            fitting = int(STARTING_SHARE * self._left_s / max(self._starting_s, 1e-3))
            self.generations = max(1, min(MAX_GENERATIONS, fitting))

    def another_round(self, enough: Callable[[], bool]) -> bool:
        if self._rounds >= MIN_ROUNDS:
            if self._done and enough():
                self._enough = True
                return False
            now_s = self._clock()
            self._round_s = (now_s - self._started_s) / self._rounds
            if not self._done:
                self.generations = max(1, min(self.generations, int(self._left_s / self._shortest_s)))
            share_s = self._left_s / (self.generations - self._done)
            if now_s + self._round_s > self._began_s + share_s - self._ending_s:
                return False
        self._rounds += 1
        return True

    def ending(self) -> None:
        self._round_ended_s = self._clock()

    def end(self) -> None:
        now_s = self._clock()
        self._ending_s = now_s - self._round_ended_s
        self._left_s = max(0.0, self._left_s - (now_s - self._began_s))
        self._done += 1
