"""Who holds the GIL when: a token that wanders from thread to thread.

A row a thread, dark while it held the GIL; where no row is dark, it was free. The GIL is looked at up to a thousand
times a second: how often it changed hands is counted exactly, but who held it between two samples is not known, so that
of a very fast exchange only a part is seen, and a bar that hides some is pale. All numbers are those of what is drawn,
the beginning of one traced pass of each cell; tables have those of the timed passes.
"""

import re
from collections.abc import Sequence
from typing import Any

from gil_lab.analysis.gil_timelines import GilTimeline, HeldTime
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import Naming
from gil_lab.model.frozen import frozen
from gil_lab.model.language import clauses, gettext, gettext_noop, in_a_row, ngettext
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
        raise _nothing_seen(source.rows)
    titles, views = [], []
    for group in by_workload(source.rows):
        drawn = [row for row in group if row.cell in cells]
        if not drawn:
            continue
        called = calling(group)
        window_s = min(WINDOW_S, max(found[row.cell].wall_s for row in drawn))
        seen = [(row, found[row.cell].within(window_s)) for row in drawn]
        titles.append(_title(seen, called))
        panels = [_panel(found[row.cell], called(row.cell), window_s, len(cells), width) for row in drawn]
        notes = [
            gettext("{cells}. The first {time} of one traced pass of each cell.").format(
                cells=one_line(title(group), 200), time=milliseconds(window_s)
            ),
            _rows_explained([found[row.cell] for row in drawn]),
            gettext("Pale: it changed hands meanwhile, more often than was seen."),
            *left_out(len(drawn), sum(row.cell in found for row in group)),
        ]
        views.append(
            {"title": heading(titles[-1], in_a_row(notes), width), "vconcat": panels, "spacing": 8, "bounds": "full"}
        )
    return picture("gil", titles, views)


def _nothing_seen(rows: Sequence[Summary]) -> NothingToDrawError:
    if any(row.gil_seen.held_share is not None for row in rows):
        return NothingToDrawError(
            "who held the GIL when is not in the files of this session: holds.csv, tasks.csv; measure again"
        )
    if reason := next((row.gil_seen.unknown for row in rows if row.gil_seen.unknown), ""):
        return NothingToDrawError(
            "no GIL was seen in this session: {reason}; measure under a Python that has one, on Linux: "
            "gil-lab run cpu-bound",
            reason=reason,
        )
    return NothingToDrawError(
        "no GIL was seen in this session; measure under a Python that has one, on Linux: gil-lab run cpu-bound"
    )


def _title(drawn: Sequence[tuple[Summary, HeldTime]], called: Naming) -> str:
    """Of what is drawn: where it changes hands most often, and where it is held for the shortest time."""
    handed = [(row, seen) for row, seen in drawn if seen.handoffs]
    held = [(row, seen, seen.share) for row, seen in drawn if seen.share is not None]
    parts, named = [], None
    if handed:
        row, seen = max(handed, key=lambda pair: pair[1].handoffs / pair[1].wall_s)
        named = row
        text = ngettext(
            "{name}: the GIL changes hands {count} time in {time}",
            "{name}: the GIL changes hands {count} times in {time}",
            seen.handoffs,
        )
        parts.append(text.format(name=called(row.cell), count=seen.handoffs, time=milliseconds(seen.wall_s)))
    if held:
        row, least, share = min(held, key=lambda one: one[2])
        if row is named:
            text = ngettext(
                "{name}: the GIL changes hands {count} time in {time}, and is held {percent} of them",
                "{name}: the GIL changes hands {count} times in {time}, and is held {percent} of them",
                least.handoffs,
            )
            return text.format(
                name=called(row.cell),
                count=least.handoffs,
                time=milliseconds(least.wall_s),
                percent=of.percent(share),
            )
        text = gettext("{name}: it is held {percent} of {time}")
        parts.append(text.format(name=called(row.cell), percent=of.percent(share), time=milliseconds(least.wall_s)))
    return clauses(parts) or gettext("{name}: one thread holds the GIL").format(name=called(drawn[0][0].cell))


def milliseconds(seconds: float) -> str:
    return f"{number(1e3 * seconds)} ms"


def _rows_explained(drawn: Sequence[GilTimeline]) -> str:
    """With the rate of the samples, as it was, if it is known."""
    rates = [number(one.samples / one.wall_s, 2) for one in drawn if one.samples]
    if not rates:
        return gettext("A row is a thread, dark while it held the GIL.")
    least, most = min(rates, key=float), max(rates, key=float)
    rate = least if least == most else gettext("{least} to {most}").format(least=least, most=most)
    return gettext("A row is a thread, dark while it held the GIL, looked at {rate} times a second.").format(rate=rate)


def _panel(timeline: GilTimeline, called: str, window_s: float, panels: int, width: int) -> dict[str, Any]:
    tokens = _tokens(timeline, window_s)[: MAX_BARS // panels]
    names = list(dict.fromkeys(token.row for token in sorted(tokens, key=lambda token: _order(token.row))))
    shown = names[:MAX_ROWS]
    plot = width - MARGIN
    return {
        "title": {
            "text": wrapped(
                _heading(timeline, timeline.within(window_s), called, len(names)), plot, HEADING_SIZE, bold=True
            ),
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


def _heading(timeline: GilTimeline, seen: HeldTime, called: str, threads: int) -> str:
    gils = len(timeline.gils)
    parts = [ngettext("{count} GIL", "{count} GILs", gils).format(count=gils)]
    if seen.share is not None:
        text = gettext("held {percent} of {time} on average") if gils > 1 else gettext("held {percent} of {time}")
        parts.append(text.format(percent=of.percent(seen.share), time=milliseconds(seen.wall_s)))
    parts.append(ngettext("{count} hand-off", "{count} hand-offs", seen.handoffs).format(count=seen.handoffs))
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
