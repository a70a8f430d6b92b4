"""Who holds the GIL when: a token that wanders from thread to thread.

A row a thread, dark while it held the GIL; where no row is dark, it was free. The GIL is looked at a thousand times a
second: how often it changed hands is counted exactly, but who held it between two samples is not known, so that of a
very fast exchange only a part is seen, and a bar that hides some is pale.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.gil_timelines import GilTimeline
from gil_lab.analysis.summaries import Summary
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop, ngettext
from gil_lab.model.text import number, one_line
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import wrapped
from gil_lab.report.drawing.panels import calling, chosen, left_out, rounded
from gil_lab.report.drawing.picture import (
    FAINT,
    RUNNING,
    WIDTH,
    NothingToDrawError,
    Picture,
    PictureSource,
    heading,
    picture,
)
from gil_lab.report.tables.results import by_workload, title

PLACE = 6

WINDOW_S = 0.25
"""Of a pass that is drawn: fifty switch intervals of 5 ms, which a page has pixels for."""
MAX_ROWS = 24
"""Threads of one cell that are drawn."""
MAX_BARS = 2000
"""In one picture: some 90 bytes each."""
MARGIN, ROW, HEADING_SIZE = 76, 13, 12
TENTH_OF_A_HAND_OFF = 0.1
SEEN, PARTLY_SEEN = gettext_noop("held"), gettext_noop("held, and given away and taken back between two samples")
COLOURS = {SEEN: RUNNING, PARTLY_SEEN: "#8fb6d8"}


@frozen
class Token:
    """One bar: a thread held its GIL."""

    row: str
    begin_ms: float
    end_ms: float
    handoffs: int


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """The cells whose GIL was seen. Raises NothingToDrawError if there is none."""
    found = {one.cell: one for one in source.gil_timelines}
    cells = chosen([row.cell for row in source.rows if row.cell in found])
    if not cells:
        reason = next((row.gil_seen.unknown for row in source.rows if row.gil_seen.unknown), "")
        if reason:
            measure = "measure under a Python that has one, on Linux: gil-lab run cpu-bound"
            raise NothingToDrawError(f"no GIL was seen in this session: {reason}; {measure}")
        raise NothingToDrawError(
            "no GIL was seen in this session; measure under a Python that has one, on Linux: gil-lab run cpu-bound"
        )
    titles, views = [], []
    for group in by_workload(source.rows):
        drawn = [row for row in group if row.cell in cells]
        if not drawn:
            continue
        called = calling(group)
        titles.append(of.headline(drawn, partial(_title, drawn, of.calling(group))))
        window_s = min(WINDOW_S, max(found[row.cell].wall_s for row in drawn))
        panels = [_panel(row, found[row.cell], called(row.cell), window_s, len(cells), width) for row in drawn]
        notes = [
            gettext("{cells}. The first {time} ms of a traced pass.").format(
                cells=one_line(title(group), 200), time=number(1e3 * window_s)
            ),
            gettext("A row is a thread, dark while it held the GIL. Looked at a thousand times a second."),
            gettext("Pale: it changed hands meanwhile, more often than was seen."),
            *left_out(len(drawn), sum(row.cell in found for row in group)),
        ]
        views.append(
            {"title": heading(titles[-1], " ".join(notes), width), "vconcat": panels, "spacing": 8, "bounds": "full"}
        )
    return picture("gil", titles, views)


def _title(drawn: Sequence[Summary], called: of.Called) -> str:
    """Where it changes hands most often, and where it is held for the shortest time."""
    handed = [row for row in drawn if (row.gil_seen.handoffs_per_s or 0) > TENTH_OF_A_HAND_OFF]
    held = [row for row in drawn if row.gil_seen.held_share is not None]
    parts = []
    if handed:
        most = max(handed, key=lambda row: row.gil_seen.handoffs_per_s or 0.0)
        often = most.gil_seen.handoffs_per_s or 0.0
        text = gettext("{name}: the GIL changes hands {often} times a second")
        parts.append(text.format(name=called(most), often=number(often)))
    if held:
        least = min(held, key=_held)
        text = gettext("{name}: it is held {percent} of the time")
        parts.append(text.format(name=called(least), percent=of.percent(_held(least))))
    return "; ".join(parts) or gettext("{name}: one thread holds the GIL").format(name=called(drawn[0]))


def _held(row: Summary) -> float:
    return row.gil_seen.held_share or 0.0


def _panel(
    row: Summary, timeline: GilTimeline, called: str, window_s: float, panels: int, width: int
) -> dict[str, Any]:
    tokens = _tokens(timeline, window_s)[: MAX_BARS // panels]
    names = list(dict.fromkeys(token.row for token in sorted(tokens, key=lambda token: _order(token.row))))
    shown = names[:MAX_ROWS]
    plot = width - MARGIN
    return {
        "title": {
            "text": wrapped(_heading(row, timeline, called, len(names)), plot, HEADING_SIZE, bold=True),
            "frame": "group",
            "fontSize": HEADING_SIZE,
            "offset": 3,
        },
        "width": plot,
        "height": ROW * max(1, len(shown)),
        "data": {
            "values": [
                {
                    "row": token.row,
                    "begin": rounded(token.begin_ms, 6),
                    "end": rounded(token.end_ms, 6),
                    "seen": gettext(PARTLY_SEEN if token.handoffs > 1 else SEEN),
                    "handoffs": token.handoffs,
                }
                for token in tokens
                if token.row in shown
            ]
        },
        "mark": {"type": "bar", "height": {"band": 0.8}},
        "encoding": {
            "x": {
                "field": "begin",
                "type": "quantitative",
                "scale": {"domain": [0, rounded(1e3 * window_s, 5)], "nice": False},
                "axis": {
                    "title": None,
                    "labelExpr": "format(datum.value, '~r') + ' ms'",
                    "grid": False,
                    "tickCount": plot // 90,
                    "labelFlush": True,
                    "domainColor": FAINT,
                },
            },
            "x2": {"field": "end"},
            "y": {
                "field": "row",
                "type": "nominal",
                "scale": {"type": "band", "domain": shown or [""]},
                "axis": {
                    "title": None,
                    "ticks": False,
                    "domain": False,
                    "grid": True,
                    "gridColor": "#ededed",
                    "minExtent": MARGIN - 20,
                    "maxExtent": MARGIN - 20,
                    "labelLimit": MARGIN,
                },
            },
            "color": {
                "field": "seen",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": list(map(gettext, COLOURS)), "range": list(COLOURS.values())},
            },
            "tooltip": [
                {"field": "row", "title": gettext("thread")},
                {"field": "begin", "title": gettext("from, ms"), "format": ".2f"},
                {"field": "end", "title": gettext("to, ms"), "format": ".2f"},
                {"field": "handoffs", "title": gettext("hand-offs until then")},
            ],
        },
    }


def _heading(row: Summary, timeline: GilTimeline, called: str, threads: int) -> str:
    gils = sum(any(hold.tid for hold in gil.holds) for gil in timeline.gils)
    use = row.gil_seen
    parts = [ngettext("{count} GIL", "{count} GILs", gils).format(count=gils)]
    if use.held_share is not None:
        parts.append(gettext("held {percent} of the time").format(percent=of.percent(use.held_share)))
    if use.handoffs_per_s is not None:
        parts.append(gettext("{number} hand-offs a second").format(number=number(use.handoffs_per_s)))
    said = f"{called}: {', '.join(parts)}"
    if threads <= MAX_ROWS:
        return said
    return gettext("{sentence} ({drawn} of {threads} threads drawn)").format(
        sentence=said, drawn=MAX_ROWS, threads=threads
    )


def _tokens(timeline: GilTimeline, window_s: float) -> list[Token]:
    """Those of all its GILs, cut at the end of the window."""
    end_ns = timeline.begin_ns + round(1e9 * window_s)
    return [
        Token(
            _called(timeline.workers.get((gil.pid, hold.tid)), hold.tid),
            (hold.begin_ns - timeline.begin_ns) / 1e6,
            (min(hold.end_ns, end_ns) - timeline.begin_ns) / 1e6,
            hold.handoffs,
        )
        for gil in timeline.gils
        for hold in gil.holds
        if hold.tid is not None and hold.begin_ns < end_ns
    ]


def _called(worker: int | None, thread: int) -> str:
    return gettext("worker {number}").format(number=worker) if worker else gettext(OTHER)


OTHER = gettext_noop("another")
"""Thread, that runs no tasks: the one that waits for the workers, or hands tasks over."""


def _order(row: str) -> tuple[bool, int]:
    """Workers by their numbers, then the others."""
    number = re.search(r"[0-9]+", row)
    return number is None, int(number[0]) if number else 0
