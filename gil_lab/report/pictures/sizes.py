"""Time of a task over its size, and between which sizes each way of running begins, or ceases, to pay.

A line for each way; what lies below the line of sequential work pays. The part of a line is broad in which it crosses:
at one end it is known to be faster, at the other to be slower.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gil_lab.analysis.break_even import by_work, crossings
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import naming
from gil_lab.model.language import gettext, in_a_row, listed
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import shortened
from gil_lab.report.drawing.lines import Line, Point
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.sizes_panel import SizesPanel
from gil_lab.report.tables.results import several_workers
from gil_lab.report.tables.size_units import sized, unit_of
from gil_lab.report.text.break_even import between, verdict
from gil_lab.report.text.sentences import milliseconds

PLACE = 14

MAX_NAME_PX = 175
Ways = Sequence[Sequence[Summary]]


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """A panel for each kind of work. Raises NothingToDrawError if none was measured with several sizes."""
    works = by_work(source.rows)
    if not works:
        raise NothingToDrawError(
            "nothing was measured with several sizes; measure some: gil-lab run handing-over --size 1000,1000000"
        )
    titles = [of.headline([row for way in ways for row in way], partial(_title, ways)) for ways in works]
    views = [_view(title, ways, source, width) for title, ways in zip(titles, works, strict=True)]
    return picture("sizes", titles, views)


def _called(ways: Ways) -> of.Called:
    """Strategy and variant; the workers and the interpreter if there are several."""
    rows = [row for way in ways for row in way]
    called, alike = naming(row.cell for row in rows), not several_workers(rows)
    return lambda row: called(replace(row.cell, workers=1) if alike else row.cell)


def _title(ways: Ways) -> str:
    """The way that ceases to pay first and the one that does so last; or else the slowest with the largest tasks."""
    called, unit = _called(ways), unit_of(ways[0][0].cell.work)
    crossed = sorted(
        ((found[0], way) for way in ways if (found := crossings(way))), key=lambda one: one[0].above.cell.size
    )
    if not crossed:
        slowest = max((way[-1] for way in ways), key=_task_s)
        text = gettext("{name} takes {time} a task of {size}")
        time, size = milliseconds(_task_s(slowest)), sized(slowest.cell.size, unit)
        return text.format(name=called(slowest), time=time, size=size)
    (first, way), (last, other) = crossed[0], crossed[-1]
    text = f"{called(way[0])} {verdict(way)}"
    if (last.above.cell.size, last.begins) != (first.above.cell.size, first.begins):
        text += f"; {called(other[0])} {between(last.below, last.above, unit)}"
    return text


def _task_s(row: Summary) -> float:
    """Of all tasks together, divided by their number."""
    return (row.wall_s or 0.0) / row.cell.tasks


def _view(title: str, ways: Ways, source: PictureSource, width: int) -> dict[str, Any]:
    rows = [row for way in ways for row in way]
    cell = rows[0].cell
    called, unit = _called(ways), unit_of(cell.work)
    room = of.room_for_names(MAX_NAME_PX, width)
    names = of.unique_names([shortened(called(way[0]), room) for way in ways], room)
    lines = [
        Line(name, place, [_point(row) for row in way])
        for place, (name, way) in enumerate(zip(names, ways, strict=True))
    ]
    parts = [
        (number, way.index(each.below), way.index(each.above))
        for number, way in enumerate(ways)
        for each in crossings(way)
    ]
    workers = sorted({row.cell.workers for row in rows if row.cell.workers > 1})
    about = [cell.work, gettext("{count} tasks").format(count=cell.tasks)]
    if len(workers) == 1 and not several_workers(rows):
        about.append(gettext("{count} workers").format(count=workers[0]))
    about += [of.counted_cores(source.usable_cores)] if source.usable_cores else []
    failed = {
        replace(row.cell, size=0): row
        for row in source.rows
        if row.wall_s is None and (row.cell.work, row.cell.tasks) == (cell.work, cell.tasks)
    }
    notes = (
        gettext("{sentence}.").format(sentence=listed(about)),
        gettext("Time of all tasks / their number. Below the line of sequential work it pays."),
        gettext("Broad: from a size at which a way pays to one at which it does not, or back.") if parts else "",
        gettext("Upright lines: least and greatest time."),
        of.not_drawn(list(failed.values())),
        gettext("* too few rounds without a flag.") if any(row.flagged for row in rows) else "",
    )
    panel = SizesPanel(lines, parts, [verdict(way) if not way[0].is_baseline else "" for way in ways], unit, width)
    return {"title": heading(title, in_a_row(notes), width), **panel.spec()}


def _point(row: Summary) -> Point:
    assert row.wall is not None
    each = 1e3 / row.cell.tasks
    tooltip = {"time": milliseconds(_task_s(row)), "overall": of.with_interval(row.speedup)}
    wall = row.wall
    return Point(row.cell.size, each * wall.median_s, each * wall.least_s, each * wall.greatest_s, tooltip, row.flagged)
