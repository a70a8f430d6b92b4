"""How often does a 95 % interval of a ratio hold the truth, how wide is it, and is a difference of 5 % seen?

    python benchmarks/interval_coverage.py [SESSIONS]

Simulates that many sessions (400 by default) of each machine in the list, whose true ratios are known: all cells take
equally long, but for the second one, which takes 5 % longer. Takes some minutes on one core. A false positive is an
interval that does not hold the truth: 100 less the coverage.
"""

import math
import random
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulated_turns import Scenario, cells, turns

from gil_lab.analysis.contrasts import Contrasts
from gil_lab.model.records import Cell

EFFECT = 1.05
COMPARED = 6
"""Cells of a session that are compared with the first one: the second and a few more."""
USUAL = Scenario(effect=math.log(EFFECT))
SCENARIOS: dict[str, Scenario] = {
    "usual: 8 cells, 4 generations, 20 rounds": USUAL,
    **{f"drift {100 * drift:.0f} % a minute": replace(USUAL, drift=drift) for drift in (0.0, 0.4)},
    **{f"processes differ by {100 * sd:.0f} %": replace(USUAL, process=sd) for sd in (0.0, 0.02, 0.03)},
    "processes by 0 to 3 %, cell by cell": replace(USUAL, process=0.03, least_process=0.0),
    "noise 1 to 10 %, cell by cell": replace(USUAL, noise=(0.01, 0.1)),
    "bursts": replace(USUAL, bursts=True),
    "bursts, their turns flagged": replace(USUAL, bursts=True, flagged_from=0.1),
    "one outlier in twenty": replace(USUAL, outliers=0.05),
    "all of it: drift 40 %, processes 2 %, ...": replace(
        USUAL, drift=0.4, process=0.02, noise=(0.01, 0.1), outliers=0.05, bursts=True
    ),
    **{
        f"{rounds} rounds, {generations} generation{'s' * (generations > 1)}, noise 1 to 10 %": replace(
            USUAL, rounds=rounds, generations=generations, noise=(0.01, 0.1)
        )
        for generations, counts in ((3, (3, 5, 10, 20, 40)), (4, (5, 10, 40)))
        for rounds in counts
    },
    **{
        f"{number} cells, {generations} generations, {rounds} rounds": replace(
            USUAL, cells=number, generations=generations, rounds=rounds
        )
        for number, generations, rounds in ((2, 2, 10), (2, 3, 10), (2, 4, 20), (3, 4, 20), (20, 3, 10), (20, 4, 20))
    },
    **{
        f"1 generation, {rounds} rounds, processes {100 * sd:.0f} %": replace(
            USUAL, generations=1, rounds=rounds, process=sd
        )
        for rounds, deviations in ((3, (0.0, 0.01, 0.03)), (5, (0.01,)), (10, (0.01,)), (20, (0.0, 0.01, 0.02, 0.03)))
        for sd in deviations
    },
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one ratio of one session."""

    holds_the_truth: bool
    half_width: float
    differs: bool


def session(scenario: Scenario, chance: random.Random) -> list[Seen]:
    """The ratios of some cells to the first one; that of the second cell comes first."""
    contrasts = Contrasts(turns(scenario, chance))
    first, *others = cells(min(COMPARED, scenario.cells))
    return [seen(contrasts, cell, first, scenario.effect if place == 0 else 0.0) for place, cell in enumerate(others)]


def seen(contrasts: Contrasts, over: Cell, under: Cell, truth: float) -> Seen:
    contrast = contrasts.between(over, under)
    assert contrast is not None
    reach = contrast.reach()
    assert reach is not None
    return Seen(abs(contrast.log_ratio - truth) <= reach, math.expm1(reach), abs(contrast.log_ratio) > reach)


@dataclass(frozen=True, slots=True)
class Outcome:
    coverage: float
    error: float
    """Standard error of the coverage; ratios of one session are not independent, sessions are."""
    half_width: float
    power: float
    """The share of sessions in which the second cell is seen to differ."""


def outcome(scenario: Scenario, sessions: int, seed: int = 1) -> Outcome:
    chance = random.Random(seed)
    every = [session(scenario, chance) for _ in range(sessions)]
    held = [statistics.fmean(ratio.holds_the_truth for ratio in ratios) for ratios in every]
    return Outcome(
        statistics.fmean(held),
        statistics.stdev(held) / math.sqrt(sessions),
        statistics.median(ratio.half_width for ratios in every for ratio in ratios),
        statistics.fmean(ratios[0].differs for ratios in every),
    )


def lines(sessions: int) -> Iterator[str]:
    yield f"{'':42} coverage   +- 1.96 errors   half-width   power to see {100 * (EFFECT - 1):.0f} %"
    for name, scenario in SCENARIOS.items():
        found = outcome(scenario, sessions)
        yield (
            f"{name:42} {100 * found.coverage:6.1f} % {196 * found.error:10.1f} % {100 * found.half_width:13.1f} %"
            f" {found.power:12.2f}"
        )


def main(sessions: int) -> None:
    print(f"{sessions} simulated sessions a row, nominal coverage 95 %")
    for line in lines(sessions):
        print(line, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
