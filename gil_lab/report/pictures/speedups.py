"""How many times faster than sequential, split into compiled and parallel, with intervals.

On a logarithmic scale factors are lengths that add up, so the parts of a bar can be compared with each other.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import clauses, gettext
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.speedup_panels import Panels
from gil_lab.report.tables.results import by_workload
from gil_lab.report.text.sentences import no_difference

PLACE = 3


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """A row for each cell but the baseline. Raises NothingToDrawError if none could be compared with another one."""
    groups = [group for group in by_workload(source.rows) if any(map(_is_compared, group))]
    if not groups:
        raise NothingToDrawError(
            "no speed-up to draw: it needs two strategies in the same round; "
            "measure more than one: gil-lab run cpu-bound --strategy threading,multiprocessing"
        )
    titles = [of.headline(group, partial(_title, of.sound(group), of.calling(group))) for group in groups]
    views = [_view(title, group, source.usable_cores, width) for title, group in zip(titles, groups, strict=True)]
    return picture("speedups", titles, views)


def _is_compared(summary: Summary) -> bool:
    return not summary.is_baseline and (summary.speedup is not None or summary.parallel_speedup is not None)


def _title(group: Sequence[Summary], called: of.Called) -> str:
    """The fastest cell and the parts of its speed-up; and what shows no gain at all."""
    compared = [each for each in group if each.speedup and not each.is_baseline]
    faster = [each for each in compared if _gains(each.speedup)]
    if not compared:
        return gettext("nothing can be compared with sequential work here")
    if not faster:
        best = max(compared, key=lambda each: of.value(each.speedup) or 0)
        text = gettext("nothing is shown to be faster than sequential; {name}: {speedup}")
        return text.format(name=called(best), speedup=_times(best.speedup))
    best = max(faster, key=lambda each: of.value(each.speedup) or 0)
    return clauses(filter(None, [_best(best, called), _none(compared, called)]))


def _best(best: Summary, called: of.Called) -> str:
    overall, parallel = best.speedup, best.parallel_speedup
    times = number(of.value(best.speedup) or 0)
    if overall is None or parallel is None or of.plain(best) or of.is_reference(best):
        return gettext("{name} is {times} times as fast as sequential").format(name=called(best), times=times)
    text = gettext(
        "{name} is {times} times as fast as sequential: {factor} times by compiling, {rest} times by running at the "
        "same time"
    )
    if best.cell.variant:
        text = gettext(
            "{name} is {times} times as fast as sequential: {factor} times by {variant}, {rest} times by running at "
            "the same time"
        )
    return text.format(
        name=called(best),
        times=times,
        factor=number(overall.value / parallel.value),
        variant=best.cell.variant,
        rest=number(parallel.value),
    )


def _none(compared: Sequence[Summary], called: of.Called) -> str:
    """Of the cells that brought nothing the first."""
    for each in compared:
        overall = each.speedup
        if overall and overall.shows_a_difference is False:
            return f"{called(each)}: {no_difference(overall)}"
        if overall and overall.shows_a_difference and overall.value < 1:
            return f"{called(each)}: {_times(overall)}"
    return ""


def _gains(overall: Estimate | None) -> bool:
    """Unless the interval says otherwise; after a single round there is none."""
    return overall is not None and overall.value > 1 and overall.shows_a_difference is not False


def _times(overall: Estimate | None) -> str:
    if overall is None:
        return of.unknown()
    return no_difference(overall) or gettext("{times} times as fast").format(times=number(overall.value))


def _view(title: str, group: Sequence[Summary], cores: int | None, width: int) -> dict[str, Any]:
    rows = [each for each in of.worth_a_row(group) if not each.is_baseline]
    panels = Panels(rows, cores, width)
    notes = (
        gettext("Whiskers: 95 % intervals.") if panels.intervals else gettext("A single round gives no intervals."),
        gettext("An arrow: the interval goes on.") if panels.cut else "",
        gettext("Hollow: {meaning}.").format(meaning=panels.hollow) if panels.hollow else "",
        gettext("Lost: what a part that made it slower took away again.") if panels.lost else "",
        of.not_drawn(group, of.worth_a_row(group)),
    )
    return {"title": heading(title, of.subtitle(group, cores, *notes), width), **panels.spec()}
