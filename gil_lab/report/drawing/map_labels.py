"""What is named on the map, and what is joined by lines: cells of one strategy, over workers and over interpreters."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import region
from gil_lab.model.cell_names import cell_name
from gil_lab.model.language import gettext, listed
from gil_lab.model.records import Cell
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.boxes import Line
from gil_lab.report.drawing.labels import shortened
from gil_lab.report.drawing.map_titles import at
from gil_lab.report.drawing.placement import Spot
from gil_lab.report.drawing.plane import Plane
from gil_lab.report.tables.results import several_pythons

REACH = 6.0
"""Pixels from the middle of a mark to its edge."""
TOGETHER = 3 * REACH
"""Pixels between marks of one strategy that have one label."""
MAX_NAMED, WIDEST = 3, 330
"""Interpreters in a label, and pixels of it."""
Cells = Sequence[Summary]


def series(drawn: Cells) -> list[list[Summary]]:
    """The cells of each strategy and interpreter that have several numbers of workers, by them."""
    found: dict[tuple[str, str], list[Summary]] = {}
    for each in sorted(drawn, key=lambda each: each.cell.workers):
        found.setdefault((each.cell.strategy, each.cell.interpreter), []).append(each)
    return [cells for cells in found.values() if len(cells) > 1]


def over_workers(plane: Plane, drawn: Cells) -> list[Line]:
    return [_line(plane, [one], [two]) for found in series(drawn) for one, two in pairwise(found)]


def over_pythons(plane: Plane, drawn: Cells) -> list[Line]:
    """From where a strategy lies under most interpreters to where it lies under others.

    Not where there are several numbers of workers: that is one net too many.
    """
    if series(drawn) or not several_pythons(drawn):
        return []
    found = []
    for alike in _by_name(drawn).values():
        most, *others = sorted(_heaps(plane, alike), key=len, reverse=True)
        found += [_line(plane, most, heap) for heap in others]
    return found


def spots(plane: Plane, drawn: Cells, group: Cells, called: Mapping[Cell, str]) -> list[Spot]:
    """What is labelled: each cell, but of a series only the last one: a number at each of the others is clutter.

    Of several interpreters, marks of one strategy that lie together have one label.
    """
    before = [each for found in series(drawn) for each in found[:-1]]
    ends = [each for each in drawn if each not in before]
    if not several_pythons(group):
        return [_spot(plane, [each], called[each.cell]) for each in ends]
    pythons = list(dict.fromkeys(each.cell.interpreter for each in group))
    return [
        _spot(plane, heap, shortened(_name_of(heap, pythons), WIDEST))
        for alike in _by_name(ends).values()
        for heap in _heaps(plane, alike)
    ]


def _by_name(cells: Cells) -> dict[str, list[Summary]]:
    found: dict[str, list[Summary]] = {}
    for each in cells:
        found.setdefault(cell_name(each.cell), []).append(each)
    return found


def _heaps(plane: Plane, alike: Cells) -> list[list[Summary]]:
    """Cells of one verdict whose marks touch, or touch one that does (single linkage)."""
    heaps: list[list[Summary]] = []
    for each in alike:
        near = [heap for heap in heaps if any(_touch(plane, each, other) for other in heap)]
        rest = [heap for heap in heaps if heap not in near]
        heaps = [*rest, [*(one for heap in near for one in heap), each]]
    return heaps


def _touch(plane: Plane, one: Summary, other: Summary) -> bool:
    return region(*at(one)) is region(*at(other)) and math.dist(plane.at(*at(one)), plane.at(*at(other))) <= TOGETHER


def _name_of(heap: Cells, pythons: Sequence[str]) -> str:
    """`threading x2: all but 3.13t`; only the name where all interpreters are in one place."""
    here = [each.cell.interpreter for each in heap]
    absent = [python for python in pythons if python not in here]
    called = cell_name(heap[0].cell) + of.star(heap[0]) * all(each.flagged for each in heap)
    if not absent:
        return called
    if len(absent) < len(here) and len(absent) <= MAX_NAMED:
        return gettext("{name}: all but {pythons}").format(name=called, pythons=listed(absent))
    pythons = listed(here[:MAX_NAMED])
    if (more := len(here) - MAX_NAMED) > 0:
        pythons = gettext("{names} and {more} more").format(names=pythons, more=more)
    return f"{called}: {pythons}"


def _spot(plane: Plane, heap: Cells, text: str) -> Spot:
    x, y = _middle(plane, heap)
    reach = max(max(abs(x - to_x), abs(y - to_y)) for to_x, to_y in _points(plane, heap))
    return Spot(x, y, text, REACH + reach, plane.regions()[region(*at(heap[0]))])


def _points(plane: Plane, heap: Cells) -> Iterator[tuple[float, float]]:
    return (plane.at(*at(each)) for each in heap)


def _middle(plane: Plane, heap: Cells) -> tuple[float, float]:
    """Of the box around the marks."""
    xs, ys = zip(*_points(plane, heap), strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _line(plane: Plane, one: Cells, two: Cells) -> Line:
    return (*_middle(plane, one), *_middle(plane, two))
