"""How the cells of a session scale: the laws that fit each sweep over the number of workers, and how well they predict.

A law is about workers that have a core when they want one. Pools that wanted more cores than there are say how many
cores there are, and no more; they are left out. The largest pool that remains is predicted from the others first, and
then compared with what was measured: that is how far a prediction beyond the largest may be trusted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from types import MappingProxyType

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.scaling_laws import LAWS, Fit, fit
from gil_lab.analysis.summaries import Summary
from gil_lab.interpreters.names import cores_in
from gil_lab.measuring.core_kinds import KINDS
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell

LEAST_SIZES = 6
"""Of pools that a law is fitted to: with the largest held out, five, for three parameters at most."""
LEAST_SWEEP = 3
"""Of fewer numbers of workers no reader expects a law."""
RIGHT = 0.10
"""A prediction that is off by no more is right. A convention: a decision for or against more workers rarely depends on
less."""
PLAUSIBLE = 1e6
"""Times as fast: beyond it lies an edited file."""
FULL = 0.85
"""Of the usable cores: where so many are busy, there is no further one, if it is not known how many were wanted."""


@frozen
class Check:
    """The largest pool, predicted from the smaller ones."""

    law: str
    workers: int
    predicted: Estimate
    """Speed-up in the same form, with the interval within which 95 of 100 measured ones would lie."""
    measured: float
    from_workers: int
    """The largest pool that it was predicted from."""

    @property
    def off(self) -> float:
        """By which share of the measured speed-up."""
        return abs(self.predicted.value / self.measured - 1)

    @property
    def right(self) -> bool:
        return self.off <= RIGHT


@frozen
class Scaling:
    """One strategy with several numbers of workers, the fewest first."""

    cells: tuple[Summary, ...]
    """Those that the laws are about."""
    short_of_cores: tuple[Summary, ...] = ()
    """Those that wanted more cores than there are."""
    flagged: tuple[Summary, ...] = ()
    """Those of which too few rounds are without a flag."""
    cores: int | None = None
    """That it could use."""
    fits: tuple[Fit, ...] = field(default=())
    """In the order of `LAWS`; empty if there are too few numbers of workers."""
    checks: tuple[Check, ...] = field(default=())
    alike: Mapping[str, int] = field(default_factory=dict)
    """Of each kind of core, by the word for it, how many it could use, if that is fewer than its largest pool took:
    with more workers, not all have a core of that kind to themselves."""

    @property
    def first(self) -> Cell:
        """The cell with the fewest workers."""
        return (*self.cells, *self.short_of_cores, *self.flagged)[0].cell

    @property
    def workers(self) -> tuple[int, ...]:
        return tuple(each.cell.workers for each in self.cells)

    @property
    def trusted_up_to(self) -> int | None:
        """The number of workers up to which the first law may be trusted: as much farther than the largest pool as
        that is from the one before it. None if its prediction was not right.
        """
        if not self.checks or not self.checks[0].right:
            return None
        return round(self.workers[-1] ** 2 / self.checks[0].from_workers)


def scalings(
    rows: Sequence[Summary],
    cores: int | None,
    core_kinds: Mapping[str, int] = MappingProxyType({}),
    *,
    flagged_too: bool = False,
) -> list[Scaling]:
    """One for each strategy, variant, interpreter and kind of work with at least `LEAST_SWEEP` numbers of workers that
    were compared with the same form run sequentially. `cores` are the usable ones of the machine, and `core_kinds` how
    many there are of each kind. No law is fitted to cells that are flagged, unless these are wanted too.
    """
    sweeps: dict[tuple[object, ...], list[Summary]] = {}
    for row in rows:
        cell, gain = row.cell, row.parallel_speedup
        if gain is not None and not gain.of_itself and 1 / PLAUSIBLE < gain.value < PLAUSIBLE:
            key = (cell.workload, cell.strategy, cell.interpreter, cell.tasks, cell.size)
            sweeps.setdefault(key, []).append(row)
    found = (sorted(sweep, key=lambda row: row.cell.workers) for sweep in sweeps.values() if len(sweep) >= LEAST_SWEEP)
    return [_scaling(sweep, cores, core_kinds, flagged_too=flagged_too) for sweep in found]


def _scaling(
    sweep: Sequence[Summary], cores: int | None, core_kinds: Mapping[str, int], *, flagged_too: bool
) -> Scaling:
    pinned = cores_in(sweep[0].cell.interpreter, core_kinds)
    usable = pinned or cores
    short = tuple(row for row in sweep if usable is not None and _wants_more(row, usable))
    flagged = () if flagged_too else tuple(row for row in sweep if row not in short and _is_flagged(row))
    cells = tuple(row for row in sweep if row not in (*short, *flagged))
    if len(cells) < LEAST_SIZES:
        return Scaling(cells, short, flagged, usable)
    walls = {row.cell.workers: 1 / row.parallel_speedup.value for row in cells if row.parallel_speedup}
    *fewer, most = walls
    smaller = {workers: walls[workers] for workers in fewer}
    checks = []
    for law in LAWS:
        predicted = fit(law, smaller).predicted(most)
        checks.append(Check(law.name, most, _inverse(predicted), 1 / walls[most], fewer[-1]))
    alike = {
        kind: core_kinds[kind]
        for kind in KINDS
        if pinned is None and core_kinds.get(kind, most) < min(most, usable or most)
    }
    return Scaling(cells, short, flagged, usable, tuple(fit(law, walls) for law in LAWS), tuple(checks), alike)


def _is_flagged(row: Summary) -> bool:
    """Whether it, or what it is compared with, is in every round."""
    return row.flagged or (row.parallel_speedup is not None and row.parallel_speedup.flagged)


def _wants_more(row: Summary, usable: int) -> bool:
    """Whether a pool of more workers than cores is kept from more of them."""
    if row.cell.workers <= usable:
        return False
    if row.cores_wanted is not None:
        return row.cores_wanted > usable
    return (row.cores_busy or 0.0) >= FULL * usable


def _inverse(walls: Estimate) -> Estimate:
    """The speed-up, of a wall time in units of that of the same form run sequentially."""
    low, high = (None if end is None else 1 / end if end > 0 else float("inf") for end in (walls.high, walls.low))
    return Estimate(1 / walls.value, low, high)
