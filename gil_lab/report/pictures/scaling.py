"""Wall time and efficiency over the number of workers, beyond the cores on purpose, and the law that fits."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gil_lab.analysis.scaling import Scaling, scalings
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import naming
from gil_lab.model.language import clauses, gettext, listed, ngettext
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import shortened
from gil_lab.report.drawing.lines import LOOKS, Line, Point, height_for
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.scales import Scale
from gil_lab.report.drawing.scaling_panels import Curve, Ideal, ScalingPanel, names_width
from gil_lab.report.tables.results import by_workload
from gil_lab.report.text.sentences import no_difference

PLACE = 9

CURVE_POINTS = 24
MAX_NAME_PX, IDEAL_PX = 165, 35
"""Pixels: of a name, and of the word before that of an ideal line."""
Cells = list[Summary]


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """Two panels for each kind of work. Raises NothingToDrawError if no strategy ran with two numbers of workers."""
    groups = [(group, scaled) for group in by_workload(source.rows) if (scaled := _scaled(group))]
    if not groups:
        raise NothingToDrawError(
            "no strategy was measured with several numbers of workers; "
            "measure some: gil-lab run scaling --workers 1,2,4"
        )
    titles = [
        of.headline(group, partial(_title, list(map(of.sound, scaled)), _calling(group))) for group, scaled in groups
    ]
    views = [_view(title, *group, source.usable_cores, width) for title, group in zip(titles, groups, strict=True)]
    return picture("scaling", titles, views)


def _scaled(group: Sequence[Summary]) -> list[Cells]:
    """The cells with numbers of each strategy, variant and interpreter that have several numbers of workers."""
    found: dict[tuple[str, str, str], Cells] = {_series(each): [] for each in group}
    for each in sorted(group, key=lambda each: each.cell.workers):
        if each.wall_s is not None and each.cell.workers > 0:
            found[_series(each)].append(each)
    return [cells for cells in found.values() if len({each.cell.workers for each in cells}) > 1]


def _series(summary: Summary) -> tuple[str, str, str]:
    return summary.cell.strategy, summary.cell.variant, summary.cell.interpreter


Called = Callable[[Cells], str]
"""What a series is called."""


def _full(group: Cells) -> Called:
    """Its strategy, and its interpreter if there are several."""
    called = naming(each.cell for each in group)
    return lambda cells: called(replace(cells[0].cell, workers=1))


def _calling(group: Cells) -> Called:
    called = _full(group)
    return lambda cells: shortened(called(cells), MAX_NAME_PX)


def _title(scaled: Sequence[Cells], called: Called) -> str:
    """The strategy that gains most, what it gains with the most workers, and the one that gains least."""
    gains = [cells for cells in scaled if any(each.parallel_speedup for each in cells)]
    if not gains:
        cells = min(scaled, key=lambda cells: min(each.wall_s or math.inf for each in cells))
        return _of(called(cells), listed(_on(of.seconds(each.wall_s), each) for each in cells))
    cells = max(gains, key=lambda cells: max(of.value(each.parallel_speedup) or 0 for each in cells))
    best = max(cells, key=lambda each: of.value(each.parallel_speedup) or 0)
    workers = ngettext("{count} worker", "{count} workers", best.cell.workers).format(count=best.cell.workers)
    text = gettext("{name} is {times} as fast on {workers}").format(
        name=called(cells), times=_times(best), workers=workers
    )
    if best is not cells[-1]:
        text = listed([text, _on(_times(cells[-1]), cells[-1])])
    least = min(gains, key=lambda cells: of.value(cells[-1].parallel_speedup) or math.inf)
    if least is not cells:
        text = clauses([text, _of(called(least), _on(_times(least[-1]), least[-1]))])
    return text


def _of(name: str, what: str) -> str:
    return gettext("{name}: {what}").format(name=name, what=what)


def _on(how_much: str, summary: Summary) -> str:
    workers = ngettext("{count} worker", "{count} workers", summary.cell.workers).format(count=summary.cell.workers)
    return gettext("{how_much} on {workers}").format(how_much=how_much, workers=workers)


def _times(summary: Summary) -> str:
    gain = summary.parallel_speedup
    if gain is None:
        return gettext("not compared")
    unseen = no_difference(gain)
    times = gettext("{ratio} times").format(ratio=number(gain.value))
    return f"{times} ({unseen})" if unseen else times


def _view(title: str, group: Cells, scaled: Sequence[Cells], cores: int | None, width: int) -> dict[str, Any]:
    name_px = of.room_for_names(MAX_NAME_PX, width)
    called = _calling(group)
    strategies = of.unique_names(list(map(_full(group), scaled)), name_px)
    looks = list(zip(strategies, scaled, _looks(scaled), strict=True))
    walls = [Line(name, number, _walls(cells), family) for name, cells, (number, family) in looks]
    efficiencies = [Line(name, number, _efficiencies(cells), family) for name, cells, (number, family) in looks]
    compared = [series for series in efficiencies if series.points]
    workers = sorted({each.cell.workers for cells in scaled for each in cells})
    ideals = [
        Ideal(
            shortened(gettext("ideal: {name}").format(name=called([one])), name_px + IDEAL_PX),
            wall / workers[0],
            wall / workers[-1],
        )
        for one, wall in _references(group, scaled)
    ]
    best = [Ideal(gettext("ideal"), 1, 1)]
    laws = {_series(one.cells[0]): one for one in scalings(group, cores) if one.fits}
    fitted = [
        (line, laws[key]) for line, cells in zip(walls, scaled, strict=True) if (key := _series(cells[0])) in laws
    ]
    names = names_width([*strategies, *(each.name for each in (*ideals, *best))])
    upper = [Curve(line.colour, _curve(law)) for line, law in fitted]
    lower = [Curve(line.colour, _curve(law, efficiency=True)) for line, law in fitted]
    kinds = [(gettext("wall time, s (logarithmic)"), walls, ideals, upper, 210, True)]
    kinds += [(gettext("efficiency"), compared, best, lower, 160, False)] if compared else []
    panels = [
        ScalingPanel(
            title=what,
            series=series,
            ideals=lines,
            curves=curves,
            scale=_scale(series, lines, logarithmic=logarithmic),
            logarithmic=logarithmic,
            workers=workers,
            names=names,
            across=width,
            height=height_for(len(series) + len(lines), least),
            cores=cores,
            last=what == kinds[-1][0],
        )
        for what, series, lines, curves, least, logarithmic in kinds
    ]
    notes = (
        gettext("Efficiency: speed-up against the same form / workers.") if compared else "",
        gettext("Ideal: the same form run one task at a time / workers.") if ideals else "",
        gettext("Broad pale curves: the universal scalability law, as far as it is fitted.") if fitted else "",
        gettext("Same colour: one strategy; same shape: the same work.") if len(scaled) > len(LOOKS) else "",
        gettext("Upright lines: least and greatest wall time, 95 % interval of the efficiency."),
        gettext("They are cut where they leave the picture.") if any(panel.cut for panel in panels) else "",
        of.not_drawn(group),
    )
    return {
        "title": heading(title, of.subtitle(group, cores, *notes), width),
        "vconcat": [panel.spec() for panel in panels],
        "spacing": 24,
    }


def _looks(scaled: Sequence[Cells]) -> list[tuple[int, int | None]]:
    """The number of each line, and of its family: of more lines than there are looks, a strategy has one colour."""
    if len(scaled) <= len(LOOKS):
        return [(number, None) for number in range(len(scaled))]
    keys = [_series(cells[0]) for cells in scaled]
    strategies, ways = list(dict.fromkeys(key[0] for key in keys)), list(dict.fromkeys(key[1:] for key in keys))
    return [(ways.index(key[1:]), strategies.index(key[0])) for key in keys]


def _curve(scaling: Scaling, *, efficiency: bool = False) -> list[tuple[float, float]]:
    """From its fewest workers to its most: wall times, or the speed-up against the same form for each worker."""
    law, first, last = scaling.fits[0], scaling.workers[0], scaling.workers[-1]
    workers = [first * (last / first) ** (step / CURVE_POINTS) for step in range(CURVE_POINTS + 1)]
    if efficiency:
        return [(each, 1 / law.wall(each) / each) for each in workers]
    unit_s = (scaling.cells[0].wall_s or 0) * (of.value(scaling.cells[0].parallel_speedup) or 0)
    return [(each, unit_s * law.wall(each)) for each in workers]


def _walls(cells: Cells) -> list[Point]:
    return [
        Point(each.cell.workers, wall.median_s, wall.least_s, wall.greatest_s, _tooltip(each), each.flagged)
        for each in cells
        if (wall := each.wall)
    ]


def _efficiencies(cells: Cells) -> list[Point]:
    """Of those that could be compared with their form run one task at a time."""
    found = []
    for each in cells:
        gain, workers = each.parallel_speedup, each.cell.workers
        if gain and each.efficiency:
            low, high = (None if end is None else end / workers for end in (gain.low, gain.high))
            found.append(Point(workers, each.efficiency, low, high, _tooltip(each), each.flagged))
    return found


def _tooltip(summary: Summary) -> dict[str, object]:
    return {
        "wall": of.seconds(summary.wall_s),
        "same_form": of.with_interval(summary.parallel_speedup),
        "efficiency": of.percent(summary.efficiency),
    }


def _scale(series: Sequence[Line], ideals: Sequence[Ideal], *, logarithmic: bool) -> Scale:
    points = [point for each in series for point in each.points]
    ends = [end for each in ideals for end in (each.begin, each.end)]
    found = Scale.over([*ends, *(point.value for point in points)], [(point.low, point.high) for point in points])
    return found if logarithmic else Scale(0, found.most)


def _references(group: Sequence[Summary], scaled: Sequence[Cells]) -> list[tuple[Summary, float]]:
    """What the scaled strategies are compared with, and its wall time.

    A summary does not name its reference, but the quotient of its two speed-ups is that of the reference.
    """
    candidates = [each for each in group if of.is_reference(each) and each.speedup and each.wall_s]
    found = dict[Summary, float]()
    for each in (each for cells in scaled for each in cells):
        alike = [one for one in candidates if one.cell.interpreter == each.cell.interpreter]
        if alike and each.speedup and each.parallel_speedup:
            form = math.log(each.speedup.value / each.parallel_speedup.value)
            nearest = min(alike, key=lambda one: abs(math.log(of.value(one.speedup) or 1) - form))
            found[nearest] = nearest.wall_s or 0
    return list(found.items())
