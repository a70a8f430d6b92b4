"""Turns of a machine that is made up, so that the true ratio of two cells is known.

Its speed drifts as a random walk; each process of a cell is a little faster or slower than the next; each turn has
noise of its own, and some are spoilt. Turns and starts take about as long as those of cpu-bound on two cores.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from gil_lab.analysis.contrasts import TimedTurn
from gil_lab.model.records import Cell

TURN_S = 0.05
START_S = 0.6
"""One process of a generation."""
OUTLIER = math.log(1.5)
SLOWED = 0.6
"""How much longer a turn takes while a neighbour has a burst."""
BURST_S, PAUSE_S = (0.05, 0.5), (0.1, 1.0)
"""A third of the time in bursts."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A machine and a session on it. Deviations and differences are of logarithms: 0.03 is 3 %."""

    cells: int = 8
    generations: int = 4
    rounds: int = 20
    """In all; the first generations get one more where they cannot be shared out evenly."""
    drift: float = 0.2
    """Standard deviation of the speed after a minute."""
    process: float = 0.01
    """Standard deviation between processes of a cell."""
    least_process: float | None = None
    """If given, each cell has a deviation of its own between this and `process`."""
    noise: tuple[float, float] = (0.03, 0.03)
    """Standard deviation of turns; each cell has its own between these."""
    outliers: float = 0.0
    """The share of turns that take half as long again."""
    bursts: bool = False
    flagged_from: float = 1.0
    """The share of a turn in bursts beyond which it is flagged."""
    effect: float = 0.0
    """How much longer the second cell takes; all others take equally long."""


def cells(number: int) -> list[Cell]:
    return [Cell("primes", f"strategy-{place:02}", 1, "3.11", 32, 100) for place in range(number)]


class _Machine:
    def __init__(self, scenario: Scenario, chance: random.Random) -> None:
        self._scenario, self._chance = scenario, chance
        self.speed = 0.0
        self._burst, self._left_s = False, 0.0

    def disturbed(self, seconds: float) -> float:
        """Time passes; the share of it in which a neighbour had a burst."""
        if self._scenario.drift:
            self.speed += self._chance.gauss(0, self._scenario.drift * math.sqrt(seconds / 60))
        if not self._scenario.bursts:
            return 0.0
        left_s, in_bursts_s = seconds, 0.0
        while left_s > 0:
            step_s = min(left_s, self._left_s)
            in_bursts_s += step_s * self._burst
            left_s -= step_s
            self._left_s -= step_s
            if self._left_s <= 0:
                self._burst = not self._burst
                self._left_s = self._chance.uniform(*(BURST_S if self._burst else PAUSE_S))
        return in_bursts_s / seconds


def turns(scenario: Scenario, chance: random.Random) -> Iterator[TimedTurn]:
    """One session."""
    machine = _Machine(scenario, chance)
    every = cells(scenario.cells)
    noises = [math.exp(chance.uniform(*map(math.log, scenario.noise))) for _ in every]
    least = scenario.process if scenario.least_process is None else scenario.least_process
    deviations = [chance.uniform(least, scenario.process) for _ in every]
    rounds, remaining = divmod(scenario.rounds, scenario.generations)
    for generation in range(scenario.generations):
        machine.disturbed(START_S * scenario.cells)
        processes = [chance.gauss(0, deviation) for deviation in deviations]
        processes[1] += scenario.effect
        for number in range(rounds + (generation < remaining)):
            for place in chance.sample(range(scenario.cells), scenario.cells):
                disturbed = machine.disturbed(TURN_S)
                outlier = OUTLIER * (chance.random() < scenario.outliers)
                noise = chance.gauss(0, noises[place]) + math.log1p(SLOWED * disturbed) + outlier
                wall_s = TURN_S * math.exp(machine.speed + processes[place] + noise)
                yield TimedTurn(every[place], generation, number, wall_s, disturbed > scenario.flagged_from)
