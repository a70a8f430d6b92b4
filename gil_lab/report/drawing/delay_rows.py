"""The plot of the picture `delays`: rows of dots, bars and rings under headlines, and two columns of numbers."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop
from gil_lab.model.text import number, one_line
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import balanced, shortened
from gil_lab.report.drawing.layers import Layer, Text, text_layers
from gil_lab.report.drawing.picture import FAINT, INK, READY, RUNNING
from gil_lab.report.drawing.rows import Rows, names_width
from gil_lab.report.drawing.scales import Scale
from gil_lab.report.text.sentences import milliseconds

ROW, COLUMN, BETWEEN = 17, 46, 4
"""Pixels: height of a row, width of a column of numbers, between it and the plot."""
MAX_NAME_PX = 190
SHORTEST_MS = 0.001
"""A logarithmic scale has no place for 0."""
FARTHER = 10
"""How many times beyond the delays a switch interval still is drawn."""
BAR, LIGHT = 7, "#b9d1e5"
AXIS_TITLE = gettext_noop("milliseconds from when a beat was due until it was taken (logarithmic scale)")
AXIS = {
    "format": "~f",
    "gridColor": "#e8e8e8",
    "domain": False,
}
HIDDEN = {"title": None, "labels": False, "ticks": False}
"""Of all plots but the last one."""
TOOLTIP = of.tooltip(
    name="beside",
    ms10="10 % within",
    ms50="median",
    ms90="90 % within",
    ms99="99 % within",
    ms100="worst",
    of="beats",
)


@frozen
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
    p99_of_rounds_ms: float
    """The median of the rounds, as in tables; of few beats a round it is less than that of all beats."""
    worst_ms: float
    beats: int
    switch_ms: float | None
    """The switch interval, where it is known and there is a GIL."""


def plot(rows: Sequence[Delay], across: int) -> dict[str, Any]:
    """All rows on one scale, those of one headline below it; `across` pixels with all labels."""
    name_px = of.room_for_names(MAX_NAME_PX, across)
    names = [shortened(row.name, name_px) for row in rows]
    blocks = [list(block) for _, block in groupby(rows, lambda row: row.headline)]
    left, scale = names_width(names), _scale(rows)
    width = round(across - left - BETWEEN - 2 * COLUMN)
    title = balanced(gettext(AXIS_TITLE), width + 2 * COLUMN)
    views = []
    for block in blocks:
        axis = AXIS | {"title": title, "values": scale.ticks()} | ({} if block is blocks[-1] else HIDDEN)
        named = dict(zip(of.unique_names([row.name for row in block], name_px), block, strict=True))
        switches = {name: found for name, row in named.items() if (found := marked_ms(row, rows))}
        domain = {"type": "log", "domain": scale.domain, "nice": False}
        shown = Rows(list(named), width, domain, axis, room=left, step=ROW)
        view = shown.spec([*_marks(shown, switches), *_numbers(shown, named, over=block is blocks[0])])
        over = {"title": {"text": shortened(block[0].headline, across / 2), "fontSize": 11, "offset": 2}}
        values = [_value(name, row) for name, row in named.items()]
        views.append({**(over if block[0].headline else {}), "data": {"values": values}, **view})
    return {"vconcat": views, "spacing": 4}


def _numbers(shown: Rows, named: Mapping[str, Delay], *, over: bool) -> list[Layer]:
    """Two columns at the right, headed where they begin."""
    found = []
    columns = {gettext("median"): "median_ms", "99 %": "p99_of_rounds_ms"}
    for number_of, (heading, field) in enumerate(columns.items(), 1):
        at = shown.width + BETWEEN + COLUMN * number_of
        found += shown.words(at, {name: number(getattr(row, field)) for name, row in named.items()}, align="right")
        found += text_layers([Text(heading, at, -9, "right", FAINT)]) if over else []
    return found


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


def _value(name: str, row: Delay) -> dict[str, object]:
    """Where its marks are, and what stands under the mouse."""
    delays = {"10": row.least_ms, "50": row.median_ms, "90": row.most_ms, "99": row.p99_ms, "100": row.worst_ms}
    return {
        "cell": name,
        "name": one_line(
            gettext("{name} under {pythons}").format(name=row.headline, pythons=row.name) if row.headline else row.name
        ),
        **{f"x{part}": of.rounded(max(SHORTEST_MS, delay)) for part, delay in delays.items()},
        **{f"ms{part}": milliseconds(delay / 1e3) for part, delay in delays.items()},
        "of": str(row.beats),
    }


def _marks(shown: Rows, switches: Mapping[str, float]) -> list[Layer]:
    """From back to front; all but the switch intervals are drawn from the data of the whole plot."""

    def layer(mark: Mapping[str, object], x: str, x2: str | None = None) -> Layer:
        channels = {"x": shown.x(x), "tooltip": TOOLTIP}
        return {"mark": dict(mark), "encoding": channels | ({"x2": {"field": x2}} if x2 else {})}

    point = {"type": "point", "opacity": 1}
    return [
        *shown.layer(
            [{"cell": name, "x": at} for name, at in switches.items()],
            {"type": "tick", "color": READY, "thickness": 2.5, "size": ROW, "opacity": 1, "tooltip": None},
        ),
        layer({"type": "rule", "color": RUNNING, "strokeWidth": 1}, "x90", "x99"),
        layer({"type": "bar", "color": LIGHT, "height": BAR}, "x10", "x90"),
        layer({"type": "tick", "color": RUNNING, "thickness": 1, "size": BAR}, "x99"),
        layer({**point, "filled": False, "fill": "white", "stroke": RUNNING, "strokeWidth": 1.2, "size": 22}, "x100"),
        layer({**point, "filled": True, "color": INK, "size": 34}, "x50"),
    ]
