"""A panel over the number of workers: a line with points for each strategy, named at its end, and ideal lines."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import Layer, Text, as_given, leader_layers, text_layers
from gil_lab.report.drawing.picture import FAINT, WIDTH
from gil_lab.report.drawing.placement import stack
from gil_lab.report.drawing.rows import over
from gil_lab.report.drawing.scales import Scale

AXIS, BESIDE, GAP, REACH = 54, 16, 14, 5
"""Pixels: of the axis at the left with its title, from the plot to the names, between two names, half a mark."""
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
"""Colour, shape and dashes: each tells strategies apart by itself. After the last one it begins again, mixed anew."""
TOOLTIP = of.tooltip(
    strategy="strategy", workers="workers", wall="wall", same_form="against the same form", efficiency="efficiency"
)


@dataclass(frozen=True, slots=True)
class Point:
    """What is drawn of one cell."""

    workers: int
    value: float
    low: float | None
    high: float | None
    hollow: bool
    told: Mapping[str, object]
    """Under the mouse."""


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one strategy, by workers."""

    name: str
    number: int
    """Of its look."""
    points: Sequence[Point]

    @property
    def colour(self) -> str:
        return LOOKS[self.number % len(LOOKS)][0]

    @property
    def shape(self) -> str:
        return LOOKS[(self.number + self.number // len(LOOKS)) % len(LOOKS)][1]

    @property
    def dash(self) -> list[int]:
        return list(LOOKS[(self.number + 2 * (self.number // len(LOOKS))) % len(LOOKS)][2])


@dataclass(frozen=True, slots=True)
class Ideal:
    """A line that nobody measured, to compare with: from the fewest workers to the most."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Panel:
    """One plot; panels of one picture have the same workers and width, so that they stand exactly below each other."""

    title: str
    series: Sequence[Series]
    ideals: Sequence[Ideal]
    scale: Scale
    logarithmic: bool
    workers: Sequence[int]
    """All numbers of them, ascending."""
    names: float
    """Pixels that the longest name takes."""
    height: float
    cores: int | None
    last: bool
    """Whether the axis of workers is named below it."""

    @property
    def width(self) -> float:
        return round(WIDTH - AXIS - BESIDE - self.names)

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
        return {
            "width": self.width,
            "height": round(self.height),
            "data": {"values": [value for series in self.series for value in self._values(series)]},
            "encoding": {"x": self._x(), "y": self._y("y")},
            "layer": [
                *self._cores(),
                *leader_layers(
                    [
                        (*self._at(self.workers[0], one.begin), *self._at(self.workers[-1], one.end))
                        for one in self.ideals
                    ],
                    strokeDash=[3, 3],
                    strokeWidth=1,
                ),
                {
                    "mark": {"type": "rule", "opacity": 0.55, "tooltip": None},
                    "encoding": {"y": self._y("low"), "y2": {"field": "high"}, "color": as_given("colour")},
                },
                {
                    "mark": {"type": "line", "strokeWidth": 1.6, "tooltip": None},
                    "encoding": {
                        "color": self._look([each.colour for each in self.series]),
                        "strokeDash": self._look([each.dash for each in self.series]),
                    },
                },
                {
                    "mark": {"type": "point", "size": 55, "opacity": 1, "strokeWidth": 1.5},
                    "encoding": {
                        "shape": as_given("shape"),
                        "stroke": as_given("colour"),
                        "fill": as_given("fill"),
                        "tooltip": TOOLTIP,
                    },
                },
                *self._ends(),
            ],
        }

    def _values(self, series: Series) -> list[dict[str, object]]:
        return [
            {
                "strategy": series.name,
                "workers": point.workers,
                "y": of.rounded(point.value),
                "low": of.rounded(self.scale.cut(point.value if point.low is None else point.low)),
                "high": of.rounded(self.scale.cut(point.value if point.high is None else point.high)),
                "colour": series.colour,
                "shape": series.shape,
                "fill": "white" if point.hollow else series.colour,
                **point.told,
            }
            for point in series.points
        ]

    def _look(self, found: Sequence[object]) -> dict[str, object]:
        scale = {"domain": [each.name for each in self.series], "range": list(found)}
        return {"field": "strategy", "type": "nominal", "scale": scale, "legend": None}

    def _x(self) -> dict[str, Any]:
        """With a tick at each number of workers, of many at every second or third."""
        every = math.ceil(len(self.workers) / 10)
        return {
            "field": "workers",
            "type": "quantitative",
            "scale": {"type": "log", "base": 2, "domain": self._x_scale.domain, "nice": False},
            "axis": {
                "title": "workers (logarithmic scale)" if self.last else None,
                "values": list(self.workers[::every]),
                "format": "~f",
                "grid": False,
            },
        }

    def _y(self, name: str) -> dict[str, Any]:
        scale = {"type": "log" if self.logarithmic else "linear", "domain": self.scale.domain, "nice": False}
        ticks = {"values": self.scale.ticks()} if self.logarithmic else {"tickCount": 5}
        extent = AXIS - 22
        axis = {"title": self.title, **ticks, "format": "~f", "gridColor": "#ececec", "domain": False}
        extents = {"minExtent": extent, "maxExtent": extent}
        return {"field": name, "type": "quantitative", "scale": scale, "axis": {**axis, **extents}}

    def _cores(self) -> list[Layer]:
        """A line at the machine's cores, if that many workers are within the plot."""
        if self.cores is None or not self._x_scale.holds(self.cores):
            return []
        at = self.width * self._x_scale.share(self.cores)
        line = leader_layers([(at, 0, at, self.height)], strokeDash=[5, 3], strokeWidth=1)
        return [*line, *over([(at, of.counted_cores(self.cores))], self.width)]

    def _ends(self) -> list[Layer]:
        """The names beside the ends of the lines, and thin lines to those that had to move."""
        ends = [
            (each.name, each.colour, self._at(each.points[-1].workers, each.points[-1].value)) for each in self.series
        ]
        ends += [(each.name, FAINT, self._at(self.workers[-1], each.end)) for each in self.ideals]
        heights = stack([y for _, _, (_, y) in ends], GAP, 5, self.height - 5)
        column = self.width + BESIDE
        placed = list(zip(ends, heights, strict=True))
        lines = [(x + REACH, y, column - 3, height) for (_, _, (x, y)), height in placed]
        names = (Text(name, column, height, colour=colour) for (name, colour, _), height in placed)
        return [*leader_layers(lines, strokeWidth=0.6), *text_layers(names)]


def height_for(names: int, least: float) -> float:
    """Pixels of a panel that has room for so many names at its side."""
    return max(least, GAP * names)


def names_width(names: Sequence[str]) -> float:
    """Pixels of the column of names."""
    return max(map(text_width, names))
