"""The plot of the picture `cores`: for each cell a row a core, then one for others, along one axis of time."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from gil_lab.analysis.core_series import CoreSeries, Interval, joined
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop
from gil_lab.report.drawing.labels import wrapped
from gil_lab.report.drawing.panels import rounded
from gil_lab.report.drawing.picture import FAINT, RUNNING

MARGIN, BESIDE, HEADING_SIZE = 36, 26, 12
"""Pixels: of the names of the rows, of what else stands beside the plot, of the font of a cell's heading."""
HEIGHTS = ((6, 14), (20, 8), (10**6, 4))
"""Up to that many rows: the pixels of each."""
LABEL_HEIGHT, LEAST_FRAMED = 12, 8
"""Pixels: of a name, and of the lowest row with a frame of its own."""
MAX_ROWS = 64
"""For the cores of one cell; on a larger machine a row is several neighbours."""
LEAST_INTERVALS = 4
TICK = 90
"""Pixels at least from one tick of time to the next."""
FRAME = "#b0b0b0"
WORTH_A_ROW = 0.005
"""Cores' worth of stolen time."""
COLOUR = {
    "field": "busy",
    "type": "quantitative",
    # from white in a straight line: the other ways between two colours lead over a third one
    "scale": {"domain": [0, 100], "range": ["#ffffff", RUNNING], "interpolate": "rgb", "clamp": True},
    "legend": {
        "title": gettext_noop("busy, % of a core"),
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
    {"field": "row", "type": "nominal", "title": gettext_noop("what")},
    {"field": "begin", "type": "nominal", "title": gettext_noop("from, s")},
    {"field": "end", "type": "nominal", "title": gettext_noop("to, s")},
    {"field": "busy", "type": "nominal", "title": gettext_noop("busy, % of a core")},
]
Axis = Mapping[str, object] | None
TIME_AXIS = {
    "title": None,
    "labelExpr": "format(datum.value, '~r') + ' s'",
    "labelFlush": True,
    "offset": 3,
    "grid": False,
    "domainColor": FAINT,
}


@frozen
class CellHeat:
    """How busy the rows of one cell were, in cores' worth, one value an interval."""

    headline: str
    intervals: Sequence[Interval]
    cores: dict[str, list[float]]
    others: dict[str, list[float]]
    """What is known for all cores together: the time of others and, if there was any, what the hypervisor stole."""

    @classmethod
    def of(cls, headline: str, series: CoreSeries, most: int) -> "CellHeat":
        """About `most` values in all: on long passes and large machines neighbours become one, by their mean."""
        cores = len(series.intervals[0].busy)
        block = ceil(cores / MAX_ROWS)
        step = ceil(len(series.intervals) / max(LEAST_INTERVALS, most // (ceil(cores / block) + 1)))
        intervals = [joined(series.intervals[first : first + step]) for first in range(0, len(series.intervals), step)]
        rows = {}
        for first in range(0, cores, block):
            last = min(first + block, cores) - 1
            label = gettext("core {core}").format(core=first) if first == last else f"{first}-{last}"
            rows[label] = [sum(one.busy[first : last + 1]) / (last + 1 - first) for one in intervals]
        others = {gettext("others"): [interval.others for interval in intervals]}
        stolen = [sum(interval.steal) for interval in intervals]
        return cls(
            headline, intervals, rows, others | ({gettext("steal"): stolen} if max(stolen) >= WORTH_A_ROW else {})
        )

    @property
    def end_s(self) -> float:
        return self.intervals[-1].end_s

    def views(self, end_s: float, across: int, *, last: bool) -> Iterator[dict[str, Any]]:
        """Two plots below each other, up to `end_s`, `across` pixels with labels; the last one has the axis of time."""
        width = across - MARGIN - BESIDE
        height = next(height for most, height in HEIGHTS if len(self.cores) + len(self.others) <= most)
        lines = wrapped(self.headline, width, HEADING_SIZE, bold=True)
        title = {"text": lines, "frame": "group", "fontSize": HEADING_SIZE, "offset": 3}
        yield {"title": title, **self._plot(self.cores, (width, height), end_s, None)}
        yield self._plot(
            self.others,
            (width, max(height, LABEL_HEIGHT)),
            end_s,
            {**TIME_AXIS, "tickCount": width // TICK} if last else None,
        )

    def _plot(self, rows: Mapping[str, list[float]], size: tuple[int, int], end_s: float, axis: Axis) -> dict[str, Any]:
        """`size` is the width, and the height of a row."""
        width, height = size
        time = {"type": "quantitative", "scale": {"domain": [0, rounded(end_s)], "nice": False}, "axis": axis}
        y = {
            "field": "row",
            "type": "nominal",
            "scale": {"type": "band", "domain": list(rows), "padding": 0},
            "axis": {
                "title": None,
                "values": list(rows)[:: ceil(LABEL_HEIGHT / height)],
                "ticks": False,
                "domain": False,
                "labelPadding": 5,
                "minExtent": MARGIN,
            },
        }
        values = [
            {"row": row, "busy": rounded(100 * busy), "begin": rounded(at.begin_s), "end": rounded(at.end_s)}
            for row, all_ in rows.items()
            for at, busy in zip(self.intervals, all_, strict=True)
        ]
        whole = {"begin": rounded(self.intervals[0].begin_s), "end": rounded(self.end_s)}
        apart = height >= LEAST_FRAMED
        x = {"x": {"field": "begin", **time}, "x2": {"field": "end"}}
        return {
            "width": width,
            "height": height * len(rows),
            "encoding": {**x, "y": y},
            "layer": [
                {
                    "data": {"values": values},
                    "mark": {"type": "rect", "x2Offset": 0.5},  # no seams: each is painted over the edge before it
                    "encoding": {"color": COLOUR, "tooltip": TOOLTIP},
                },
                {
                    "data": {"values": [{"row": row, **whole} for row in (rows if apart else ["all"])]},
                    "mark": {"type": "rect", "filled": False, "stroke": FRAME, "strokeWidth": 0.5, "tooltip": None},
                    "encoding": {} if apart else {"y": {"value": 0}, "y2": {"value": height * len(rows)}},
                },
            ],
        }
