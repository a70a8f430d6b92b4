"""What a task takes beside its work: over the length of the tasks, for each number of them handed over at a time.

A panel a strategy, a line a chunk. To the left a line is flat: that is what handing over takes, however short the task
is. Where it falls below the upper dashed line, tasks one after the other, the strategy pays; the lower dashed line is
what so many cores could do.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.dispatch import Dispatch, Dispatched, between, dispatches
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import strategy_name
from gil_lab.model.language import gettext, gettext_noop, in_a_row, listed
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.dispatch_panel import Diagonal, DispatchPanel, Mark
from gil_lab.report.drawing.labels import shortened
from gil_lab.report.drawing.lines import Line, Point, height_for
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.scales import Scale
from gil_lab.report.drawing.scaling_panels import names_width
from gil_lab.report.tables.dispatch import short
from gil_lab.report.text.dispatch import said
from gil_lab.report.text.sentences import duration

PLACE = 15

MAX_NAME_PX, LEAST_HEIGHT = 130, 230
"""Pixels: of a name, of a panel."""
CURVE = 9
"""Points between two lengths that were measured."""
OWN = gettext_noop("its own chunks")


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """Work of which several lengths and chunks were measured. Raises NothingToDrawError if there is none."""
    found = dispatches(source.rows)
    if not found:
        raise NothingToDrawError("no tasks of several lengths in several chunks; measure some: gil-lab run dispatch")
    titles = [of.headline(_rows(one), partial(_title, one)) for one in found]
    views = [_view(title, one, source.usable_cores, width) for title, one in zip(titles, found, strict=True)]
    return picture("dispatch", titles, views)


def _rows(one: Dispatch) -> list[Summary]:
    return [length.summary for series in one.series for length in series.lengths]


def _panels(one: Dispatch) -> list[list[Dispatched]]:
    """The series of each strategy that has several chunks; those of the others stand in the first panel too."""
    by_strategy: dict[str, list[Dispatched]] = {}
    for series in one.series:
        by_strategy.setdefault(series.strategy, []).append(series)
    several = [group for group in by_strategy.values() if len(group) > 1]
    single = [series for group in by_strategy.values() if len(group) == 1 for series in group]
    return [[*several[0], *single], *several[1:]]


def _title(one: Dispatch) -> str:
    """Of the first strategy: from where on it pays with its best chunk, and one task at a time."""
    strategy = _panels(one)[0][0].strategy
    extremes = one.extremes(strategy)
    if not extremes:
        return gettext("{strategy} pays at no length of the tasks that was measured").format(strategy=strategy)
    best, worst = extremes[0], extremes[-1]
    text = gettext("{strategy} pays for tasks {length}, {chunk}")
    first = text.format(strategy=strategy, length=said(best.pays_from, interval=False), chunk=_by(best))
    if worst is best:
        return first
    text = gettext("{sentence}; {chunk} {length}")
    if worst.pays_from is not None:
        text = gettext("{sentence}; {chunk} only {length}")
    return text.format(sentence=first, chunk=_by(worst), length=said(worst.pays_from, interval=False))


def _by(series: Dispatched) -> str:
    return gettext("by {chunk}").format(chunk=series.chunk) if series.chunk else gettext("in its own chunks")


def _name(series: Dispatched, strategy: str) -> str:
    if series.strategy != strategy:
        return shortened(strategy_name(series.name), MAX_NAME_PX)
    return shortened(_by(series), MAX_NAME_PX) if series.chunk else gettext(OWN)


def _view(title: str, one: Dispatch, cores: int | None, width: int) -> dict[str, Any]:
    panels = _panels(one)
    names = [of.unique_names([_name(each, panel[0].strategy) for each in panel], MAX_NAME_PX) for panel in panels]
    parallel = min(cores or one.workers, one.workers)
    diagonals = [
        Diagonal("sequential", 1.0),
        Diagonal(gettext("ideal on {cores}").format(cores=of.counted_cores(parallel)), 1 / parallel),
    ]
    room = names_width([*(name for panel in names for name in panel), *(each.name for each in diagonals)])
    points = [length for series in one.series for length in series.lengths]
    taken = Scale.over(
        [*(each.task_s for each in points), one.works_s[0] / parallel],
        [each.interval_s or (None, None) for each in points],
    )
    lengths = Scale(one.works_s[0] / 1.25, one.works_s[-1] * 1.25)
    looks = list(dict.fromkeys(name for panel in names for name in panel))
    views = []
    for panel, called in zip(panels, names, strict=True):
        lines = [
            Line(name, looks.index(name), [_point(series, place) for place in range(len(series.lengths))])
            for name, series in zip(called, panel, strict=True)
        ]
        views.append(
            DispatchPanel(
                title=gettext("{strategy}: a task takes").format(strategy=shortened(panel[0].strategy, MAX_NAME_PX)),
                lines=lines,
                curves=[list(between(series.lengths, CURVE)) for series in panel],
                diagonals=diagonals,
                marks=_marks(panel, lines),
                lengths=lengths,
                taken=taken,
                names=room,
                across=width,
                height=height_for(len(lines) + len(diagonals), LEAST_HEIGHT),
                last=panel is panels[-1],
            )
        )
    notes = (
        gettext("Both axes are logarithmic. A task takes: wall time / tasks."),
        gettext("Upright rules: from there on it pays, first and last."),
    )
    return {
        "title": heading(title, in_a_row((_subtitle(one, cores), *notes)), width),
        "vconcat": [view.spec() for view in views],
        "spacing": 24,
    }


def _subtitle(one: Dispatch, cores: int | None) -> str:
    machine = [of.counted_cores(cores)] if cores is not None else []
    workers = gettext("{count} workers").format(count=one.workers)
    about = [one.work, f"Python {one.interpreter}", workers, *machine]
    return gettext("{sentence}.").format(sentence=listed(about))


def _point(series: Dispatched, place: int) -> Point:
    length = series.lengths[place]
    low, high = length.interval_s or (None, None)
    tooltip = {
        "work": duration(length.work_s),
        "task": duration(length.task_s),
        "gain": of.with_interval(length.summary.speedup),
    }
    return Point(length.work_s, length.task_s, low, high, tooltip, length.summary.flagged)


def _marks(panel: Sequence[Dispatched], lines: Sequence[Line]) -> list[Mark]:
    """Of the chunk that pays first, and of the one that pays last."""
    paying = [
        (found.work_s, line.colour)
        for series, line in zip(panel, lines, strict=True)
        if series.strategy == panel[0].strategy and (found := series.pays_from) and not found.at_most
    ]
    ends = dict.fromkeys((min(paying), max(paying))) if paying else {}
    return [Mark(work_s, short(work_s), colour) for work_s, colour in ends]
