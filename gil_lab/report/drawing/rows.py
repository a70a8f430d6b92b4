"""A view with a row for each cell: their names at the left, a scale below, numbers or words at the right."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import Layer, pixel
from gil_lab.report.drawing.picture import FAINT, INK

STEP, BAR, PADDING, LINE = 24, 12, 8, 11
"""Pixels: height of a row, of a bar, between a name and the plot, of one of two lines of a name."""
APART = 6
"""Pixels at least between two texts above a plot."""
Values = Sequence[Mapping[str, object]]


def names_width(names: Sequence[str]) -> float:
    """Pixels that the names of rows take, with what is between them and the plot."""
    return max(text_width(line) for name in names for line in name.split("\n")) + PADDING


@frozen
class Rows:
    """The plot of such a view; values name their row in the field `cell`."""

    names: Sequence[str]
    width: float
    scale: Mapping[str, object]
    axis: Mapping[str, object]
    """Of the scale below."""
    named: bool = True
    """Whether the names are shown; the right one of two panels shares those of the left one."""
    room: float = 0
    """Pixels of the names, if they are to be those of other plots, too."""
    step: int = STEP

    @property
    def height(self) -> int:
        return self.step * len(self.names)

    def x(self, name: str = "x") -> dict[str, Any]:
        return {"field": name, "type": "quantitative", "scale": self.scale, "axis": self.axis}

    def layer(self, values: Values, mark: Mapping[str, object], **encoding: object) -> list[Layer]:
        """Marks at the field `x` if the encoding says nothing else; no layer if there are no values."""
        if not values:
            return []
        return [{"data": {"values": list(values)}, "mark": dict(mark), "encoding": {"x": self.x(), **encoding}}]

    def line(self, at: float, **style: object) -> Layer:
        """From top to bottom."""
        mark = {"type": "rule", "color": FAINT, "tooltip": None, **style}
        ends = {"y": {"value": 0}, "y2": {"value": self.height}}
        return {"data": {"values": [{"x": at}]}, "mark": mark, "encoding": {"x": self.x(), **ends}}

    def words(self, at: float, texts: Mapping[str, str], **style: object) -> list[Layer]:
        """A text in each of some rows, so many pixels from the left."""
        values = [{"cell": name, "text": text} for name, text in texts.items() if text]
        mark = {"type": "text", "baseline": "middle", "color": INK, "tooltip": None, **style}
        channels = {"x": {"value": round(at, 1)}, "text": {"field": "text", "type": "nominal"}}
        return self.layer(values, mark, **channels)

    def spec(self, layers: Sequence[Layer]) -> Layer:
        size = {"width": round(self.width), "height": self.height}
        return {**size, "encoding": self._y(), "layer": list(layers)}

    def _y(self) -> dict[str, Any]:
        extent = round(self.room or names_width(self.names)) if self.named else 0
        two_lines = {"labelLineHeight": LINE, "labelOffset": -LINE / 2}
        axis = {
            "title": None,
            "labels": self.named,
            **(two_lines if any("\n" in name for name in self.names) else {}),
            "labelLimit": 2 * extent,  # as in the matrix: a browser's font may be wider than the one that was measured
            "labelPadding": PADDING,
            "minExtent": extent,
            "maxExtent": extent,
            "ticks": False,
            "domain": False,
            "grid": True,
            "gridColor": "#e8e8e8",
        }
        scale = {"type": "band", "domain": list(self.names)}
        return {"y": {"field": "cell", "type": "nominal", "scale": scale, "axis": axis}}


def over(texts: Sequence[tuple[float, str]], width: float) -> list[Layer]:
    """Names of lines, above a plot, centred at so many pixels from its left; in two heights if they are too close."""
    values = list[dict[str, object]]()
    end = -math.inf
    for at, text in sorted(texts):
        half = text_width(text) / 2
        middle = min(max(at, half), width)
        values.append({"x": round(middle, 1), "y": -7 if middle - half > end + APART else -19, "text": text})
        end = middle + half
    if not values:
        return []
    mark = {"type": "text", "color": FAINT, "baseline": "middle", "tooltip": None}
    channels = {"x": pixel("x"), "y": pixel("y"), "text": {"field": "text", "type": "nominal"}}
    return [{"data": {"values": values}, "mark": mark, "encoding": channels}]
