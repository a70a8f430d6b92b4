"""The first passes relative to the later ones: what is compiled while it runs (of `implementations`).

Of one worker only: the first passes of several show how the system spreads them over the cores.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.warm_up import Nth, WarmUp
from gil_lab.model.language import gettext
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.lines import Line, Point
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.warm_up_panel import panel
from gil_lab.report.tables.results import by_workload
from gil_lab.report.text.sentences import milliseconds

PLACE = 11

MAX_PASSES = 12
"""That are drawn: where a curve is not flat by then, a longer one does not become clearer."""
MAX_CURVES = 16
"""More cannot be distinguished; those with the least warm-up are left out."""
Found = tuple[Summary, WarmUp]


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """Raises NothingToDrawError if no cell needed longer for its first pass than for the later ones."""
    found = {one.cell: one for one in source.warm_ups}
    single = [row for row in source.rows if row.cell.workers == 1]
    groups = [[(row, found[row.cell]) for row in group if row.cell in found] for group in by_workload(single)]
    telling = [group for group in groups if any(warm_up.seen for _, warm_up in group)]
    if not telling:
        raise NothingToDrawError(
            "no first pass took longer than the later ones; a JIT compiler's does: "
            "gil-lab run implementations --python this,pypy3.11"
        )
    titles = [of.headline([row for row, _ in there], partial(_title, there)) for there in telling]
    views = [_view(title, group, source.usable_cores, width) for title, group in zip(titles, telling, strict=True)]
    return picture("warm-up", titles, views)


def _title(there: Sequence[Found]) -> str:
    """The cell with the longest first pass, and the one whose first pass is most like the later ones."""
    seen = [(row, warm_up) for row, warm_up in there if warm_up.seen]
    sound = of.sound([row for row, _ in seen])
    called = of.calling([row for row, _ in there])
    row, most = max((one for one in seen if one[0] in sound), key=lambda one: one[1].first)
    other, least = min(there, key=lambda one: abs(one[1].first - 1))
    text = gettext("{name} takes {times} times as long for the first pass as for later ones ({first}, then {later})")
    if other is not row:
        text = gettext(
            "{name} takes {times} times as long for the first pass as for later ones ({first}, then {later}); {other} "
            "{fewer} times"
        )
    return text.format(
        name=called(row),
        times=number(most.first),
        first=milliseconds(most.first * most.later_s),
        later=milliseconds(most.later_s),
        other=called(other),
        fewer=number(least.first),
    )


def _view(title: str, there: Sequence[Found], cores: int | None, width: int) -> dict[str, Any]:
    """In the order of the table; of many, those with the longest first passes."""
    group = [row for row, _ in there]
    named = list(zip(of.labels(group, width=width), [warm_up for _, warm_up in there], strict=True))
    chosen = sorted(named, key=lambda one: -one[1].first)[:MAX_CURVES]
    curves = [
        Line(name, place, [_point(each, warm_up.later_s) for each in warm_up.passes[:MAX_PASSES]])
        for place, (name, warm_up) in enumerate(one for one in named if one in chosen)
    ]
    notes = (
        gettext("Median over the rounds; upright lines: least and greatest."),
        gettext("1: the median of the second half of the timed passes. What was compiled ahead of them is not in it."),
        gettext("One worker only."),
        of.some_drawn(len(curves), len(there)),
    )
    return {"title": heading(title, of.subtitle(group, cores, *notes), width), **panel(curves, width)}


def _point(nth: Nth, later_s: float) -> Point:
    tooltip = {"time": milliseconds(nth.median * later_s), "times": number(nth.median)}
    return Point(nth.number, nth.median, nth.least, nth.most, tooltip)
