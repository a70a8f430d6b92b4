"""A panel over the number of workers: a line with points for each strategy, named at its end, and ideal lines."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import Layer, Text, leader_layers, text_layers
from gil_lab.report.drawing.lines import AXIS, Line, leaders, line_layers, value_axis, values
from gil_lab.report.drawing.picture import FAINT
from gil_lab.report.drawing.rows import over
from gil_lab.report.drawing.scales import Scale

BESIDE = 16
"""Pixels from the plot to the names."""
TOOLTIP = of.tooltip(
    strategy="strategy", workers="workers", wall="wall", same_form="against the same form", efficiency="efficiency"
)


@frozen
class Ideal:
    """A line to compare with, not measured: from the fewest workers to the most."""

    name: str
    begin: float
    end: float


@frozen
class Curve:
    """What a law says of one line: broad and pale behind it, so that points beside it are seen."""

    colour: str
    points: Sequence[tuple[float, float]]
    """Workers and value, from left to right."""


@frozen
class ScalingPanel:
    """One plot; panels of one picture have the same workers and width, so that they stand exactly below each other."""

    title: str
    series: Sequence[Line]
    ideals: Sequence[Ideal]
    curves: Sequence[Curve]
    scale: Scale
    logarithmic: bool
    workers: Sequence[int]
    """All numbers of them, ascending."""
    names: float
    """Pixels that the longest name takes."""
    across: int
    """Pixels with all labels."""
    height: float
    cores: int | None
    last: bool
    """Whether the axis of workers is named below it."""

    @property
    def width(self) -> float:
        return round(self.across - AXIS - BESIDE - self.names)

    @property
    def cut(self) -> bool:
        """Whether an interval leaves the plot."""
        ends = [end for each in self.series for point in each.points for end in (point.low, point.high)]
        return any(end is not None and not self.scale.holds(end) for end in ends)

    @property
    def _x_scale(self) -> Scale:
        return Scale(self.workers[0] / 1.12, self.workers[-1] * 1.12)

    def _at(self, workers: float, value: float) -> tuple[float, float]:
        scale = self.scale
        share = scale.share(value) if self.logarithmic else (value - scale.least) / (scale.most - scale.least)
        return self.width * self._x_scale.share(workers), self.height * (1 - share)

    def spec(self) -> Layer:
        ticks = self.scale.ticks() if self.logarithmic else []
        low, y = (value_axis(name, self.scale, self.title, ticks) for name in ("low", "y"))
        first, last = self.workers[0], self.workers[-1]
        ideals = [(*self._at(first, one.begin), *self._at(last, one.end)) for one in self.ideals]
        return {
            "width": self.width,
            "height": round(self.height),
            "data": {"values": values(self.series, self.scale, "strategy", "workers")},
            "encoding": {"x": self._x(), "y": y},
            "layer": [
                *self._cores(),
                *(layer for curve in self.curves for layer in self._curve(curve)),
                *leader_layers(ideals, strokeDash=[3, 3], strokeWidth=1),
                *line_layers(self.series, "strategy", low, TOOLTIP),
                *self._ends(),
            ],
        }

    def _curve(self, curve: Curve) -> list[Layer]:
        spots = [self._at(workers, self.scale.cut(value)) for workers, value in curve.points]
        pieces = ((*begin, *end) for begin, end in pairwise(spots))
        return leader_layers(pieces, color=curve.colour, strokeWidth=6, opacity=0.2)

    def _x(self) -> dict[str, Any]:
        """With a tick at each number of workers, of many at every second or third."""
        every = math.ceil(len(self.workers) / 10)
        return {
            "field": "workers",
            "type": "quantitative",
            "scale": {"type": "log", "base": 2, "domain": self._x_scale.domain, "nice": False},
            "axis": {
                "title": gettext("workers (logarithmic scale)") if self.last else None,
                "values": list(self.workers[::every]),
                "format": "~f",
                "grid": False,
            },
        }

    def _cores(self) -> list[Layer]:
        """A line at the machine's cores, if that many workers are within the plot."""
        if self.cores is None or not self._x_scale.holds(self.cores):
            return []
        at = self.width * self._x_scale.share(self.cores)
        line = leader_layers([(at, 0, at, self.height)], strokeDash=[5, 3], strokeWidth=1)
        return [*line, *over([(at, of.counted_cores(self.cores))], self.width)]

    def _ends(self) -> list[Layer]:
        """The names beside the ends of the lines."""
        ends = [self._at(each.points[-1].x, each.points[-1].value) for each in self.series]
        ends += [self._at(self.workers[-1], each.end) for each in self.ideals]
        named = [(each.name, each.colour) for each in self.series] + [(each.name, FAINT) for each in self.ideals]
        column = self.width + BESIDE
        layers, heights = leaders(ends, column, self.height)
        texts = zip(named, heights, strict=True)
        return [*layers, *text_layers(Text(name, column, y, colour=colour) for (name, colour), y in texts)]


def names_width(names: Sequence[str]) -> float:
    """Pixels of the column of names."""
    return max(map(text_width, names))
