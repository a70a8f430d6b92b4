"""Tasks in flight against cores busy: which strategies are concurrent, and which of those are parallel.

The picture of the lab. Regions are those of `gil_lab.analysis.verdicts.region`. Cells are labelled directly rather
than by a legend.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.language import gettext, in_a_row
from gil_lab.model.records import Cell
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.boxes import Box, around
from gil_lab.report.drawing.layers import Layer, Text, as_given, beside, leader_layers, pixel, text_layers
from gil_lab.report.drawing.map_labels import REACH, over_pythons, over_workers, spots
from gil_lab.report.drawing.map_titles import at
from gil_lab.report.drawing.map_titles import title as title_of
from gil_lab.report.drawing.picture import FAINT, WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.placement import place
from gil_lab.report.drawing.plane import AXIS, LOOKS, NAME_SIZE, Plane
from gil_lab.report.pictures.states import shares
from gil_lab.report.tables.results import by_workload

PLACE = 1

MARK_AREA = 110
"""Square pixels of a mark."""
TOOLTIP = of.tooltip(
    cell="strategy",
    workers="workers",
    in_flight="tasks in flight",
    busy="cores busy",
    verdict="verdict",
    running="running",
    ready="ready: waiting for a core",
    blocked="blocked: waiting for else",
    wall="wall",
    speedup="speed-up overall",
    same_form="against the same form",
)
MAX_LABELS = 50
"""That a place is looked for: a thousand would take hours, and cover the marks."""


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """A map for each kind of work. Raises NothingToDrawError if no cell has numbers."""
    groups = [(group, drawn) for group in by_workload(source.rows) if (drawn := list(filter(_has_a_place, group)))]
    if not groups:
        raise NothingToDrawError("no cell has numbers to draw; measure something first: gil-lab run cpu-bound")
    titles = [of.headline(group, partial(title_of, of.sound(drawn), group)) for group, drawn in groups]
    views = [_view(title, *group, source.usable_cores, width) for title, group in zip(titles, groups, strict=True)]
    return picture("map", titles, views)


def _has_a_place(summary: Summary) -> bool:
    return summary.in_flight is not None and summary.cores_busy is not None and summary.verdict is not None


def _view(
    title: str, group: Sequence[Summary], drawn: Sequence[Summary], cores: int | None, width: int
) -> dict[str, Any]:
    plane = Plane.of(list(map(at, drawn)), cores, width - AXIS)
    marks = [around(*plane.at(*at(each)), REACH) for each in drawn]
    lines, faint = over_workers(plane, drawn), over_pythons(plane, drawn)
    across = [(0.0, plane.y(cores), plane.width, plane.y(cores))] if cores is not None else []
    avoided = [*lines, *faint, *across]
    names = plane.named(marks, avoided)
    limits = _limits(plane, cores, [*marks, *names.values()])
    called = dict(zip((each.cell for each in drawn), of.labels(drawn, group, width), strict=True))
    wanted = spots(plane, drawn, group, called)
    placed = place(wanted[:MAX_LABELS], plane.box, [*names.values(), *limits.values(), *marks], avoided)
    placed += [None] * (len(wanted) - len(placed))
    lost = [spot.text for spot, label in zip(wanted, placed, strict=True) if label is None]
    notes = (of.not_drawn(group), of.named(gettext("Without a label: {names}."), lost), _beyond_regions(drawn))
    return {
        "title": heading(title, of.subtitle(group, cores, *notes), width),
        "width": plane.width,
        "height": plane.height,
        "layer": [
            *_regions(plane),
            *leader_layers(across, strokeDash=[5, 3], strokeWidth=1),
            *text_layers(Text(text, box.left, box.middle, colour=FAINT) for text, box in limits.items()),
            *text_layers(
                (
                    Text(gettext(verdict), box.left, box.middle, colour=LOOKS[verdict].colour)
                    for verdict, box in names.items()
                ),
                fontSize=NAME_SIZE,
                fontWeight="bold",
            ),
            *leader_layers(lines, color="#8a8a8a", strokeWidth=1.2),
            *leader_layers(faint, color="#8a8a8a", strokeWidth=1.2, strokeDash=[2, 3]),
            *beside(wanted, placed),
            _marks(plane, drawn, called),
        ],
    }


def _beyond_regions(drawn: Sequence[Summary]) -> str:
    """What those marks mean whose verdict is not that of the region that they lie in."""
    there = {each.verdict for each in drawn}
    meanings = {
        Verdict.ACROSS_MACHINES: gettext("Dark diamond: parallel across machines."),
        Verdict.SHORT_OF_CORES: gettext("Pale diamond: parallel, short of cores."),
        Verdict.INCONCLUSIVE: gettext("Cross: inconclusive, no core was left."),
    }
    return in_a_row(text for verdict, text in meanings.items() if verdict in there)


def _limits(plane: Plane, cores: int | None, taken: Sequence[Box]) -> dict[str, Box]:
    """What the line at the machine's cores is called, and where; empty if it is unknown how many there are."""
    return {} if cores is None else {(text := of.counted_cores(cores)): plane.limit(text, cores, taken)}


def _regions(plane: Plane) -> list[Layer]:
    """Faint grounds, with white between them so that they stay apart in black and white."""
    values = [
        {
            "x": round(region.left, 1),
            "x2": round(region.right, 1),
            "y": round(region.top, 1),
            "y2": round(region.bottom, 1),
            "colour": LOOKS[verdict].tint,
        }
        for verdict, region in plane.regions().items()
    ]
    encoding = {
        "x": pixel("x"),
        "x2": {"field": "x2"},
        "y": pixel("y"),
        "y2": {"field": "y2"},
        "color": as_given("colour"),
    }
    mark = {"type": "rect", "stroke": "white", "strokeWidth": 2, "tooltip": None}
    return [{"data": {"values": values}, "mark": mark, "encoding": encoding}]


def _marks(plane: Plane, drawn: Sequence[Summary], called: Mapping[Cell, str]) -> Layer:
    """One a cell, hollow if every round is flagged."""
    return {
        "data": {"values": [{"cell": called[each.cell], **_value(plane, each)} for each in drawn]},
        "mark": {"type": "point", "size": MARK_AREA, "opacity": 1},
        "encoding": {
            **plane.axes(),
            "shape": as_given("shape"),
            "stroke": as_given("stroke"),
            "strokeWidth": {"field": "edge", "type": "quantitative", "scale": None},
            "fill": as_given("fill"),
            "tooltip": TOOLTIP,
        },
    }


def _value(plane: Plane, summary: Summary) -> dict[str, object]:
    in_flight, busy = at(summary)
    look = LOOKS[summary.verdict or Verdict.ONE_AT_A_TIME]
    hollow = summary.flagged
    return {
        "workers": summary.cell.workers,
        "x": of.rounded(max(in_flight, plane.least)),
        "y": of.rounded(busy),
        "in_flight": number(in_flight),
        "busy": number(busy),
        "verdict": gettext(summary.verdict or Verdict.INCONCLUSIVE),
        **{state: of.percent(share) for state, share in shares(summary).items()},
        "wall": of.seconds(summary.wall_s),
        "speedup": of.with_interval(summary.speedup),
        "same_form": of.with_interval(summary.parallel_speedup),
        "shape": look.shape,
        "fill": "white" if hollow else look.colour,
        "stroke": look.colour if hollow else "white",
        "edge": 1.8 if hollow else 0.8,
    }
