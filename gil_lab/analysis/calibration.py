"""What identical cells that took turns say about a machine: how often two are called different, and how narrow it gets.

All pairs of a group of identical cells are looked at, but they share cells and the variance that is pooled over the
session, so that they are not independent. `count - 1` comparisons of `count` cells are: they have as many degrees of
freedom. So the rate over all pairs counts as if it came from that many trials of a binomial distribution. In
simulated sessions of 16 cells in two groups (`benchmarks/simulated_turns.py`), where that is 14, the rates spread as
those of 16 or more independent pairs would.
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from gil_lab.analysis.contrasts import Contrast, Contrasts
from gil_lab.analysis.proportions import NOMINAL, Proportion, proportion
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell
from gil_lab.sessions.calibrations import Calibration


@frozen
class IdenticalPairs:
    """What the pairs of identical cells in a session showed."""

    pairs: int
    different: int
    independent: int
    """How many independent pairs they are worth."""
    smallest_difference: float
    """The median over the pairs of how far the interval reaches either way: 0.03 is 3 %. A true difference of that size
    is seen half of the time, one of twice the size nearly always."""

    @property
    def rate(self) -> Proportion:
        return proportion(self.different / self.pairs, self.independent)


def identical_pairs(contrasts: Contrasts, cells: Iterable[Cell]) -> IdenticalPairs | None:
    """All pairs of cells that do the same work in the same way, under different names; None if none has an interval."""
    found: list[Contrast] = []
    independent = 0
    for group in _identical(cells):
        compared = set[frozenset[Cell]]()
        for one, other in combinations(group, 2):
            contrast = contrasts.between(one, other)
            if contrast is not None and contrast.reach() is not None:
                found.append(contrast)
                compared.add(frozenset((one, other)))
        independent += _independent(compared)
    if not found:
        return None
    reaches = [reach for contrast in found if (reach := contrast.reach()) is not None]
    differ = [contrast.p is not None and contrast.p < NOMINAL for contrast in found]
    return IdenticalPairs(len(found), sum(differ), independent, math.expm1(statistics.median(reaches)))


def _identical(cells: Iterable[Cell]) -> list[list[Cell]]:
    groups: dict[Cell, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(replace(cell, workload=cell.work), []).append(cell)
    return list(groups.values())


def _independent(pairs: Iterable[frozenset[Cell]]) -> int:
    """Cells less one, in each set of cells that are linked by pairs: those of different blocks are not compared."""
    linked: list[set[Cell]] = []
    for pair in pairs:
        touching = [each for each in linked if each & pair]
        linked = [each for each in linked if each not in touching]
        linked.append(set(pair).union(*touching))
    return sum(len(each) - 1 for each in linked)


def pooled_rate(calibrations: Sequence[Calibration]) -> Proportion:
    """Of several calibrations of one machine, which are independent: each has the weight of its independent pairs."""
    independent = sum(one.independent for one in calibrations)
    value = sum(one.independent * one.different / one.pairs for one in calibrations) / independent
    return proportion(value, independent)
