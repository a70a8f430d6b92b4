"""One pass of each cell: workers as rows, tasks as bars, each split into running, ready and blocked.

Rows of workers with a bar a task, whose height is split into the states of its task. How long a task ran is measured,
but not when: strips of time within a bar would be made up. Split so, the dark area is CPU time, and whatever is drawn
was measured.
"""

from collections.abc import Sequence
from typing import Any

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.timelines import Timeline
from gil_lab.analysis.verdicts import Verdict, region
from gil_lab.model.cell_names import Naming, cell_name
from gil_lab.model.language import clauses, gettext, in_a_row
from gil_lab.model.text import one_line
from gil_lab.report.drawing.panels import calling, chosen, left_out, tenths
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.timeline_panel import MAX_LANES, TimelinePanel
from gil_lab.report.tables.results import by_workload, title
from gil_lab.report.text.sentences import counted

PLACE = 4

TOO_SHORT = 1 / 10
"""Of the longest pass: what is shorter would be a strip on its axis."""
MAX_BARS = 1200
"""In one picture: some 100 bytes each."""


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """The cells of `source.rows`, one below the other. Raises NothingToDrawError if none has a traced pass."""
    found = {timeline.cell: timeline for timeline in source.timelines}
    cells = chosen([row.cell for row in source.rows if row.cell in found])
    if not cells:
        raise NothingToDrawError("no traced pass to draw; measure something first: gil-lab run cpu-bound")
    bars = sum(len(lane.bars) for cell in cells for lane in found[cell].lanes[:MAX_LANES])
    most = None if bars <= MAX_BARS else MAX_BARS // len(cells)
    titles, views = [], []
    for group in by_workload(source.rows):
        shown = [found[row.cell] for row in group if row.cell in cells]
        if shown:
            titles.append(_title(shown, calling(group)))
            views.append(_view(group, shown, sum(row.cell in found for row in group), most, width))
    return picture("timeline", titles, views)


def _title(shown: Sequence[Timeline], name: Naming) -> str:
    """What to look at: threads that take turns, or wait together, beside what runs at the same time.

    That is rather the same strategy under another interpreter than another strategy.
    """
    by_verdict: dict[Verdict, list[Timeline]] = {}
    for one in shown:
        by_verdict.setdefault(region(one.in_flight, one.running), []).append(one)
    parts = []
    if turns := by_verdict.get(Verdict.CONCURRENT):
        one = _most_in_flight(turns)
        text = gettext("{name}: {tasks} in flight, but only {running} running")
        parts.append(_said(text, one, name))
    elif together := by_verdict.get(Verdict.WAITING):
        one = _most_in_flight(together)
        text = gettext("{name}: {tasks} in flight wait together, with {running} running")
        parts.append(_said(text, one, name))
    if parallel := by_verdict.get(Verdict.PARALLEL):
        beside = [one for one in parallel if turns and cell_name(one.cell) == cell_name(turns[0].cell)]
        one = max(beside or parallel, key=lambda one: round(one.running, 1))
        parts.append(_said(gettext("{name}: {running} running at the same time"), one, name))
    if not parts:
        parts.append(_said(gettext("{name}: one task after the other, {running} running"), shown[0], name))
    return clauses(parts)


def _said(text: str, one: Timeline, name: Naming) -> str:
    return text.format(name=name(one.cell), tasks=counted(one.in_flight, "task"), running=tenths(one.running))


def _most_in_flight(alike: Sequence[Timeline]) -> Timeline:
    """Of the strategy that comes first, which is the simplest one."""
    return max(
        (one for one in alike if one.cell.strategy == alike[0].cell.strategy), key=lambda one: round(one.in_flight, 1)
    )


def _view(
    group: Sequence[Summary], shown: Sequence[Timeline], there: int, most: int | None, width: int
) -> dict[str, Any]:
    called = calling(group)
    longest_s = max(one.wall_s for one in shown)
    short = [one for one in shown if one.wall_s < TOO_SHORT * longest_s]
    short_s = max((one.wall_s for one in short), default=0.0)
    panels = [TimelinePanel(one, most, called(one.cell), short_s if one in short else longest_s) for one in shown]
    notes = [
        gettext("{cells}. One traced pass of each cell.").format(cells=one_line(title(group), 200)),
        gettext("A row is a worker, or one more coroutine in it; a bar is a task."),
        gettext("Height of a colour: its share of the task's time, for how long a task ran is known, but not when."),
        gettext("Passes of less than a tenth of the longest have another axis.")
        if short
        else gettext("All have the same axis of time."),
    ]
    notes += left_out(len(shown), there)
    if any(panel.merged for panel in panels):
        notes.append(gettext("Bars of many short tasks are drawn as one; white in it is time without a task."))
    return {
        "title": heading(_title(shown, called), in_a_row(notes), width),
        "vconcat": [panel.spec([state for each in panels for state in each.states], width) for panel in panels],
        "spacing": 10,
    }
