"""Drops the variants that are known to be slower than the best one, so that the time goes to the others."""

from collections.abc import Collection, Sequence

from gil_lab.analysis.contrasts.turns import ENOUGH_ROUNDS
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.speedups_so_far import SpeedupsSoFar
from gil_lab.model.records import Cell, Trial, Turn
from gil_lab.suite.strategies import BASELINE

MARGIN = 1.1
"""How many times as fast as the end of a loser's interval the best one must be at least, at the end of its own."""


KNOWN = 0.03
"""Half the interval of a gain: then it is known of two variants whether they are within 5 % of each other."""


class Race:
    """Its intervals are those of the speed-ups."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._speedups = SpeedupsSoFar(cells, None)
        self._rounds = 0
        self._lost: set[Cell] = set()

    @property
    def decided(self) -> bool:
        """Whether what is left is known as well as an advice needs it."""
        known = [one for cell, one in self._speedups.known.items() if cell not in self._lost]
        widths = [one.half_width for one in known]
        return self._rounds > 2 * ENOUGH_ROUNDS and all(width is not None and width <= KNOWN for width in widths)

    def losers(self, turns: Sequence[tuple[Trial, Turn]]) -> Collection[Cell]:
        """After the turns of one more round; the baseline never loses, as all are compared with it."""
        self._speedups.add(turns)
        self._rounds += 1
        if self._rounds > ENOUGH_ROUNDS:
            known = {cell: one for cell, one in self._speedups.known.items() if one.low is not None}
            best = max((one.low or 0.0 for one in known.values()), default=0.0)
            self._lost |= {cell for cell, one in known.items() if _is_beaten(one, best)}
        return {cell for cell in self._lost if cell.strategy != BASELINE}


def _is_beaten(one: Estimate, best_low: float) -> bool:
    return one.high is not None and one.high * MARGIN < best_low
