"""How late a heartbeat came beside the work: median to worst, on a logarithmic axis (of `convoy`)."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.heartbeats import Beats
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import cell_name
from gil_lab.model.language import gettext
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.delay_rows import Delay, marked_ms, plot
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.tables.results import by_workload, several_pythons
from gil_lab.report.text.sentences import milliseconds

PLACE = 10

MAX_ROWS = 60
"""More cannot be looked at."""
USUAL_SWITCH_MS = 5.0
"""`sys.getswitchinterval()` of CPython, unless it was set."""
SWITCH = re.compile(r"[+]switch=([0-9]{1,4}(?:[.][0-9]{1,3})?)ms", re.ASCII)
CPYTHON = re.compile(r"[0-9]+[.][0-9]+t?(?:[+].*)?", re.ASCII)
Found = tuple[Summary, Beats]


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """The cells that had a heartbeat. Raises NothingToDrawError if none had one."""
    found = {one.cell: one for one in source.beats}
    groups = [group for group in by_workload(source.rows) if any(row.cell in found for row in group)]
    if not groups:
        raise NothingToDrawError("no heartbeat to draw; measure something beside one: gil-lab run convoy")
    titles, views = [], []
    for group in groups:
        there = [(row, found[row.cell]) for row in group if row.cell in found]
        titles.append(of.headline([row for row, _ in there], partial(_title, there)))
        views.append(_view(titles[-1], group, there, source.usable_cores, width))
    return picture("delays", titles, views)


def _title(there: Sequence[Found]) -> str:
    """The cell beside which a beat has to wait for longest, and the one beside which it hardly has to."""
    sound = of.sound([row for row, _ in there])
    named = [(row, beats) for row, beats in there if row in sound]
    called = of.calling([row for row, _ in there])
    (latest, late), (soonest, soon) = (pick(named, key=_median_s) for pick in (max, min))
    text = gettext("beside {name} a beat is {late} late (median); beside {other} {soon}")
    if latest is soonest:
        text = gettext("beside {name} a beat is {late} late (median), at worst {worst}")
    return text.format(
        name=called(latest),
        late=milliseconds(_median_s((latest, late))),
        worst=milliseconds(late.delay_s(1.0)),
        other=called(soonest),
        soon=milliseconds(_median_s((soonest, soon))),
    )


def _median_s(found: Found) -> float:
    """That of the rounds, as in tables and claims; of all beats where an older gil-lab kept no other."""
    row, beats = found
    return row.delays.median_s if row.delays else beats.delay_s(0.5)


def _view(
    title: str, group: Sequence[Summary], there: Sequence[Found], cores: int | None, width: int
) -> dict[str, Any]:
    drawn = there[:MAX_ROWS]
    rows = _rows([row for row, _ in drawn], [beats for _, beats in drawn])
    failed = [row for row in group if row.wall_s is None]
    notes = (
        gettext(
            "Dot and numbers: the medians of the rounds, as in tables. Of all beats in them, bar: 80 %; line: up to"
            " 99 %; ring: the worst one."
        ),
        gettext(
            "Orange: the switch interval, after which a thread asks another one for the GIL; Python's default of "
            "{usual} ms where it was not set."
        ).format(usual=f"{USUAL_SWITCH_MS:g}")
        if any(marked_ms(row, rows) for row in rows)
        else "",
        of.some_drawn(len(drawn), len(there)),
        of.without_numbers(failed),
    )
    return {"title": heading(title, of.subtitle(group, cores, *notes), width), **plot(rows, width)}


def _rows(summaries: Sequence[Summary], beats: Sequence[Beats]) -> list[Delay]:
    """With a headline for each strategy where there are several interpreters."""
    several = several_pythons(summaries)
    names = [
        f"{each.cell.interpreter}{of.star(each)}" if several else f"{cell_name(each.cell)}{of.star(each)}"
        for each in summaries
    ]
    return [
        Delay(
            headline=cell_name(row.cell) if several else "",
            name=name,
            least_ms=1e3 * one.delay_s(0.1),
            median_ms=1e3 * _median_s((row, one)),
            most_ms=1e3 * one.delay_s(0.9),
            p99_ms=1e3 * one.delay_s(0.99),
            p99_of_rounds_ms=1e3 * (row.delays.p99_s if row.delays else one.delay_s(0.99)),
            worst_ms=1e3 * one.delay_s(1.0),
            beats=len(one.delays_ns),
            switch_ms=switch_ms(row),
        )
        for row, name, one in zip(summaries, names, beats, strict=True)
    ]


def switch_ms(summary: Summary) -> float | None:
    """Of an interpreter with a GIL, as its name tells; None where it has none, or another default than CPython."""
    if not summary.gil or not summary.gil.after_work:
        return None
    if found := SWITCH.search(summary.cell.interpreter):
        return float(found[1]) or None
    return USUAL_SWITCH_MS if CPYTHON.fullmatch(summary.cell.interpreter) else None
