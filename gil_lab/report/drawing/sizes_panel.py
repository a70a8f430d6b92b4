"""A panel over the size of a task, both scales logarithmic: a line for each way of running, named at its end."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import Layer, Text, as_given, text_layers
from gil_lab.report.drawing.lines import AXIS, Line, height_for, leaders, line_layers, value_axis, values
from gil_lab.report.drawing.scales import Scale

BESIDE, LEAST_HEIGHT = 16, 280
"""Pixels: from the plot to the names, of the plot."""
BROAD = 7
"""Pixels of the part of a line in which it crosses."""
TOOLTIP = of.tooltip(way="way", size="size", time="time of a task", overall="speed-up overall")


@frozen
class SizesPanel:
    lines: Sequence[Line]
    crossing: Sequence[tuple[int, int, int]]
    """Parts of lines: number of the line, and of its first and last point."""
    verdicts: Sequence[str]
    """What is known of each line, under the mouse."""
    unit: str
    across: int
    """Pixels with all labels."""

    @property
    def sizes(self) -> list[float]:
        """All of them, ascending."""
        return sorted({point.x for line in self.lines for point in line.points})

    @property
    def width(self) -> float:
        return round(self.across - AXIS - BESIDE - max(text_width(line.name) for line in self.lines))

    @property
    def height(self) -> float:
        return height_for(len(self.lines), LEAST_HEIGHT)

    @property
    def scale(self) -> Scale:
        points = [point for line in self.lines for point in line.points]
        return Scale.over([point.value for point in points], [(point.low, point.high) for point in points])

    @property
    def _x_scale(self) -> Scale:
        room = (self.sizes[-1] / self.sizes[0]) ** 0.02
        return Scale(self.sizes[0] / room, self.sizes[-1] * room)

    def _at(self, size: float, value: float) -> tuple[float, float]:
        return self.width * self._x_scale.share(size), self.height * (1 - self.scale.share(value))

    def spec(self) -> Layer:
        low, y = (
            value_axis(name, self.scale, gettext("ms a task (logarithmic)"), self.scale.ticks())
            for name in ("low", "y")
        )
        ends = [self._at(line.points[-1].x, line.points[-1].value) for line in self.lines]
        column = self.width + BESIDE
        thin, heights = leaders(ends, column, self.height)
        names = [Text(line.name, column, at, colour=line.colour) for line, at in zip(self.lines, heights, strict=True)]
        return {
            "width": self.width,
            "height": round(self.height),
            "data": {"values": values(self.lines, self.scale, "way", "size")},
            "encoding": {"x": self._x(), "y": y},
            "layer": [
                *self._broad(),
                *line_layers(self.lines, "way", low, TOOLTIP),
                *thin,
                *text_layers(names),
            ],
        }

    def _x(self) -> dict[str, Any]:
        return {
            "field": "size",
            "type": "quantitative",
            "scale": {"type": "log", "domain": self._x_scale.domain, "nice": False},
            "axis": {
                "title": gettext("size of a task, {unit} (logarithmic scale)").format(unit=gettext(self.unit))
                if self.unit
                else gettext("size of a task (logarithmic scale)"),
                "values": self.sizes,
                "format": "~s",
                "grid": False,
                "labelOverlap": "greedy",
                "labelSeparation": 3,
            },
        }

    def _broad(self) -> list[Layer]:
        """Parts of lines, in the colour of each."""
        found = list[dict[str, object]]()
        for number, first, last in self.crossing:
            line = self.lines[number]
            ends = [line.points[place] for place in range(first, last + 1)]
            for one, other in pairwise(ends):
                begin, end = self._at(one.x, one.value), self._at(other.x, other.value)
                place = dict(zip(("x", "y", "x2", "y2"), (round(at, 1) for at in (*begin, *end)), strict=True))
                found.append({**place, "colour": line.colour, "verdict": f"{line.name}: {self.verdicts[number]}"})
        if not found:
            return []
        channels = {name: {"field": name, "type": "quantitative", "scale": None} for name in ("x", "y")}
        return [
            {
                "data": {"values": found},
                "mark": {"type": "rule", "strokeWidth": BROAD, "opacity": 0.3, "strokeCap": "butt"},
                "encoding": {
                    **channels,
                    "x2": {"field": "x2"},
                    "y2": {"field": "y2"},
                    "color": as_given("colour"),
                    "tooltip": of.tooltip(verdict="break-even")[0],
                },
            }
        ]
