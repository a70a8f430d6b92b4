"""Ratios of the wall times of cells that took turns: how many times longer one takes than another.

The model, on logarithms: cell + round + process (a cell's process of one generation) + rest. Turns of one round are
neighbours in time, so two cells are compared within rounds; rounds of one generation have the same two processes, so
their mean counts as one value; the interval comes from how these values differ between generations, moderated by what
the whole session shows of that. `benchmarks/interval_coverage.py` shows how often such intervals hold the truth.

Rejected: the generations of the pair alone (at 95 %, 2 degrees of freedom reach 4.3 errors far), one variance for all
pairs (wrong for a cell that is noisier than the others), the bootstrap (too narrow for so few values).
"""

from collections.abc import Iterable, Iterator

from gil_lab.analysis.contrasts.contrast import Contrast
from gil_lab.analysis.contrasts.generations import generation_means
from gil_lab.analysis.contrasts.processes import log_ratio_and_error, pooled
from gil_lab.analysis.contrasts.turns import ENOUGH_ROUNDS, TimedTurn, by_cell, paired, unpaired
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.records import Cell

__all__ = ["Contrast", "Contrasts", "TimedTurn"]

POOLED_PAIRS = 120
"""At most so many pairs of cells are pooled: more would say little more, and 60 cells have 1770."""


class Contrasts:
    """All ratios of a session; made once, of all its turns."""

    def __init__(self, turns: Iterable[TimedTurn]) -> None:
        self._cells = by_cell(turns)
        pairs = []
        for over, under in _pooled_pairs(list(self._cells)):
            together = paired(self._cells[over], self._cells[under])
            if together:
                pairs.append((over, under, generation_means(together.generations)))
        self._processes = pooled(pairs)

    def between(self, over: Cell, under: Cell) -> Contrast | None:
        """How much longer `over` takes than `under`; None if they share no round."""
        if over not in self._cells or under not in self._cells:
            return None
        together = paired(self._cells[over], self._cells[under])
        if together is None:
            return None
        means = generation_means(together.generations)
        log_ratio, error, freedom = log_ratio_and_error(means, self._processes)
        return Contrast(
            log_ratio,
            0.0 if over == under else error if means.rounds >= ENOUGH_ROUNDS else None,
            freedom,
            means.rounds,
            len(means.counts),
            together.flagged,
            self._processes.assumed,
        )

    def generation_means(self, cell: Cell) -> tuple[float, ...]:
        """Of the logarithms of its wall times, for comparisons with other sessions; empty if it had no turn."""
        turns = self._cells.get(cell)
        return generation_means(unpaired(turns)).means if turns else ()

    def rounds(self, cell: Cell) -> int:
        """In which that cell had a turn."""
        turns = self._cells.get(cell)
        return sum(map(len, turns.logs.values())) if turns else 0

    def ratio(self, over: Cell, under: Cell) -> Estimate | None:
        """How many times longer `over` takes than `under`, with its 95 % interval; None if they share no round."""
        contrast = self.between(over, under)
        return contrast.estimate() if contrast else None


def _pooled_pairs(cells: list[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Each cell with the next ones, all of them where cells are few: every cell is in about as many pairs."""
    count = len(cells)
    for distance in range(1, count // 2 + 1):
        if distance > 1 and count * distance > POOLED_PAIRS:
            return
        twice = 2 * distance == count  # half way round a circle each pair comes up twice
        for first in range(count // 2 if twice else count):
            yield cells[first], cells[(first + distance) % count]
