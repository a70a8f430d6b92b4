"""How busy each core was while a cell was measured, from the samples of the trials that its numbers come from."""

import statistics
from collections.abc import Sequence

from gil_lab.analysis.trials import used_by_cell
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell
from gil_lab.sessions.rows import CoreRow, TrialRow


@frozen
class CoreUse:
    """How busy one core was during the timed passes of a cell, a row of `core_use.csv`: everything that ran on it."""

    cell: Cell
    core: int
    busy_percent: float
    steal_percent: float


def core_use(trials: Sequence[TrialRow], samples: Sequence[CoreRow]) -> list[CoreUse]:
    """Medians over the used trials of each cell, from the first and last sample of each core in each turn.

    The counters tick every 10 ms, so short trials are coarse.
    """
    cells = used_by_cell(trials)
    cell_of = {row.trial: cell for cell, rows in cells.items() for row in rows}
    ends: dict[tuple[int, int], dict[int | None, list[CoreRow]]] = {}
    for sample in samples:
        if sample.trial in cell_of:
            turns = ends.setdefault((sample.trial, sample.core), {})
            turns.setdefault(sample.round, []).append(sample)
    shares: dict[Cell, dict[int, list[tuple[float, float]]]] = {cell: {} for cell in cells}
    for (trial, core), turns in ends.items():
        pairs = [(found[0], found[-1]) for found in turns.values() if found[-1].at_ns > found[0].at_ns]
        if pairs:
            shares[cell_of[trial]].setdefault(core, []).append(_share(pairs))
    return [
        CoreUse(cell, core, *(statistics.median(column) for column in zip(*found, strict=True)))
        for cell, cores in shares.items()
        for core, found in sorted(cores.items())
    ]


def _share(turns: Sequence[tuple[CoreRow, CoreRow]]) -> tuple[float, float]:
    elapsed_s = sum(last.at_ns - first.at_ns for first, last in turns) / 1e9
    busy_s, steal_s = (
        sum(getattr(last, name) - getattr(first, name) for first, last in turns) for name in ("busy_s", "steal_s")
    )
    return min(100.0, max(0.0, 100 * busy_s / elapsed_s)), min(100.0, max(0.0, 100 * steal_s / elapsed_s))
