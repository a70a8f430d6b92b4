"""What workloads reported beside their answers, cell by cell: medians over the rounds, or words."""

import statistics
from collections.abc import Iterable, Sequence

from gil_lab.analysis.trials import used_by_cell
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell, Observation
from gil_lab.sessions.rows import ObservationRow, TrialRow


@frozen
class Observed:
    """One observation of a cell over its rounds."""

    cell: Cell
    name: str
    value: float | None
    """Median; None where it tells words."""
    low: float | None
    """Least and greatest of the rounds."""
    high: float | None
    unit: str
    text: str
    """The word; those of the rounds, in the order in which they came, where they differ."""


def observed(trials: Sequence[TrialRow], rows: Iterable[ObservationRow]) -> list[Observed]:
    """In the order in which each was reported first; from the rounds that are used."""
    cells = {row.trial: cell for cell, used in used_by_cell(trials).items() for row in used}
    found: dict[tuple[Cell, str], list[ObservationRow]] = {}
    for one in rows:
        if one.trial in cells:
            found.setdefault((cells[one.trial], one.observation.name), []).append(one)
    return [_one(cell, name, [row.observation for row in reported]) for (cell, name), reported in found.items()]


def _one(cell: Cell, name: str, reported: Sequence[Observation]) -> Observed:
    values = [one.value for one in reported if one.value is not None]
    words = "; ".join(dict.fromkeys(one.text for one in reported if one.text))
    unit = reported[0].unit
    if not values:
        return Observed(cell, name, None, None, None, unit, words)
    return Observed(cell, name, float(statistics.median(values)), min(values), max(values), unit, words)
