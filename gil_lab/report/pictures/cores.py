"""How busy each core was over the timed passes, and what others used.

A row a core, dark where it was busy, cells below each other. What others used is known for all cores together only, so
it is a row of its own and not a part of each core's.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.core_series import CoreSeries, joined
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import PARALLEL, Verdict
from gil_lab.model.cell_names import Naming
from gil_lab.model.frozen import frozen
from gil_lab.model.language import clauses, gettext, in_a_row, ngettext
from gil_lab.model.text import one_line
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.heat_map import CellHeat
from gil_lab.report.drawing.panels import calling, chosen, left_out, tenths
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.tables.results import by_workload, title

PLACE = 7

MAX_RECTANGLES = 4000
"""In one picture: some 90 bytes each."""
LEAST_SHOWN = 0.005
"""Cores' worth of CPU time that a server used."""
FULL = 0.9
"""Of all cores: above it a cell fills them."""


@frozen
class Load:
    """One cell on average over its timed passes, in cores' worth."""

    name: str
    cores: int
    child: float
    service: float
    others: float
    spread: int
    """How many cores were busy, whoever used them."""

    @property
    def busy(self) -> str:
        text = ngettext("{busy} of {count} core busy", "{busy} of {count} cores busy", self.cores)
        return text.format(busy=tenths(self.child), count=self.cores)

    @property
    def header(self) -> str:
        text = gettext("{name}: {busy}, others {others}")
        if self.service >= LEAST_SHOWN:
            text = gettext("{name}: {busy}, its server {service}, others {others}")
        service, others = tenths(self.service), tenths(self.others)
        return text.format(name=self.name, busy=self.busy, service=service, others=others)


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """The cells of `source.rows`, one below the other. Raises NothingToDrawError if none was sampled."""
    found = {series.cell: series for series in source.core_series}
    cells = chosen([row.cell for row in source.rows if row.cell in found])
    if not cells:
        raise NothingToDrawError("no samples of the cores to draw; measure something first: gil-lab run cpu-bound")
    titles, views = [], []
    for group in by_workload(source.rows):
        drawn = [row for row in group if row.cell in cells]
        if drawn:
            series = [found[row.cell] for row in drawn]
            called = calling(group)
            loads = [_load(one, called, row.cores_busy) for one, row in zip(series, drawn, strict=True)]
            titles.append(of.headline(drawn, partial(_title, drawn, loads)))
            notes = [
                gettext("{cells}. All timed passes of one trial of each cell.").format(
                    cells=one_line(title(group), 200)
                ),
                gettext("A core is busy whoever uses it; what others used is known for all cores together only."),
                *left_out(len(drawn), sum(row.cell in found for row in group)),
            ]
            plot = _plot(series, loads, MAX_RECTANGLES // len(cells), width)
            views.append({"title": heading(titles[-1], in_a_row(notes), width), **plot})
    return picture("cores", titles, views)


def _plot(shown: Sequence[CoreSeries], loads: Sequence[Load], most: int, width: int) -> dict[str, Any]:
    """The cells below each other, on one scale of time."""
    cells = [CellHeat.of(load.header, series, most) for load, series in zip(loads, shown, strict=True)]
    end_s = max(cell.end_s for cell in cells)
    blocks = [{"vconcat": list(cell.views(end_s, width, last=cell is cells[-1])), "spacing": 3} for cell in cells]
    return {"vconcat": blocks, "spacing": 9}


def _load(series: CoreSeries, called: Naming, busy: float | None) -> Load:
    """`busy` are the cores that the cell keeps busy over all of its trials, as the other pictures have it."""
    mean = joined(series.intervals)
    squares = sum(busy * busy for busy in mean.busy)
    return Load(
        name=called(series.cell),
        cores=len(mean.busy),
        child=mean.child if busy is None else busy,
        service=mean.service,
        others=mean.others,
        # as many equally busy cores would be as uneven: the effective number of Laakso and Taagepera (1979)
        spread=round(sum(mean.busy) ** 2 / squares) if squares else 0,
    )


def _title(summaries: Sequence[Summary], loads: Sequence[Load]) -> str:
    """What to look at: one core's worth of work that wanders, beside work that fills them all; and the others."""
    by_verdict: dict[Verdict | None, list[Load]] = {}
    for summary, load in zip(summaries, loads, strict=True):
        by_verdict.setdefault(summary.verdict, []).append(load)
    parts = []
    if turns := by_verdict.get(Verdict.CONCURRENT):
        one = turns[0]
        text = gettext("{name} keeps {busy}")
        if one.spread > 1:
            text = gettext("{name} keeps {busy} and spreads it over {cores}")
        parts.append(text.format(name=one.name, busy=one.busy, cores=_all(one.spread, one.cores)))
    elif together := by_verdict.get(Verdict.WAITING):
        text = gettext("{name} waits, with {busy}")
        parts.append(text.format(name=together[0].name, busy=together[0].busy))
    if parallel := [load for verdict in PARALLEL for load in by_verdict.get(verdict, [])]:
        one = max(parallel, key=lambda one: round(one.child, 1))
        full = one.child >= FULL * one.cores
        text = gettext("{name} fills {cores}") if full else gettext("{name} keeps {busy}")
        parts.append(text.format(name=one.name, busy=one.busy, cores=_all(one.cores, one.cores)))
    parts = parts or [gettext("{name} keeps {busy}").format(name=loads[0].name, busy=loads[0].busy)]
    others = tenths(max(load.others for load in loads))
    text = gettext("nothing else used them") if others == "0" else gettext("others used at most {others} cores")
    return clauses([*parts, text.format(others=others)])


def _all(some: int, cores: int) -> str:
    if some < FULL * cores:
        return str(some)
    all_ = {1: gettext("the only one"), 2: gettext("both")}
    return all_.get(cores, gettext("all {count}").format(count=cores))
