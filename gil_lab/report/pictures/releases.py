"""Which calls let go of the GIL, and for what share of their time (of `released`).

A row a call, those that let go of it first. What two threads that make the same call keep busy stands at the right:
the answer once more, by other means.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gil_lab.analysis.calls import LEAST_CALLS, calls_of, release, released_share
from gil_lab.analysis.gil_release import GilRelease
from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import gettext, gettext_noop, ngettext
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import legend_layout
from gil_lab.report.drawing.panels import tenths
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.rows import Rows, names_width
from gil_lab.report.tables.results import by_workload

PLACE = 13

STEP, BAR = 16, 9
"""Pixels of a row and of a bar: there may be a hundred."""
BETWEEN = 8
WITHOUT, HOLDING = gettext_noop("without the GIL"), gettext_noop("holding it")
COLOURS = {WITHOUT: "#0b4f8a", HOLDING: "#e7b7bd"}
PLAIN = gettext_noop("no call")
TOOLTIP = of.tooltip(cell="call", released="of its time without the GIL", busy="two threads keep busy")


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """Work of which several variants ran in one thread under a GIL. Raises NothingToDrawError if there is none."""
    titles, views, most = [], [], 0
    for group in by_workload(source.rows):
        calls = calls_of(group)
        most = max(most, len(calls))
        if len(calls) >= LEAST_CALLS:
            titles.append(_title(calls))
            views.append(_view(titles[-1], group, calls, source.usable_cores, width))
    if not views:
        raise _nothing_known(source.rows, most)
    return picture("releases", titles, views)


def _nothing_known(rows: Sequence[Summary], calls: int) -> NothingToDrawError:
    """`calls` are those of one kind of work of which it is known."""
    if calls == 1:
        return NothingToDrawError(
            "this session looks at 1 call: gil-lab report has them in a table; look at many: gil-lab run released"
        )
    if calls:
        return NothingToDrawError(
            "this session looks at {calls} calls: gil-lab report has them in a table; look at many: "
            "gil-lab run released",
            calls=calls,
        )
    if reason := next((row.gil_seen.unknown for row in rows if row.is_baseline and row.gil_seen.unknown), ""):
        return NothingToDrawError(
            "it is not known of any call in one thread whether it lets go of the GIL ({reason}); look at many: "
            "gil-lab run released",
            reason=reason,
        )
    return NothingToDrawError(
        "it is not known of any call in one thread whether it lets go of the GIL; look at many: gil-lab run released"
    )


def _is_unknown(row: Summary, known: Summary) -> bool:
    """Of a call that was to be measured as `known` was."""
    alike = row.cell.interpreter == known.cell.interpreter and row.is_baseline
    return alike and bool(row.cell.variant) and row.gil_seen.held_share is None


def _title(calls: Sequence[Summary]) -> str:
    made = [row for row in calls if row.cell.variant]
    count = Counter(map(release, made))
    partly = count[GilRelease.PARTLY]
    text = gettext("{yes} of {all} calls let go of the GIL, {no} hold it all the time")
    if partly:
        text = ngettext(
            "{yes} of {all} calls let go of the GIL, {no} hold it all the time, {partly} lets go for a part of it",
            "{yes} of {all} calls let go of the GIL, {no} hold it all the time, {partly} let go for a part of it",
            partly,
        )
    return text.format(yes=count[GilRelease.YES], all=len(made), no=count[GilRelease.NO], partly=partly)


def _view(
    title: str, group: Sequence[Summary], calls: Sequence[Summary], cores: int | None, width: int
) -> dict[str, Any]:
    named = {(row.cell.variant.removeprefix("+") or gettext(PLAIN)) + "*" * row.flagged: row for row in calls}
    text = gettext("{count} cores")
    busy = {name: text.format(count=tenths(both)) for name, row in named.items() if (both := _busy_of_two(row, group))}
    plot_width = round(width - names_width(list(named)) - BETWEEN - max(map(text_width, busy.values()), default=0))
    plot = Rows(
        list(named),
        plot_width,
        {"type": "linear", "domain": [0, 1], "nice": False},
        {"title": gettext("of its time"), "tickCount": 5, "format": ".0%", "grid": False},
        step=STEP,
    )
    states = list(map(gettext, COLOURS))
    scale = {"domain": states, "range": list(COLOURS.values())}
    legend = {"title": None, "orient": "top", **legend_layout(states, width), "symbolType": "square"}
    values = [bar for name, row in named.items() for bar in _bars(name, row, busy.get(name, of.unknown()))]
    text = gettext("One thread makes each call all the time, Python {python}. At the right: two threads.")
    notes = text.format(python=calls[0].cell.interpreter)
    if unknown := sum(_is_unknown(row, calls[0]) for row in group):
        text = ngettext("Of {count} more call it is not known.", "Of {count} more calls it is not known.", unknown)
        notes = f"{notes} {text.format(count=unknown)}"
    return {
        "title": heading(title, of.subtitle(calls, cores, notes), width),
        **plot.spec(
            [
                *plot.layer(
                    values,
                    {"type": "bar", "height": BAR},
                    x2={"field": "end"},
                    color={"field": "state", "type": "nominal", "scale": scale, "legend": legend, "sort": None},
                    tooltip=TOOLTIP,
                ),
                *plot.words(plot_width + BETWEEN, busy, align="left"),
            ]
        ),
    }


def _bars(name: str, row: Summary, busy: str) -> list[dict[str, object]]:
    """Its time without the GIL, and the rest."""
    released = released_share(row)
    known = {"cell": name, "released": of.percent(released), "busy": busy}
    ends = {WITHOUT: (0.0, released), HOLDING: (released, 1.0)}
    return [
        {**known, "state": gettext(state), "x": of.rounded(begin), "end": of.rounded(end)}
        for state, (begin, end) in ends.items()
        if end > begin
    ]


def _busy_of_two(row: Summary, group: Sequence[Summary]) -> float | None:
    """Cores that the smallest pool of threads keeps busy with the same call."""
    same = (row.cell.workload, row.cell.interpreter)
    pools = [one for one in group if one.cell.workers > 1 and (one.cell.workload, one.cell.interpreter) == same]
    return min(pools, key=lambda one: one.cell.workers).cores_busy if pools else None
