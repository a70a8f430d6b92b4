"""How late the beats of a heartbeat were taken beside the tasks of each cell: all of them, of all its used rounds."""

from collections.abc import Sequence

from gil_lab.analysis.trials import used_by_cell
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell
from gil_lab.sessions.rows import BeatRow, TrialRow
from gil_lab.sessions.trial_rows import quantile_s


@frozen
class Beats:
    """The delays of one cell, from the shortest to the longest; at least one."""

    cell: Cell
    delays_ns: tuple[int, ...]

    def delay_s(self, share: float) -> float:
        """The shortest delay that at least this share of the beats did not exceed."""
        return quantile_s(self.delays_ns, share)


def beats_by_cell(trials: Sequence[TrialRow], beats: Sequence[BeatRow]) -> list[Beats]:
    """Of each cell that had a heartbeat, in the order of the cells' first trials."""
    by_trial: dict[int, list[int]] = {}
    for row in beats:
        by_trial.setdefault(row.trial, []).append(max(0, row.delay_ns))  # files can be edited
    return [
        Beats(cell, tuple(sorted(delay for row in rows for delay in by_trial[row.trial])))
        for cell, rows in used_by_cell(row for row in trials if row.trial in by_trial).items()
    ]
