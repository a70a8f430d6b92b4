"""The plot of the picture `warm-up`: a line for each cell, called at its left end, where the lines are apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gil_lab.analysis.warm_up import Nth
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import Layer, Text, as_given, leader_layers, text_layers
from gil_lab.report.drawing.picture import FAINT, WIDTH
from gil_lab.report.drawing.placement import stack
from gil_lab.report.drawing.scales import Scale
from gil_lab.report.drawing.scaling_panels import GAP, LOOKS, REACH, height_for
from gil_lab.report.text.sentences import milliseconds

MOST_PASSES = 12
"""That are drawn: where a curve is not flat by then, a longer one does not become clearer."""
AXIS, BESIDE, COLUMN = 52, 18, 40
"""Pixels: of the axis at the right with its title, between names and plot, of the column of numbers."""
LEAST_HEIGHT = 200
TICKS, MANY = (0.5, 0.8, 1, 1.2, 1.5, 2, 3, 5, 10), range(2, 8)
"""Of a scale around 1, and how many of them do; another one has those of every logarithmic scale."""
TOOLTIP = of.tooltip(name="cell", number="pass", time="takes", times="times a later one")


@dataclass(frozen=True, slots=True)
class Curve:
    """The line of one cell."""

    name: str
    place: int
    """Of its look."""
    passes: Sequence[Nth]
    later_s: float

    @property
    def colour(self) -> str:
        return LOOKS[self.place % len(LOOKS)][0]

    @property
    def shape(self) -> str:
        return LOOKS[(self.place + self.place // len(LOOKS)) % len(LOOKS)][1]

    @property
    def dash(self) -> list[int]:
        return list(LOOKS[(self.place + 2 * (self.place // len(LOOKS))) % len(LOOKS)][2])


def panel(curves: Sequence[Curve]) -> dict[str, Any]:
    """All curves in one plot: the number of the pass to the right, its time in times of the later ones upwards."""
    scale = Scale.over(
        [1.0, *(each.median for curve in curves for each in curve.passes)],
        [(each.least, each.most) for curve in curves for each in curve.passes],
    )
    width = round(WIDTH - AXIS - BESIDE - COLUMN - max(text_width(each.name) for each in curves))
    height = round(height_for(len(curves), LEAST_HEIGHT))
    last = max(len(each.passes) for each in curves)
    y = _y("y", scale)
    colours, dashes = _looks(curves)
    return {
        "width": width,
        "height": height,
        "data": {"values": [value for curve in curves for value in _values(curve, scale)]},
        "encoding": {"x": _x(last), "y": y},
        "layer": [
            *leader_layers([(0, at, width, at) for at in [height * (1 - scale.share(1))]], strokeDash=[3, 3]),
            {
                "mark": {"type": "rule", "opacity": 0.45, "tooltip": None},
                "encoding": {"y": _y("low", scale), "y2": {"field": "high"}, "color": as_given("colour")},
            },
            {
                "mark": {"type": "line", "strokeWidth": 1.6, "tooltip": None},
                "encoding": {"color": colours, "strokeDash": dashes},
            },
            {
                "mark": {"type": "point", "size": 45, "opacity": 1, "filled": True},
                "encoding": {"shape": as_given("shape"), "color": as_given("colour"), "tooltip": TOOLTIP},
            },
            *_names(curves, scale, height, width / (2 * last)),
        ],
    }


def _values(curve: Curve, scale: Scale) -> list[dict[str, object]]:
    look = {"colour": curve.colour, "shape": curve.shape}
    return [
        {
            "name": curve.name,
            "number": each.number,
            "y": of.rounded(each.median),
            "low": of.rounded(scale.cut(each.least)),
            "high": of.rounded(scale.cut(each.most)),
            "time": milliseconds(each.median * curve.later_s),
            "times": number(each.median),
            **look,
        }
        for each in curve.passes
    ]


def _looks(curves: Sequence[Curve]) -> tuple[Layer, Layer]:
    """Colours and dashes by name: a line is what has one name."""
    names = [each.name for each in curves]
    ranges: tuple[list[object], list[object]] = ([each.colour for each in curves], [each.dash for each in curves])
    colours, dashes = (
        {"field": "name", "type": "nominal", "scale": {"domain": names, "range": one}, "legend": None} for one in ranges
    )
    return colours, dashes


def _x(last: int) -> dict[str, Any]:
    """Half a pass of room at both ends."""
    axis = {"title": "pass", "values": list(range(1, last + 1)), "format": "d", "grid": False}
    domain = {"domain": [0.5, last + 0.5], "nice": False}
    return {"field": "number", "type": "quantitative", "scale": domain, "axis": axis}


def _y(name: str, scale: Scale) -> dict[str, Any]:
    axis = {
        "title": "times a later pass (logarithmic scale)",
        "values": _ticks(scale),
        "format": "~f",
        "orient": "right",
        "gridColor": "#ececec",
        "domain": False,
        "minExtent": AXIS - 22,
        "maxExtent": AXIS - 22,
    }
    domain = {"type": "log", "domain": scale.domain, "nice": False}
    return {"field": name, "type": "quantitative", "scale": domain, "axis": axis}


def _ticks(scale: Scale) -> list[float]:
    found = [tick for tick in TICKS if scale.holds(tick)]
    return found if len(found) in MANY else scale.ticks()


def _names(curves: Sequence[Curve], scale: Scale, height: float, first: float) -> list[Layer]:
    """At the left of the first points, which are `first` pixels within the plot, with the numbers of these."""
    wanted = [height * (1 - scale.share(scale.cut(each.passes[0].median))) for each in curves]
    heights = stack(wanted, GAP, 5, height - 5)
    placed = list(zip(curves, wanted, heights, strict=True))
    lines = [(-BESIDE + 3, at, first - REACH, y) for _, y, at in placed]
    names = [Text(each.name, -BESIDE - COLUMN, at, "right", each.colour) for each, _, at in placed]
    numbers = [Text(number(each.passes[0].median), -BESIDE, at, "right") for each, _, at in placed]
    over = [Text("first", -BESIDE, -9, "right", FAINT)]
    return [*leader_layers(lines, strokeWidth=0.6), *text_layers([*names, *numbers, *over])]
