"""The break-even size: between which two sizes of a task a way of running begins, or ceases, to pay.

What pays is faster than the same tasks one after the other, beyond doubt. Nothing is said of sizes between those that
were measured, nor beyond them.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from gil_lab.analysis.summaries import Summary
from gil_lab.model.frozen import frozen

Way = tuple[str, str, str, int]
"""Variant, strategy, interpreter, workers."""


@frozen
class Crossing:
    """At one of the two sizes it pays, at the other it takes longer than sequential work."""

    below: Summary
    above: Summary

    @property
    def begins(self) -> bool:
        """Whether it is the larger tasks that pay."""
        return bool(pays(self.above))


def pays(summary: Summary) -> bool | None:
    """None where it is not known: no interval, one that includes 1, or every round flagged."""
    gain = summary.speedup
    if gain is None or summary.flagged or gain.flagged or not gain.shows_a_difference:
        return None
    return gain.value > 1


def by_way(rows: Iterable[Summary]) -> list[list[Summary]]:
    """Of each work with each number of tasks, the cells of each way that was measured with several sizes, by size."""
    found: dict[tuple[str, int, Way], list[Summary]] = {}
    for row in rows:
        cell = row.cell
        if row.wall_s is not None:
            way = cell.variant, cell.strategy, cell.interpreter, cell.workers
            found.setdefault((cell.work, cell.tasks, way), []).append(row)
    alike = [sorted(cells, key=lambda row: row.cell.size) for cells in found.values()]
    return [cells for cells in alike if len({row.cell.size for row in cells}) > 1]


def by_work(rows: Iterable[Summary]) -> list[list[list[Summary]]]:
    """The same for each kind of work by itself: the ways of one can be compared."""
    ways = by_way(rows)
    order = list(dict.fromkeys((way[0].cell.work, way[0].cell.tasks) for way in ways))
    ranked = sorted(ways, key=lambda way: order.index((way[0].cell.work, way[0].cell.tasks)))
    return [list(alike) for _, alike in groupby(ranked, key=lambda way: (way[0].cell.work, way[0].cell.tasks))]


def crossings(way: Sequence[Summary]) -> list[Crossing]:
    """In ascending order, of the cells of one way by size; what is not known of a size lies between the others."""
    known = [row for row in way if pays(row) is not None]
    return [Crossing(below, above) for below, above in pairwise(known) if pays(below) is not pays(above)]
