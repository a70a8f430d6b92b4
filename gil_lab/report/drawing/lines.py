"""Lines with points and intervals, each with a look of its own, and names in a column beside the plot."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.layers import Layer, as_given, leader_layers
from gil_lab.report.drawing.placement import stack
from gil_lab.report.drawing.scales import Scale

AXIS, GAP, REACH = 62, 14, 5
"""Pixels: of the axis of the values with its title, between two names, half a mark."""
LOOKS = (
    ("#0b4f8a", "circle", (1, 0)),
    ("#b45309", "square", (6, 3)),
    ("#2e7d32", "triangle-up", (2, 2)),
    ("#7b3fa0", "diamond", (8, 3, 2, 3)),
    ("#8f1d1d", "cross", (10, 4)),
    ("#00737f", "triangle-down", (4, 2)),
    ("#555555", "triangle-right", (1, 3)),
    ("#8a6d00", "triangle-left", (3, 6)),
)
"""Colour, shape and dashes: each tells lines apart by itself. After the last one it begins again, mixed anew."""


@frozen
class Point:
    """What is drawn of one measurement."""

    x: float
    value: float
    low: float | None
    high: float | None
    tooltip: Mapping[str, object]
    hollow: bool = False


@frozen
class Line:
    """The points of what has one name, from left to right."""

    name: str
    number: int
    """Of its look."""
    points: Sequence[Point] = field(default=())
    family: int | None = None
    """Of several lines that share a colour, its number; the shapes and dashes are then those within it."""

    @property
    def colour(self) -> str:
        return LOOKS[(self.number if self.family is None else self.family) % len(LOOKS)][0]

    @property
    def shape(self) -> str:
        return LOOKS[(self.number + self.number // len(LOOKS)) % len(LOOKS)][1]

    @property
    def dash(self) -> list[int]:
        return list(LOOKS[(self.number + 2 * (self.number // len(LOOKS))) % len(LOOKS)][2])


def values(lines: Sequence[Line], scale: Scale, line: str, x: str) -> list[dict[str, object]]:
    """The data of the plot; `line` and `x` are what the fields of the name and of the place are called."""
    return [
        {
            line: each.name,
            x: point.x,
            "y": of.rounded(point.value),
            "low": of.rounded(scale.cut(point.value if point.low is None else point.low)),
            "high": of.rounded(scale.cut(point.value if point.high is None else point.high)),
            "colour": each.colour,
            "shape": each.shape,
            "fill": "white" if point.hollow else each.colour,
            **point.tooltip,
        }
        for each in lines
        for point in each.points
    ]


def line_layers(
    lines: Sequence[Line], line: str, low: Mapping[str, Any], tooltip: Sequence[Mapping[str, str]]
) -> list[Layer]:
    """Intervals, lines and points of the data of the plot; `low` is the channel of the lower ends."""

    def look(found: Sequence[object]) -> dict[str, object]:
        scale = {"domain": [each.name for each in lines], "range": list(found)}
        return {"field": line, "type": "nominal", "scale": scale, "legend": None}

    return [
        {
            "mark": {"type": "rule", "opacity": 0.55, "tooltip": None},
            "encoding": {"y": low, "y2": {"field": "high"}, "color": as_given("colour")},
        },
        {
            "mark": {"type": "line", "strokeWidth": 1.6, "tooltip": None},
            "encoding": {
                "color": look([each.colour for each in lines]),
                "strokeDash": look([each.dash for each in lines]),
            },
        },
        {
            "mark": {"type": "point", "size": 55, "opacity": 1, "strokeWidth": 1.5},
            "encoding": {
                "shape": as_given("shape"),
                "stroke": as_given("colour"),
                "fill": as_given("fill"),
                "tooltip": list(tooltip),
            },
        },
    ]


def value_axis(name: str, scale: Scale, title: str, ticks: Sequence[float], **axis: object) -> dict[str, Any]:
    """Upwards; a scale that begins above 0 is logarithmic."""
    extents = {"minExtent": AXIS - 22, "maxExtent": AXIS - 22}
    chosen = {"values": list(ticks)} if ticks else {"tickCount": 5}
    look = {"title": title, **chosen, "format": "~f", "gridColor": "#ececec", "domain": False, **extents, **axis}
    domain = {"type": "log" if scale.least > 0 else "linear", "domain": scale.domain, "nice": False}
    return {"field": name, "type": "quantitative", "scale": domain, "axis": look}


def leaders(
    ends: Sequence[tuple[float, float]], at: float, height: float, *, left: bool = False
) -> tuple[list[Layer], list[float]]:
    """Thin lines from the ends of lines to a column of names at `at` pixels, and the heights of these names."""
    heights = stack([y for _, y in ends], GAP, 5, height - 5)
    reach, to = (-REACH, at + 3) if left else (REACH, at - 3)
    return leader_layers(
        [(x + reach, y, to, h) for (x, y), h in zip(ends, heights, strict=True)], strokeWidth=0.6
    ), heights


def height_for(names: int, least: float) -> float:
    """Pixels of a plot that has room for so many names at its side."""
    return max(least, GAP * names)
