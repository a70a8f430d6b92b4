"""Start-up, compilation and work, and from how much work on a strategy pays."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import gettext, gettext_noop
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import Text, legend_layout, text_layers
from gil_lab.report.drawing.picture import FAINT, WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.rows import BAR, Rows, names_width
from gil_lab.report.tables.results import NOTHING_S, by_workload, several_pythons

PLACE = 8

# In the order in which they pass, from dark to light: so they stay apart in black and white.
PARTS = {
    gettext_noop("launch"): "#2f2f38",
    gettext_noop("start-up"): "#b0432c",
    gettext_noop("compile"): "#e9a23b",
    gettext_noop("work, one pass"): "#d6e5f1",
}
EDGE = "#6b7f90"
COLUMN = (gettext_noop("pays from … s of"), gettext_noop("sequential work on"))
"""Above the break-even."""
BETWEEN = 12
"""Pixels between the plot and that column."""
NEVER, UNSEEN = gettext_noop("never pays"), gettext_noop("no gain seen")
LEGEND = {"offset": 6, "symbolType": "square", "symbolStrokeWidth": 1, "symbolStrokeColor": EDGE}
TOOLTIP = of.tooltip(cell="strategy", part="part", seconds="takes", whole="all together", pays="pays from")


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """A row for each cell that has numbers. Raises NothingToDrawError if none has."""
    groups = [group for group in by_workload(source.rows) if any(each.wall_s is not None for each in group)]
    if not groups:
        raise NothingToDrawError("no cell has times to draw; measure something first: gil-lab run cpu-bound")
    titles = [of.headline(group, partial(_title, group, of.calling(group))) for group in groups]
    views = [_view(title, group, source.usable_cores, width) for title, group in zip(titles, groups, strict=True)]
    return picture("costs", titles, views)


def _before_s(summary: Summary) -> float:
    """What break-even counts: the launch is the same for every strategy."""
    return summary.costs.startup_s + summary.costs.compile_s if summary.costs else 0.0


def _title(group: Sequence[Summary], called: of.Called) -> str:
    """The cell that takes the longest to begin, measured by its own work."""
    drawn = of.sound([each for each in group if each.wall_s])
    most = max(drawn, key=lambda each: _before_s(each) / (each.wall_s or 1))
    before, wall = _before_s(most), most.wall_s or 1
    if before < NOTHING_S:
        text = gettext("nothing takes time to start; {name} works for {work}")
        return text.format(name=called(most), work=of.seconds(most.wall_s))
    text = gettext("{name} takes {start} to start before {work} of work: {part}")
    if most.costs and most.costs.compile_s >= NOTHING_S:
        text = gettext("{name} takes {start} to start and compile before {work} of work: {part}")
    share = before / wall
    part = gettext("{times} times as long").format(times=number(share))
    if share < 1:
        part = gettext("{percent} of it").format(percent=of.percent(share))
    return text.format(name=called(most), start=of.seconds(before), work=of.seconds(wall), part=part)


def _view(title: str, group: Sequence[Summary], cores: int | None, width: int) -> dict[str, Any]:
    rows = of.worth_a_row(group)
    named = dict(zip(of.row_labels(rows, group, width), rows, strict=True))
    single = any(_is_compared(each) and not _pays(each) for each in group)
    notes = (
        gettext("Medians; launching one Python takes the same for all strategies.")
        if several_pythons(group)
        else gettext("Medians; launching Python takes the same for all."),
        gettext("No gain seen: the speed-up may be 1.") if gettext(UNSEEN) in map(_pays, group) else "",
        gettext("A single round cannot show what pays off.") if single else "",
        of.not_drawn(group, rows),
    )
    pays = {name: text for name, row in named.items() if (text := _pays(row))}
    column = list(map(gettext, COLUMN)) if pays else []
    words = max(map(text_width, [*column, *pays.values()]), default=0)
    plot_width = round(width - names_width(list(named)) - BETWEEN - words)
    bars = [bar for name, row in named.items() for bar in _bars(name, row)]
    most = max(float(str(bar["end"])) for bar in bars)
    plot = Rows(
        list(named),
        plot_width,
        {"type": "linear", "domain": [0, of.rounded(1.02 * most)], "nice": False},
        {"title": gettext("seconds"), "tickCount": 6, "format": "~f", "grid": False},
    )
    parts = list(map(gettext, PARTS))
    colours = {"domain": parts, "range": list(PARTS.values())}
    legend = {"title": None, "orient": "bottom", **LEGEND, **legend_layout(parts, plot_width + BETWEEN + words)}
    reasons = {name: str(row.status) for name, row in named.items() if row.wall_s is None}
    at = plot_width + BETWEEN
    return {
        "title": heading(title, of.subtitle(group, cores, *notes), width),
        **plot.spec(
            [
                *plot.layer(
                    bars,
                    {"type": "bar", "height": BAR, "stroke": EDGE, "strokeWidth": 0.7},
                    x2={"field": "end"},
                    color={"field": "part", "type": "nominal", "scale": colours, "legend": legend, "sort": None},
                    tooltip=TOOLTIP,
                ),
                *text_layers(Text(line, at, y, colour=FAINT) for line, y in zip(column, (-19, -6), strict=False)),
                *plot.words(at, pays, align="left"),
                *plot.words(4, reasons, align="left", fontStyle="italic", color=FAINT),
            ]
        ),
    }


def _bars(name: str, row: Summary) -> list[dict[str, object]]:
    """The parts one after the other; what was not measured or is nothing is not drawn."""
    found, begin = list[dict[str, object]](), 0.0
    if row.costs is None or row.wall is None:
        return []
    times_s = (row.costs.launch_s, row.costs.startup_s, row.costs.compile_s, row.wall.median_s)
    for part, taken in zip(PARTS, times_s, strict=True):
        if not taken:
            continue
        ends = {"x": of.rounded(begin), "end": of.rounded(begin + taken)}
        found.append({"cell": name, "part": gettext(part), **ends, "seconds": of.seconds(taken)})
        begin += taken
    return [{**bar, "whole": of.seconds(begin), "pays": _pays(row) or of.unknown()} for bar in found]


def _is_compared(summary: Summary) -> bool:
    return not summary.is_baseline and summary.speedup is not None


def _pays(summary: Summary) -> str:
    """From how much sequential work on; that it never does only where the interval says so."""
    overall = summary.speedup
    if overall is None or summary.is_baseline or overall.shows_a_difference is None:
        return ""
    if summary.break_even_s is not None:
        return f"{number(summary.break_even_s)} s"
    return gettext(NEVER if overall.shows_a_difference and overall.value < 1 else UNSEEN)
