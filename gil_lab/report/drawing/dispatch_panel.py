"""A panel over the length of a task: what it takes all in all, a line a chunk, and the lines where that pays."""

from collections.abc import Sequence
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.layers import Layer, Text, leader_layers, text_layers
from gil_lab.report.drawing.lines import Line, leaders, line_layers, value_axis, values
from gil_lab.report.drawing.picture import FAINT
from gil_lab.report.drawing.scales import Scale

AXIS, LABELS, BESIDE = 64, 42, 16
"""Pixels: of the axis of what a task takes with its title, of the labels alone, from the plot to the names."""
ABOVE_AXIS, BESIDE_RULE, NEAR = 8, 4, 50
"""Pixels of the length from which on a chunk pays: from the axis, from its rule, to the next one at least."""
IN_SECONDS = {"format": "~s", "labelExpr": "datum.label + 's'"}
"""`10µs`, `1ms`: numbers with the prefixes of the SI."""
TOOLTIP = of.tooltip(line="handed over", work="work of a task", task="a task takes", gain="against sequential")


@frozen
class Diagonal:
    """What a task would take: so many times its work."""

    name: str
    times: float


@frozen
class Mark:
    """Where a line falls below the one of sequential work."""

    work_s: float
    text: str
    colour: str


@frozen
class DispatchPanel:
    """One plot; panels of one picture have the same scales and width, so that they can be compared."""

    title: str
    lines: Sequence[Line]
    curves: Sequence[Sequence[tuple[float, float]]]
    """Of each line: the lengths, and what a task takes, close enough to be drawn as a curve."""
    diagonals: Sequence[Diagonal]
    marks: Sequence[Mark]
    """From left to right."""
    lengths: Scale
    taken: Scale
    names: float
    """Pixels that the longest name takes."""
    across: int
    """Pixels with all labels."""
    height: float
    last: bool
    """Whether the axis of lengths is named below it."""

    @property
    def width(self) -> float:
        return round(self.across - AXIS - BESIDE - self.names)

    def _at(self, work_s: float, task_s: float) -> tuple[float, float]:
        return self.width * self.lengths.share(work_s), self.height * (1 - self.taken.share(task_s))

    def spec(self) -> Layer:
        look = {**IN_SECONDS, "minExtent": LABELS, "maxExtent": LABELS}
        low, y = (value_axis(name, self.taken, self.title, self.taken.ticks(), **look) for name in ("low", "y"))
        rules, curves, points = line_layers(self.lines, "line", low, TOOLTIP)
        return {
            "width": self.width,
            "height": round(self.height),
            "data": {"values": values(self.lines, self.taken, "line", "work_s")},
            "encoding": {"x": self._x(), "y": y},
            "layer": [
                *leader_layers(map(self._diagonal, self.diagonals), strokeDash=[3, 3], strokeWidth=1),
                *self._marks(),
                rules,
                {**curves, "data": {"values": self._curves()}},
                points,
                *self._ends(),
            ],
        }

    def _x(self) -> dict[str, Any]:
        title = gettext("work of a task, as sequential takes it (logarithmic scale)") if self.last else None
        axis = {"title": title, "values": self.lengths.ticks(), "grid": False, **IN_SECONDS}
        scale = {"type": "log", "domain": self.lengths.domain, "nice": False}
        return {"field": "work_s", "type": "quantitative", "scale": scale, "axis": axis}

    def _diagonal(self, one: Diagonal) -> tuple[float, float, float, float]:
        """As much of it as lies within the plot."""
        first = max(self.lengths.least, self.taken.least / one.times)
        last = min(self.lengths.most, self.taken.most / one.times)
        return (*self._at(first, one.times * first), *self._at(last, one.times * last))

    def _curves(self) -> list[dict[str, object]]:
        return [
            {"line": line.name, "work_s": of.rounded(work_s), "y": of.rounded(task_s)}
            for line, curve in zip(self.lines, self.curves, strict=True)
            for work_s, task_s in curve
        ]

    def _marks(self) -> list[Layer]:
        """A rule from the line of sequential work down to the axis, with the length beside it."""
        found: list[Layer] = []
        places = [self._at(one.work_s, one.work_s) for one in self.marks]
        following = [*(x for x, _ in places[1:]), self.width + NEAR]
        for one, (x, y), next_x in zip(self.marks, places, following, strict=False):
            found += leader_layers([(x, y, x, self.height)], color=one.colour, strokeWidth=1, strokeDash=[2, 2])
            side, align = (BESIDE_RULE, "left") if next_x - x >= NEAR else (-BESIDE_RULE, "right")
            found += text_layers([Text(one.text, x + side, self.height - ABOVE_AXIS, align, one.colour)])
        return found

    def _ends(self) -> list[Layer]:
        """The names beside the ends of the lines."""
        ends = [self._at(each.points[-1].x, each.points[-1].value) for each in self.lines]
        ends += [self._diagonal(one)[2:] for one in self.diagonals]
        named = [(each.name, each.colour) for each in self.lines] + [(each.name, FAINT) for each in self.diagonals]
        column = self.width + BESIDE
        layers, heights = leaders(ends, column, self.height)
        texts = zip(named, heights, strict=True)
        return [*layers, *text_layers(Text(name, column, y, colour=colour) for (name, colour), y in texts)]
