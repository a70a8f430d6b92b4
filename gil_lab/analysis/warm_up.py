"""How long the first passes of each cell took against its later ones: what is compiled or cached on the way."""

import math
import statistics
from collections.abc import Sequence

from gil_lab.analysis.trials import used_by_cell
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell
from gil_lab.sessions.rows import PassRow, TrialRow

FEWEST = 3
"""Passes of a trial: the first one, and two that can be called later ones."""
LONGER = 1.2
"""Times the later passes: less is no warm-up that anybody would notice."""
USUAL = 0.9
"""Of the later passes: those that are as long as they are by chance."""


@frozen
class Nth:
    """The n-th pass over the rounds, in times of the later passes of its trial."""

    number: int
    """From 1, the warm-up pass."""
    median: float
    least: float
    most: float


@frozen
class WarmUp:
    """The curve of one cell, from the first pass on; at least `FEWEST` of them."""

    cell: Cell
    passes: tuple[Nth, ...]
    later_s: float
    """How long a later pass takes: median over the rounds."""
    noise: float
    """Times that which nine in ten of the later passes do not exceed: median over the rounds."""

    @property
    def first(self) -> float:
        """How many times as long as the later ones the first pass took."""
        return self.passes[0].median

    @property
    def seen(self) -> bool:
        """Whether the first pass stands out: it took longer than later ones do by chance."""
        return self.first >= LONGER * max(1.0, self.noise)


def warm_ups(trials: Sequence[TrialRow], passes: Sequence[PassRow]) -> list[WarmUp]:
    """Of each cell with enough passes, in the order of the cells' first trials.

    Later passes are the second half of the timed ones, of which the median counts. A curve goes as far as all of its
    rounds do, so that it is of the same trials everywhere.
    """
    walls: dict[int, list[tuple[int, float]]] = {}
    for row in passes:
        if row.one.kind in ("warm-up", "timed") and row.one.wall_s > 0:  # files can be edited
            walls.setdefault(row.trial, []).append((row.one.begin_ns, row.one.wall_s))
    enough = (row for row in trials if len(walls.get(row.trial, ())) >= FEWEST)
    return [
        _curve(cell, [[wall_s for _, wall_s in sorted(walls[row.trial])] for row in rows])
        for cell, rows in used_by_cell(enough).items()
    ]


def _curve(cell: Cell, trials: Sequence[Sequence[float]]) -> WarmUp:
    later = [sorted(walls[1:][(len(walls) - 1) // 2 :]) for walls in trials]
    usual = [statistics.median(walls) for walls in later]
    noise = [walls[math.ceil(USUAL * len(walls)) - 1] / usual_s for walls, usual_s in zip(later, usual, strict=True)]
    relative = [[wall_s / usual_s for wall_s in walls] for walls, usual_s in zip(trials, usual, strict=True)]
    nth = zip(*relative, strict=False)
    curve = tuple(Nth(n, statistics.median(each), min(each), max(each)) for n, each in enumerate(nth, 1))
    return WarmUp(cell, curve, statistics.median(usual), statistics.median(noise))
