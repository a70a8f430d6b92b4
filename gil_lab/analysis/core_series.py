"""Per-core use over the timed passes of each cell: what the samples say of each interval between two of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from gil_lab.analysis.summaries import typical
from gil_lab.model.frozen import frozen
from gil_lab.model.records import MAX_FLOAT, Cell
from gil_lab.sessions.rows import CoreRow, PassRow, SampleRow, TrialRow

SHORTEST_NS = 50_000_000
"""The counters of cores tick every 10 ms: of a shorter interval they would tell nothing."""


@frozen
class Interval:
    """Between two samples; seconds from the first one. All but `busy` and `steal` are cores' worth of CPU time."""

    begin_s: float
    end_s: float
    busy: tuple[float, ...]
    """Share of its time that each core was busy, whoever used it: 0 to 1."""
    steal: tuple[float, ...]
    child: float
    service: float
    controller: float
    others: float
    """All that was busy less the three before."""
    apart_s: float = 0.0
    """Seconds since the series began, up to this interval, in which others had their turn: they are left out."""


@frozen
class CoreSeries:
    """The timed passes of the typical trial of one cell."""

    cell: Cell
    trial: int
    intervals: tuple[Interval, ...]
    begin_ns: int = 0
    """Of the first interval, on the clock that all files of the session share."""


@frozen
class _Reading:
    """Whatever was read at one time."""

    sample: SampleRow
    cores: tuple[CoreRow, ...]


def core_series(
    trials: Sequence[TrialRow], passes: Sequence[PassRow], samples: Sequence[SampleRow], cores: Sequence[CoreRow]
) -> list[CoreSeries]:
    """Of each cell that was sampled during its timed passes, in the order of the cells' first trials.

    Files can be torn or edited: a sample that lacks a core, or has numbers that cannot have been read, is left out. So
    is a sample that comes too soon after another one for the counters to have ticked.
    """
    timed: dict[int, tuple[int, int]] = {}
    for row in passes:
        if row.one.kind == "timed" and row.one.wall_s > 0:
            begin, end = timed.get(row.trial, (row.one.begin_ns, row.one.end_ns))
            timed[row.trial] = min(begin, row.one.begin_ns), max(end, row.one.end_ns)
    chosen = {row.trial: cell for cell, row in typical(trials).items() if row.trial in timed}
    sampled: dict[int, dict[int, SampleRow]] = {trial: {} for trial in chosen}
    for sample in samples:
        if sample.trial in chosen and _can_be(sample.child_s, sample.service_s, sample.controller_s):
            sampled[sample.trial][sample.at_ns] = sample
    counted: dict[int, dict[int, dict[int, CoreRow]]] = {trial: {} for trial in chosen}
    for core in cores:
        if core.trial in chosen and _can_be(core.busy_s, core.steal_s):
            counted[core.trial].setdefault(core.at_ns, {})[core.core] = core
    made = (_series(cell, trial, timed[trial], sampled[trial], counted[trial]) for trial, cell in chosen.items())
    return [one for one in made if one.intervals]


def _can_be(*seconds: float) -> bool:
    return all(0 <= value <= MAX_FLOAT for value in seconds)


def _series(
    cell: Cell,
    trial: int,
    timed: tuple[int, int],
    sampled: dict[int, SampleRow],
    counted: dict[int, dict[int, CoreRow]],
) -> CoreSeries:
    (number, _), *_ = Counter(len(row) for row in counted.values()).most_common(1) or [(0, 0)]
    readings = [
        _Reading(sampled[at_ns], tuple(row[core] for core in range(number)))
        for at_ns, row in sorted(counted.items())
        if at_ns in sampled and len(row) == number and all(core in row for core in range(number))
    ]
    begin_ns, end_ns = timed
    turns: dict[int | None, list[_Reading]] = {}
    for reading in readings:
        turns.setdefault(reading.sample.round, []).append(reading)
    pairs = [
        (one, other)
        for turn in turns.values()
        for one, other in pairwise(_far_enough(turn))
        if one.sample.at_ns < end_ns and other.sample.at_ns > begin_ns
    ]
    start_ns = pairs[0][0].sample.at_ns if pairs else 0
    intervals: list[Interval] = []
    for one, other in pairs:
        intervals.append(_interval(one, other, start_ns, intervals[-1].end_s if intervals else 0.0))
    return CoreSeries(cell, trial, tuple(intervals), start_ns)


def _far_enough(readings: Sequence[_Reading]) -> list[_Reading]:
    """The first one, the last one, and those between that are not too near to the one before or to the last one."""
    if not readings:
        return []
    kept = [readings[0]]
    for reading in readings[1:-1]:
        after_ns = reading.sample.at_ns - kept[-1].sample.at_ns
        before_ns = readings[-1].sample.at_ns - reading.sample.at_ns
        if min(after_ns, before_ns) >= SHORTEST_NS:
            kept.append(reading)
    return [*kept, *readings[1:][-1:]]


def _interval(first: _Reading, last: _Reading, start_ns: int, begin_s: float) -> Interval:
    """`begin_s` is where it begins if what lies between turns is left out."""
    elapsed_s = (last.sample.at_ns - first.sample.at_ns) / 1e9
    busy, steal = (
        [
            (getattr(core, name) - getattr(before, name)) / elapsed_s
            for before, core in zip(first.cores, last.cores, strict=True)
        ]
        for name in ("busy_s", "steal_s")
    )
    # A step down is a process that ended: what it used since the sample before is not known.
    child, service, controller = (
        max(0.0, (getattr(last.sample, name) - getattr(first.sample, name)) / elapsed_s)
        for name in ("child_s", "service_s", "controller_s")
    )
    return Interval(
        begin_s=begin_s,
        end_s=begin_s + elapsed_s,
        busy=tuple(map(_share, busy)),
        steal=tuple(map(_share, steal)),
        child=child,
        service=service,
        controller=controller,
        # from the sum before it is clipped: a tick that one core has too much, another one or the next interval lacks
        others=min(float(len(busy)), max(0.0, sum(busy) - child - service - controller)),
        apart_s=(first.sample.at_ns - start_ns) / 1e9 - begin_s,
    )


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def joined(intervals: Sequence[Interval]) -> Interval:
    """Neighbouring intervals as one, by their means over time."""
    lengths = [interval.end_s - interval.begin_s for interval in intervals]
    whole = sum(lengths)

    def mean(values: Iterable[float]) -> float:
        return sum(length * value for length, value in zip(lengths, values, strict=True)) / whole

    return Interval(
        begin_s=intervals[0].begin_s,
        end_s=intervals[-1].end_s,
        busy=tuple(map(mean, zip(*(interval.busy for interval in intervals), strict=True))),
        steal=tuple(map(mean, zip(*(interval.steal for interval in intervals), strict=True))),
        child=mean(interval.child for interval in intervals),
        service=mean(interval.service for interval in intervals),
        controller=mean(interval.controller for interval in intervals),
        others=mean(interval.others for interval in intervals),
        apart_s=intervals[0].apart_s,
    )
