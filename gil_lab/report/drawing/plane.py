"""The plane of the map: where tasks in flight and cores busy lie on it, its regions, and where those are named."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from gil_lab.analysis.verdicts import HALF_A_CORE, MANY_IN_FLIGHT, MORE_THAN_A_CORE, Verdict
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext
from gil_lab.report.drawing.boxes import Box, Line, text_box
from gil_lab.report.drawing.cells import rounded
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.picture import RUNNING, WIDTH

AXIS, HEIGHT, MORE_HEIGHT = 46, 330, 400
"""Pixels: of the axis beside the plot, and of the plot's height, higher on a machine of many cores."""
NAME_SIZE, INSET = 12, 7
"""Pixels: of the font of a region's name, between a name and its region's edge."""
LEAST_IN_FLIGHT, LEAST_MOST = 0.7, 8.0
ROOM_RIGHT, ROOM_ABOVE, MORE_ROOM_ABOVE = 1.35, 1.14, 1.6
"""Right of the most tasks in flight, and above the machine's cores (more if it has many): for marks and labels."""
STRAIGHT = 5.0
"""Cores up to which the scale is linear: on a greater machine all but the parallel would be one thin strip."""
HALVES = 3
MAX_TICKS = 8


@frozen
class Look:
    """Shape and colour tell the verdicts apart, each by itself."""

    shape: str
    colour: str
    tint: str
    """Of its region; empty for a verdict that is no region of the map."""


LOOKS = {
    Verdict.ONE_AT_A_TIME: Look("circle", "#555555", "#f1f1f1"),
    Verdict.CONCURRENT: Look("triangle-up", "#b45309", "#fcf0de"),
    Verdict.WAITING: Look("square", "#7b3fa0", "#f4ecf8"),
    Verdict.PARALLEL: Look("diamond", RUNNING, "#e6f0f8"),
    Verdict.ACROSS_MACHINES: Look("diamond", "#0b4f8a", ""),
    Verdict.SHORT_OF_CORES: Look("diamond", "#6c8ebf", ""),
    Verdict.INCONCLUSIVE: Look("cross", "#999999", ""),
}


