"""The plot of the picture `warm-up`: a line for each cell, named at its left end, where the lines are apart."""

from collections.abc import Sequence
from typing import Any

from gil_lab.model.language import gettext
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import Text, leader_layers, text_layers
from gil_lab.report.drawing.lines import AXIS, Line, height_for, leaders, line_layers, value_axis, values
from gil_lab.report.drawing.picture import FAINT
from gil_lab.report.drawing.scales import Scale

BESIDE, COLUMN = 18, 40
"""Pixels: between names and plot, of the column of numbers."""
LEAST_HEIGHT = 200
TICKS, MANY = (0.5, 0.8, 1, 1.2, 1.5, 2, 3, 5, 10), range(2, 8)
"""Of a scale around 1, and how many of them do; another one has those of every logarithmic scale."""
TOOLTIP = of.tooltip(name="cell", number="pass", time="takes", times="times a later one")


def panel(curves: Sequence[Line], across: int) -> dict[str, Any]:
    """All curves in one plot, `across` pixels with all labels.

    The number of the pass to the right, its time in times of the later ones upwards.
    """
    points = [point for curve in curves for point in curve.points]
    scale = Scale.over([1.0, *(point.value for point in points)], [(point.low, point.high) for point in points])
    width = round(across - AXIS - BESIDE - COLUMN - max(text_width(each.name) for each in curves))
    height = round(height_for(len(curves), LEAST_HEIGHT))
    last = max(len(each.points) for each in curves)
    one = height * (1 - scale.share(1))
    around = [tick for tick in TICKS if scale.holds(tick)]
    ticks = around if len(around) in MANY else scale.ticks()
    title = gettext("times a later pass (logarithmic scale)")
    y, low = (value_axis(name, scale, title, ticks, orient="right") for name in ("y", "low"))
    ends = [(width / (2 * last), height * (1 - scale.share(scale.cut(each.points[0].value)))) for each in curves]
    lines, heights = leaders(ends, -BESIDE, height, left=True)
    placed = list(zip(curves, heights, strict=True))
    names = [Text(each.name, -BESIDE - COLUMN, at, "right", each.colour) for each, at in placed]
    numbers = [Text(number(each.points[0].value), -BESIDE, at, "right") for each, at in placed]
    return {
        "width": width,
        "height": height,
        "data": {"values": values(curves, scale, "name", "number")},
        "encoding": {"x": _x(last), "y": y},
        "layer": [
            *leader_layers([(0, one, width, one)], strokeDash=[3, 3]),
            *line_layers(curves, "name", low, TOOLTIP),
            *lines,
            *text_layers([*names, *numbers, Text(gettext("first"), -BESIDE, -9, "right", FAINT)]),
        ],
    }


def _x(last: int) -> dict[str, Any]:
    """Half a pass of room at both ends."""
    axis = {"title": gettext("pass"), "values": list(range(1, last + 1)), "format": "d", "grid": False}
    domain = {"domain": [0.5, last + 0.5], "nice": False}
    return {"field": "number", "type": "quantitative", "scale": domain, "axis": axis}
