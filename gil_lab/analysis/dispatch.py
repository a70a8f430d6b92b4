"""Tasks of several lengths, handed over in chunks: what one takes all in all, and from which length on that pays."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.speedups import baseline_of
from gil_lab.analysis.summaries import Summary
from gil_lab.model.chunks import AUTO
from gil_lab.model.frozen import frozen
from gil_lab.model.records import CHUNK_SEPARATOR

UNFIXED = ("", AUTO)
"""Chunks that are left to the API, or chosen."""
LEAST_LENGTHS, LEAST_CHUNKS = 2, 2
"""With fewer lengths, or fewer ways to hand tasks over, there is nothing to compare."""


@frozen
class Length:
    """Tasks of one length under one strategy."""

    summary: Summary
    work_s: float
    """Of a task: what it takes one after the other, as `sequential` measured it."""
    task_s: float
    """Wall time of a pass for each of its tasks: work and all else."""

    @property
    def interval_s(self) -> tuple[float, float] | None:
        """Of `task_s`: what the interval of the speed-up says. None if there is none."""
        gain = self.summary.speedup
        if gain is None or gain.low is None or gain.high is None or gain.low <= 0:
            return None
        return self.task_s * gain.value / gain.high, self.task_s * gain.value / gain.low


@frozen
class PaysFrom:
    """The length of a task from which on a strategy is faster than one after the other."""

    work_s: float
    low_s: float | None
    """The 95 % interval; None where it reaches beyond the lengths that were measured, or there is none."""
    high_s: float | None
    at_most: bool = False
    """Whether it pays at all lengths that were measured, of which this is the shortest."""


@frozen
class Dispatched:
    """One strategy that hands over so many tasks at a time, over the lengths of tasks, the shortest first."""

    name: str
    """Of the strategy, with the chunk."""
    workers: int
    interpreter: str
    lengths: tuple[Length, ...]

    @property
    def strategy(self) -> str:
        """Without the chunk."""
        return self.name.partition(CHUNK_SEPARATOR)[0]

    @property
    def chunk(self) -> str:
        """As it is written in the name; empty if it is left to the API."""
        return self.name.partition(CHUNK_SEPARATOR)[2]

    @property
    def pays_from(self) -> PaysFrom | None:
        """None if it does not pay at the longest tasks that were measured."""
        middle = _crossing(self.lengths, lambda gain: gain.value)
        if middle is None:
            return None
        low, high = (_crossing(self.lengths, of) for of in (lambda gain: gain.high, lambda gain: gain.low))
        at_most = middle == self.lengths[0].work_s
        known = not at_most and low is not None and high is not None and low > self.lengths[0].work_s
        return PaysFrom(middle, low if known else None, high if known else None, at_most)


@frozen
class Dispatch:
    """One kind of work under one interpreter with so many workers."""

    work: str
    interpreter: str
    workers: int
    works_s: tuple[float, ...]
    """The lengths of tasks, one after the other, the shortest first."""
    series: tuple[Dispatched, ...]

    def best(self, strategy: str, place: int) -> list[Dispatched]:
        """The chunks of a strategy that are the fastest at one length, or as fast as far as is known; best first.

        Without those that were chosen or left to the API.
        """
        found = [
            (length, one)
            for one in self.series
            if one.strategy == strategy and one.chunk not in UNFIXED
            for length in one.lengths
            if length.work_s == self.works_s[place] and not length.summary.flagged
        ]
        found.sort(key=lambda pair: pair[0].task_s)
        return [one for length, one in found if _may_be_as_fast(length, found[0][0])]

    def foremost(self, most: int) -> list[Dispatched]:
        """At most so many series, in their order: of each strategy first those that pay first and last, then those that
        are chosen or left to the API.
        """
        strategies = dict.fromkeys(one.strategy for one in self.series)
        first = [one for strategy in strategies for one in self.extremes(strategy)]
        then = [one for one in self.series if one.chunk in UNFIXED]
        kept = list(dict.fromkeys(one.name for one in (*first, *then, *self.series)))[:most]
        return [one for one in self.series if one.name in kept]

    def extremes(self, strategy: str) -> list[Dispatched]:
        """The chunk with which a strategy pays first, and the one with which it pays last or not at all; one, if it has
        only one; none if it pays with none of them.
        """
        chunks = [one for one in self.series if one.strategy == strategy]
        froms = [(math.inf if (found := one.pays_from) is None else found.work_s) for one in chunks]
        if min(froms) == math.inf:
            return []
        return list(dict.fromkeys((chunks[froms.index(min(froms))], chunks[froms.index(max(froms))])))


def dispatches(rows: Sequence[Summary]) -> list[Dispatch]:
    """Of work that was measured with several lengths of tasks, and of which a strategy took several chunks."""
    measured = {row.cell: row for row in rows if row.wall_s is not None}
    groups: dict[tuple[str, str, int], dict[str, list[Length]]] = {}
    works: dict[tuple[str, str, int], set[float]] = {}
    for row in measured.values():
        base = measured.get(baseline_of(row.cell))
        if row.is_baseline or row.cell.variant or base is None or row.wall_s is None or base.wall_s is None:
            continue
        cell = row.cell
        key, work_s = (cell.work, cell.interpreter, cell.workers), base.wall_s / cell.tasks
        length = Length(row, work_s, row.wall_s / cell.tasks)
        groups.setdefault(key, {}).setdefault(cell.strategy, []).append(length)
        works.setdefault(key, set()).add(work_s)
    found = []
    for key, by_strategy in groups.items():
        series = tuple(
            Dispatched(name, key[2], key[1], tuple(sorted(lengths, key=lambda one: one.work_s)))
            for name, lengths in by_strategy.items()
            if len(lengths) >= LEAST_LENGTHS
        )
        chunked = [one.strategy for one in series]
        if max(map(chunked.count, chunked), default=0) >= LEAST_CHUNKS:
            found.append(Dispatch(*key, tuple(sorted(works[key])), series))
    return found


def _may_be_as_fast(one: Length, best: Length) -> bool:
    """Whether the intervals of what a task takes overlap."""
    ends = one.interval_s, best.interval_s
    if one is best:
        return True
    return ends[0] is not None and ends[1] is not None and ends[0][0] <= ends[1][1]


def _crossing(lengths: Sequence[Length], of: Callable[[Estimate], float | None]) -> float | None:
    """The length from which on that number of the speed-up stays above 1: between two that were measured, as `between`
    has it. The shortest if it always is, None if it is not at the longest.
    """
    gains = [(one.work_s, of(one.summary.speedup) if one.summary.speedup else None) for one in lengths]
    lost = [(work_s, work_s / gain - work_s) for work_s, gain in gains if gain is not None and gain > 0]
    if len(lost) < len(gains) or lost[-1][1] >= 0:
        return None
    for (shorter, more), (longer, less) in reversed(list(pairwise(lost))):
        if more >= 0 > less:
            return shorter + (longer - shorter) * more / (more - less)
    return lost[0][0]


def between(lengths: Sequence[Length], points: int) -> Iterator[tuple[float, float]]:
    """Lengths and what tasks of them take: those that were measured, and in each gap so many points more, where a task
    is taken to need a fixed time and a share of its work. On logarithmic axes that is no straight line.
    """
    for one, other in pairwise(lengths):
        for point in range(points + 1 if other.work_s > one.work_s else 0):
            work_s = one.work_s * (other.work_s / one.work_s) ** (point / (points + 1))
            share = (work_s - one.work_s) / (other.work_s - one.work_s)
            yield work_s, one.task_s + share * (other.task_s - one.task_s)
    yield lengths[-1].work_s, lengths[-1].task_s