@frozen
class Plane:
    """The plot: tasks in flight from left to right (logarithmic), cores busy from bottom to top."""

    least: float
    """Tasks in flight at the left edge."""
    most: float
    busiest: float
    """Cores busy at the upper edge."""
    straight: bool
    """Whether the scale of cores busy is linear."""
    height: float
    width: float

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]], cores: int | None, width: float = WIDTH - AXIS) -> "Plane":
        """Wide enough for points (in flight, busy), for the cores, and for the name of each region."""
        most = ROOM_RIGHT * max(LEAST_MOST, *(in_flight for in_flight, _ in points))
        busiest = max(2, cores or 0, *(busy for _, busy in points))
        name = (text_width(Verdict.ONE_AT_A_TIME, NAME_SIZE, bold=True) + 2 * INSET) / width
        left = MANY_IN_FLIGHT * (MANY_IN_FLIGHT / most) ** (name / (1 - name))
        straight = busiest <= STRAIGHT
        room, height = (ROOM_ABOVE, HEIGHT) if straight else (MORE_ROOM_ABOVE, MORE_HEIGHT)
        return cls(min(LEAST_IN_FLIGHT, left), most, room * busiest, straight, height, width)

    def x(self, in_flight: float) -> float:
        """Pixels from the left; less than `least` is drawn at the edge."""
        return self.width * math.log(max(1, in_flight / self.least)) / math.log(self.most / self.least)

    def y(self, busy: float) -> float:
        """Pixels from the top."""
        share = busy / self.busiest if self.straight else math.log1p(busy) / math.log1p(self.busiest)
        return self.height * (1 - share)

    def at(self, in_flight: float, busy: float) -> tuple[float, float]:
        return self.x(in_flight), self.y(busy)

    @property
    def box(self) -> Box:
        return Box(0, 0, self.width, self.height)

    def axes(self) -> dict[str, Any]:
        """Encoding of points: the scales are those of `x` and `y`."""
        scale = {"type": "linear"} if self.straight else {"type": "symlog", "constant": 1}
        in_flight = gettext("tasks in flight on average (logarithmic scale)")
        busy = gettext("cores busy on average")
        if not self.straight:
            busy = gettext("cores busy on average (log-like scale)")
        return {
            "x": {
                "field": "x",
                "type": "quantitative",
                "scale": {"type": "log", "base": 2, "domain": [rounded(self.least), rounded(self.most)], "nice": False},
                "axis": {"title": in_flight, "values": _powers(self.most), "format": "~f", "grid": False},
            },
            "y": {
                "field": "y",
                "type": "quantitative",
                "scale": {**scale, "domain": [0, rounded(self.busiest)], "nice": False},
                "axis": {"title": busy, "values": self._ticks(), "format": "~f", "grid": False, "minExtent": 26},
            },
        }

    def _ticks(self) -> list[float]:
        if not self.straight:
            return [0, *_powers(self.busiest)]
        step = 0.5 if self.busiest < HALVES else 1
        return [step * count for count in range(int(self.busiest / step) + 1)]

    def regions(self) -> dict[Verdict, Box]:
        """Pixels of each region; those of `gil_lab.analysis.verdicts`."""
        wall, ceiling, floor = self.x(MANY_IN_FLIGHT), self.y(MORE_THAN_A_CORE), self.y(HALF_A_CORE)
        return {
            Verdict.PARALLEL: Box(0, 0, self.width, ceiling),
            Verdict.ONE_AT_A_TIME: Box(0, ceiling, wall, self.height),
            Verdict.CONCURRENT: Box(wall, ceiling, self.width, floor),
            Verdict.WAITING: Box(wall, floor, self.width, self.height),
        }

    def named(self, marks: Sequence[Box], lines: Sequence[Line]) -> dict[Verdict, Box]:
        """Where the regions' names stand: where no mark lies and, if possible, no line; else in the first corner."""
        found = {}
        for verdict, region in self.regions().items():
            places = list(_places(gettext(verdict), region))
            off_marks = [box for box in places if not any(map(box.overlaps, marks))] or places
            found[verdict] = next((box for box in off_marks if not any(map(box.crossed, lines))), off_marks[0])
        return found

    def limit(self, text: str, cores: int, taken: Sequence[Box]) -> Box:
        """Where the line at the machine's cores is named: where nothing taken lies, above it if possible."""
        size, at = text_box(text, 0, 0), self.y(cores)
        half = (size.bottom - size.top) / 2 + 1
        places = [
            text_box(text, left, height)
            for height in (at - half, at + half)
            for left in (self.width - size.right - INSET, INSET, *(self.width * part / 8 for part in range(1, 7)))
        ]
        return next((box for box in places if not any(map(box.overlaps, taken))), places[0])


def _places(name: str, region: Box) -> Iterator[Box]:
    """Where a name may stand in its region: in the upper left corner, in another one, in between."""
    size = text_box(name, 0, 0, NAME_SIZE, bold=True)
    half = (size.bottom - size.top) / 2
    first, last = region.left + INSET, region.right - INSET - size.right
    heights = (region.top + INSET + half - 2, region.bottom - INSET - half + 4, region.middle)
    for part in (0, 1, 0.5, 0.25, 0.75, 0.125, 0.875, 0.375, 0.625):
        for height in heights:
            yield text_box(name, first + part * max(0, last - first), height, NAME_SIZE, bold=True)


def _powers(most: float) -> list[float]:
    """1, 2, 4 and so on, of many every second or third."""
    count = int(math.log2(most)) + 1
    return [float(2**power) for power in range(0, count, math.ceil(count / MAX_TICKS))]
