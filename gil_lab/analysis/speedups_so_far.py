"""The speed-ups of a session that is running, and whether they are known as precisely as was asked for."""

import statistics
from collections.abc import Sequence

from gil_lab.analysis.contrasts import Contrasts, TimedTurn
from gil_lab.analysis.distinctions import THRESHOLD
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.speedups import baseline_of, overall_speedups
from gil_lab.model.records import COUNTED_FLAGS, Cell, Trial, Turn, counts


class SpeedupsSoFar:
    """How many times faster than its baseline each cell is, from the turns that it was given."""

    def __init__(self, cells: Sequence[Cell], precision: float | None, threshold: float | None = None) -> None:
        """`precision` is how far intervals may reach, as a share of the speed-up; None: however far they do.

        Differences below `threshold` do not matter.
        """
        self._cells = [cell for cell in cells if baseline_of(cell) != cell]
        self._precision, self._threshold = precision, threshold or THRESHOLD
        self._turns: list[TimedTurn] = []

    def add(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        self._turns += [timed_turn(trial, turn) for trial, turn in turns if counts(turn)]

    @property
    def known(self) -> dict[Cell, Estimate]:
        return dict(overall_speedups(self._cells, Contrasts(self._turns), self._threshold))

    @property
    def enough(self) -> bool:
        """Whether each is as precise as was asked for; only widths are looked at."""
        if self._precision is None:
            return False
        widths = [estimate.half_width for estimate in self.known.values()]
        return bool(widths) and all(width is not None and width <= self._precision for width in widths)


def timed_turn(trial: Trial, turn: Turn) -> TimedTurn:
    wall_s = statistics.median(one.wall_s for one in turn.passes)
    flagged = not COUNTED_FLAGS.isdisjoint(turn.flags)
    return TimedTurn(trial.cell, trial.round, turn.round, wall_s, flagged)
