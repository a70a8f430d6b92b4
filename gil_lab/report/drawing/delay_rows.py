"""The plot of the picture `delays`: rows of dots, bars and rings under headlines, and two columns of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gil_lab.model.text import number, one_line
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import shortened, text_width
from gil_lab.report.drawing.layers import Layer, Text, pixel, text_layers
from gil_lab.report.drawing.picture import FAINT, INK, READY, RUNNING, WIDTH
from gil_lab.report.drawing.scales import Scale
from gil_lab.report.text.sentences import milliseconds

ROW, HEADLINE, APART = 17, 18, 5
"""Pixels: height of a row, of a headline, and between a block and the next headline."""
COLUMN, BETWEEN, PADDING = 46, 4, 8
"""Pixels: width of a column of numbers, between it and the plot, between a name and the plot."""
LONGEST_PX = 190
SHORTEST_MS = 0.001
"""A logarithmic scale has no place for 0."""
FARTHER = 10
"""How many times beyond the delays a switch interval still is drawn."""
BAR, LIGHT, GRID = 7, "#b9d1e5", "#e8e8e8"
TOOLTIP = of.tooltip(
    name="beside",
    least="10 % within",
    median="median",
    most="90 % within",
    p99="99 % within",
    worst="worst",
    of="beats",
)
Values = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Delay:
    """One row."""

    headline: str
    """Of its block: rows that follow each other with the same one stand below it. Empty for none."""
    name: str
    least_ms: float
    """A tenth of the beats was taken within it."""
    median_ms: float
    most_ms: float
    """Nine tenths were."""
    p99_ms: float
    worst_ms: float
    beats: int
    switch_ms: float | None
    """The switch interval, where it is known and there is a GIL."""


def plot(rows: Sequence[Delay]) -> dict[str, Any]:
    """All rows on one scale."""
    names = [shortened(row.name, LONGEST_PX) for row in rows]
    left = max(map(text_width, names)) + PADDING
    width = round(WIDTH - left - BETWEEN - 2 * COLUMN)
    middles, headlines, height = _places(rows, -left)
    scale = _scale(rows)
    switches = [
        {"x": found, "y": y - ROW / 2, "end": y + ROW / 2}
        for row, y in zip(rows, middles, strict=True)
        if (found := marked_ms(row, rows))
    ]
    ends = [width + BETWEEN + COLUMN * (column + 1) for column in range(2)]
    numbers = [
        Text(number(value), end, y, "right")
        for row, y in zip(rows, middles, strict=True)
        for value, end in zip((row.median_ms, row.p99_ms), ends, strict=True)
    ]
    over = [Text(text, end, -9, "right", FAINT) for text, end in zip(("median", "99 %"), ends, strict=True)]
    named = [Text(name, -PADDING, y, "right") for name, y in zip(names, middles, strict=True)]
    texts = [*text_layers(headlines, fontWeight="bold"), *text_layers([*named, *numbers, *over])]
    values = [_value(row, y) for row, y in zip(rows, middles, strict=True)]
    size = {"width": width, "height": height}
    return {**size, "data": {"values": values}, "layer": [*_marks(scale, switches), *texts]}


def _places(rows: Sequence[Delay], left: float) -> tuple[list[float], list[Text], int]:
    """The middles of the rows, the headlines, and how high they are together."""
    middles, headlines, height, last = list[float](), list[Text](), 0, ""
    for row in rows:
        if row.headline and row.headline != last:
            height += APART * bool(middles)
            headlines.append(Text(shortened(row.headline, WIDTH / 2), left, height + HEADLINE / 2))
            height += HEADLINE
        last = row.headline
        middles.append(height + ROW / 2)
        height += ROW
    return middles, headlines, height


def _scale(rows: Sequence[Delay]) -> Scale:
    """For the delays and the switch intervals that are drawn."""
    return Scale.over([*_delays(rows), *(found for row in rows if (found := marked_ms(row, rows)))])


def marked_ms(row: Delay, rows: Sequence[Delay]) -> float | None:
    """The switch interval of a row, unless it is out of all proportion to the delays of all rows."""
    delays = _delays(rows)
    near = row.switch_ms is not None and min(delays) / FARTHER <= row.switch_ms <= max(delays) * FARTHER
    return row.switch_ms if near else None


def _delays(rows: Sequence[Delay]) -> list[float]:
    return [max(SHORTEST_MS, value) for row in rows for value in (row.least_ms, row.worst_ms)]


def _value(row: Delay, y: float) -> dict[str, object]:
    """Where its marks are, and what stands under the mouse."""
    told = {
        "name": one_line(f"{row.headline} under {row.name}" if row.headline else row.name),
        "least": milliseconds(row.least_ms / 1e3),
        "median": milliseconds(row.median_ms / 1e3),
        "most": milliseconds(row.most_ms / 1e3),
        "p99": milliseconds(row.p99_ms / 1e3),
        "worst": milliseconds(row.worst_ms / 1e3),
        "of": str(row.beats),
    }
    delays = (row.least_ms, row.median_ms, row.most_ms, row.p99_ms, row.worst_ms)
    places = zip(("x10", "x50", "x90", "x99", "x100"), (max(SHORTEST_MS, delay) for delay in delays), strict=True)
    return {"y": y, **{name: of.rounded(at) for name, at in places}, **told}


def _marks(scale: Scale, switches: Values) -> list[Layer]:
    """From back to front; all but the switch intervals are drawn from the data of the whole plot."""

    def layer(mark: Mapping[str, object], x: str, x2: str | None = None) -> Layer:
        channels = {"x": _x(x, scale), "y": pixel("y"), "tooltip": TOOLTIP}
        return {"mark": dict(mark), "encoding": channels | ({"x2": {"field": x2}} if x2 else {})}

    interval = {"type": "rule", "color": READY, "strokeWidth": 2.5, "tooltip": None}
    ends = {"x": _x("x", scale), "y": pixel("y"), "y2": {"field": "end"}}
    point = {"type": "point", "opacity": 1}
    return [
        *([{"data": {"values": list(switches)}, "mark": interval, "encoding": ends}] if switches else []),
        layer({"type": "rule", "color": RUNNING, "strokeWidth": 1}, "x90", "x99"),
        layer({"type": "rule", "color": LIGHT, "strokeWidth": BAR}, "x10", "x90"),
        layer({"type": "tick", "color": RUNNING, "thickness": 1, "size": BAR}, "x99"),
        layer({**point, "filled": False, "fill": "white", "stroke": RUNNING, "strokeWidth": 1.2, "size": 22}, "x100"),
        layer({**point, "filled": True, "color": INK, "size": 34}, "x50"),
    ]


def _x(name: str, scale: Scale) -> dict[str, Any]:
    axis = {
        "title": "milliseconds from when a beat was due until it was taken (logarithmic scale)",
        "values": scale.ticks(),
        "format": "~f",
        "gridColor": GRID,
        "domain": False,
    }
    domain = {"type": "log", "domain": scale.domain, "nice": False}
    return {"field": name, "type": "quantitative", "scale": domain, "axis": axis}
