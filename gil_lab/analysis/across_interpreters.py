"""How each cell compares with the same cell under its reference interpreter: the price of a build and of its lock.

A free-threaded build (PEP 703) is relative to the usual build of the same version: that is the price of the build, for
sequential work the *build tax*. It is also relative to itself with the lock switched on: that is the price of the lock
alone. A setting is relative to the same interpreter without it, everything else against the session's first one.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from gil_lab.analysis.contrasts import Contrasts
from gil_lab.analysis.contrasts.discoveries import family
from gil_lab.analysis.distinctions import THRESHOLD
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.speedups import baseline_of
from gil_lab.analysis.summaries import speedup
from gil_lab.analysis.trials import flagged, measured_by_cell
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell
from gil_lab.sessions.rows import TrialRow

FREE_THREADED = re.compile(r"(\d+\.\d+)t", re.ASCII)
"""The name of such an interpreter, as PEP 703 and the installers have it; the group is the usual build's."""
LOCKED, UNLOCKED = "gil", "nogil"


@frozen
class Across:
    """One cell against the same one under another interpreter, paired within rounds."""

    cell: Cell
    reference: str
    """The other interpreter."""
    estimate: Estimate
    """How many times as fast the cell is as under the reference."""
    flagged: bool = False
    """Whether every round of either is."""

    @property
    def is_baseline(self) -> bool:
        """Whether it tells of plain sequential work."""
        return self.cell == baseline_of(self.cell)

    @property
    def tells_the_build(self) -> bool:
        """Whether a free-threaded build is relative to the usual one of its version."""
        free_threaded = FREE_THREADED.fullmatch(self.cell.interpreter.split("+")[0])
        return free_threaded is not None and free_threaded[1] == self.reference

    @property
    def tells_the_lock(self) -> bool:
        """Whether one build is relative to itself with the lock."""
        return self.reference == f"{self.cell.interpreter.split('+')[0]}+{LOCKED}"


def across(
    trials: Sequence[TrialRow],
    cells: Sequence[Cell],
    contrasts: Contrasts | None = None,
    threshold: float = THRESHOLD,
) -> list[Across]:
    """One for each cell and reference that have rounds in common, in the order of `cells`.

    That order also is the one of the interpreters: the first of them is the reference of those that have no other.
    Those that come from turns are judged together; differences below `threshold` do not matter.
    """
    labels = list(dict.fromkeys(cell.interpreter for cell in cells))
    pairs = [
        (cell, replace(cell, interpreter=label)) for cell in cells for label in references(cell.interpreter, labels)
    ]
    by_turns = {pair: contrasts.between(pair[1], pair[0]) for pair in pairs} if contrasts else {}
    judged = family({pair: contrast for pair, contrast in by_turns.items() if contrast}, threshold)
    by_cell = measured_by_cell(trials)
    found = []
    for cell, reference in pairs:
        rows, beside = by_cell.get(cell, []), by_cell.get(reference, [])
        if (ratio := judged.get((cell, reference)) or speedup(rows, beside)) is not None:
            unsound = all(map(flagged, rows)) or all(map(flagged, beside))
            found.append(Across(cell, reference.interpreter, ratio, unsound))
    return found


def references(label: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The interpreters among `labels` that `label` is compared with, the one that tells most first; perhaps none."""
    name, *settings = label.split("+")
    free_threaded = FREE_THREADED.fullmatch(name)
    if free_threaded and settings in ([], [LOCKED], [UNLOCKED]):
        wanted = [free_threaded[1], *([f"{name}+{LOCKED}"] if settings != [LOCKED] else [])]
    else:
        without = ["+".join([name, *settings[:count]]) for count in reversed(range(len(settings)))]
        wanted = [one for one in without if one in labels][:1]
    found = tuple(one for one in wanted if one in labels)
    if found or not labels or labels[0] == label:
        return found
    # the other way round it would be the same ratio again
    return () if label in references(labels[0], labels) else (labels[0],)
