"""The plot of the picture `cores`: rows of rectangles along one axis of time, in blocks that each have a headline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from gil_lab.analysis.core_series import CoreSeries, Interval, joined
from gil_lab.report.pictures import FAINT, RUNNING
from gil_lab.report.pictures.panels import rounded

WIDTH = 578
HEADLINE, BELOW, APART = 17, 9, 3
"""Pixels: above the rows of a block, below them, and above a row that is told apart."""
HEIGHTS = ((6, 14), (20, 8), (10**6, 4))
"""Up to that many rows in a block: the pixels of each."""
LEAST_FRAMED = 8
"""Lower rows have one frame together."""
LABEL_HEIGHT = 12
MOST_ROWS = 64
"""For the cores of one cell; on a larger machine a row is several neighbours."""
LEAST_INTERVALS = 4
FRAME = "#b0b0b0"
WORTH_A_ROW = 0.005
"""Cores' worth of stolen time."""
COLOUR = {
    "field": "busy",
    "type": "quantitative",
    # from white in a straight line: the other ways between two colours lead over a third one
    "scale": {"domain": [0, 100], "range": ["#ffffff", RUNNING], "interpolate": "rgb", "clamp": True},
    "legend": {
        "title": "busy, % of a core",
        "orient": "top",
        "titleOrient": "left",
        "direction": "horizontal",
        "gradientLength": 160,
        "gradientThickness": 10,
        "gradientStrokeColor": FRAME,
        "gradientStrokeWidth": 0.5,
        "offset": 4,
        "values": [0, 50, 100],
    },
}
TOOLTIP = [
    {"field": "row", "type": "nominal", "title": "what"},
    {"field": "begin", "type": "nominal", "title": "from, s"},
    {"field": "end", "type": "nominal", "title": "to, s"},
    {"field": "busy", "type": "nominal", "title": "busy, % of a core"},
]
TIME_AXIS = {
    "title": None,
    "labelExpr": "format(datum.value, '~r') + ' s'",
    "labelFlush": True,
    "tickCount": 6,
    "grid": False,
    "domainColor": FAINT,
}


@dataclass(frozen=True, slots=True)
class Row:
    """Something that was busy: in cores' worth, one value an interval."""

    label: str
    values: tuple[float, ...]
    apart: bool = False


def rows(series: CoreSeries, most: int) -> tuple[list[Row], list[Interval]]:
    """The rows of one cell: its cores, the others and, if there was any, what the hypervisor stole.

    About `most` values in all: on long passes and large machines neighbours become one, by their mean.
    """
    cores = len(series.intervals[0].busy)
    block = ceil(cores / MOST_ROWS)
    step = ceil(len(series.intervals) / max(LEAST_INTERVALS, most // (ceil(cores / block) + 1)))
    intervals = [joined(series.intervals[first : first + step]) for first in range(0, len(series.intervals), step)]
    made = []
    for first in range(0, cores, block):
        last = min(first + block, cores) - 1
        label = f"core {first}" if first == last else f"{first}-{last}"
        blocks = (interval.busy[first : last + 1] for interval in intervals)
        made.append(Row(label, tuple(sum(busy) / len(busy) for busy in blocks)))
    made.append(Row("others", tuple(interval.others for interval in intervals), apart=True))
    stolen = tuple(sum(interval.steal) for interval in intervals)
    return [*made, *([Row("steal", stolen, apart=True)] if max(stolen) >= WORTH_A_ROW else [])], intervals


class HeatMap:
    """Blocks below each other. Vertical places are pixels, so that blocks may differ in the height of their rows."""

    def __init__(self) -> None:
        self._height = 0
        self._rectangles: list[dict[str, Any]] = []
        self._frames: list[dict[str, Any]] = []
        self._headlines: list[dict[str, Any]] = []
        self._labels: list[dict[str, Any]] = []

    def add(self, headline: str, block: Sequence[Row], intervals: Sequence[Interval]) -> None:
        self._headlines.append({"y": self._height + HEADLINE / 2, "text": headline})
        self._height += HEADLINE
        low = next(height for most, height in HEIGHTS if len(block) <= most)
        whole = _times(intervals[0].begin_s, intervals[-1].end_s)
        for number, row in enumerate(block):
            height = max(low, LABEL_HEIGHT) if row.apart else low
            self._height += APART * row.apart
            if row.apart or number % ceil(LABEL_HEIGHT / low) == 0:
                self._labels.append({"y": self._height + height / 2, "text": row.label})
            place = {"top": self._height, "bottom": self._height + height}
            if number == 0 or row.apart or low >= LEAST_FRAMED:
                self._frames.append(place | whole)
            else:
                self._frames[-1]["bottom"] = place["bottom"]
            self._rectangles += [
                place | _times(interval.begin_s, interval.end_s) | {"busy": rounded(100 * value), "row": row.label}
                for interval, value in zip(intervals, row.values, strict=True)
            ]
            self._height += height
        self._height += BELOW

    def spec(self) -> dict[str, Any]:
        return {"width": WIDTH, "height": self._height, "layer": list(self._layers())}

    def _layers(self) -> Iterator[dict[str, Any]]:
        end_s = max(frame["end"] for frame in self._frames)
        places = {"domain": [0, self._height], "nice": False, "reverse": True}
        vertical = {"type": "quantitative", "axis": None, "scale": places}
        times = {"type": "quantitative", "scale": {"domain": [0, end_s], "nice": False}, "axis": TIME_AXIS}
        rectangle = {
            "x": {"field": "begin", **times},
            "x2": {"field": "end"},
            "y": {"field": "top", **vertical},
            "y2": {"field": "bottom"},
        }
        yield {
            "data": {"values": self._rectangles},
            "mark": {"type": "rect", "x2Offset": 0.5},  # no seams: each is painted over the edge of the one before
            "encoding": {**rectangle, "color": COLOUR, "tooltip": TOOLTIP},
        }
        yield {
            "data": {"values": self._frames},
            "mark": {"type": "rect", "filled": False, "stroke": FRAME, "strokeWidth": 0.5},
            "encoding": rectangle,
        }
        for texts, x, style in (
            (self._headlines, 0, {"align": "left", "fontWeight": "bold", "fontSize": 12, "limit": WIDTH}),
            (self._labels, -5, {"align": "right"}),
        ):
            yield {
                "data": {"values": texts},
                "mark": {"type": "text", **style},
                "encoding": {"x": {"value": x}, "y": {"field": "y", **vertical}, "text": {"field": "text"}},
            }


def _times(begin_s: float, end_s: float) -> dict[str, float]:
    return {"begin": rounded(begin_s), "end": rounded(end_s)}
