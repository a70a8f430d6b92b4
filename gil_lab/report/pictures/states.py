"""What the tasks of each cell did with their time: running, ready, blocked."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from gil_lab.analysis.states import TaskState, by_state
from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import clauses, gettext, gettext_noop
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import legend_layout
from gil_lab.report.drawing.picture import (
    STATE_COLOURS,
    WIDTH,
    NothingToDrawError,
    Picture,
    PictureSource,
    heading,
    picture,
)
from gil_lab.report.drawing.rows import BAR, Rows, names_width
from gil_lab.report.tables.results import by_workload

PLACE = 5

MEANING = gettext_noop("Running: on a core. Ready: waiting for one. Grey is blocked: waiting for something else.")
EDGE = "#6b7f90"
BETWEEN = 8
"""Pixels between the plot and what is said of each row."""
LEAST_SHARE = 0.05
SHOWN_FROM = 0.001
"""Of what no row has more there is no colour in the legend."""
MAX_ROWS = 60
"""More cannot be looked at."""
LEGEND = {"offset": 6, "symbolType": "square", "symbolStrokeWidth": 1, "symbolStrokeColor": EDGE}
TOOLTIP = of.tooltip(cell="cell", state="state", share="of its tasks' time")


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """A row for each cell of several workers whose states are known. Raises NothingToDrawError if there is none."""
    groups = [known for group in by_workload(source.rows) if (known := [row for row in group if _is_known(row)])]
    if not groups:
        raise NothingToDrawError(
            "no states of several workers to draw; measure some, on Linux: gil-lab run thread-states"
        )
    titles = [of.headline(group, partial(_title, of.sound(group), of.calling(group))) for group in groups]
    views = [_view(title, group, source.usable_cores, width) for title, group in zip(titles, groups, strict=True)]
    return picture("states", titles, views)


def _is_known(row: Summary) -> bool:
    return row.cell.workers > 1 and row.states is not None and row.states.ready is not None


def shares(row: Summary) -> dict[TaskState, float]:
    """By state, as far as they are known."""
    return {} if row.states is None else by_state(row.states)


def _share(row: Summary, state: TaskState) -> float:
    return shares(row).get(state, 0.0)


def _title(group: Sequence[Summary], called: of.Called) -> str:
    """Who waits for the GIL most, or is blocked most, and who has to wait for a core most."""
    found = []
    by_gil = any(_share(row, TaskState.GIL) >= LEAST_SHARE for row in group)
    for state in (TaskState.GIL if by_gil else TaskState.BLOCKED, TaskState.READY):
        most = max(group, key=lambda row: _share(row, state))
        if _share(most, state) >= LEAST_SHARE:
            found.append(f"{called(most)}: {of.percent(_share(most, state))} {gettext(state)}")
    all_run = gettext("{name} and the others run all the time")
    return clauses(found) or all_run.format(name=called(group[0]))


def _view(title: str, group: Sequence[Summary], cores: int | None, width: int) -> dict[str, Any]:
    drawn = list(group[:MAX_ROWS])
    named = dict(zip(of.row_labels(drawn, width=width), drawn, strict=True))
    longest = {name: _most(row) for name, row in named.items()}
    plot_width = round(width - names_width(list(named)) - BETWEEN - max(map(text_width, longest.values())))
    left_out = of.some_drawn(len(drawn), len(group))
    plot = Rows(
        list(named),
        plot_width,
        {"type": "linear", "domain": [0, 1], "nice": False},
        {"title": gettext("of the tasks' time from begin to end"), "tickCount": 5, "format": ".0%", "grid": False},
    )
    states = [state for state in TaskState if any(_share(row, state) >= SHOWN_FROM for row in drawn)]
    names = list(map(gettext, states))
    colours = {"domain": names, "range": [STATE_COLOURS[state] for state in states]}
    legend = {
        "title": None,
        "orient": "bottom",
        **LEGEND,
        **legend_layout(names, width - names_width(list(named))),
    }
    return {
        "title": heading(title, of.subtitle(group, cores, gettext(MEANING), left_out), width),
        **plot.spec(
            [
                *plot.layer(
                    [bar for name, row in named.items() for bar in _bars(name, row)],
                    {"type": "bar", "height": BAR, "stroke": EDGE, "strokeWidth": 0.5},
                    x2={"field": "end"},
                    color={"field": "state", "type": "nominal", "scale": colours, "legend": legend, "sort": None},
                    tooltip=TOOLTIP,
                ),
                *plot.words(plot_width + BETWEEN, longest, align="left"),
            ]
        ),
    }


def _bars(name: str, row: Summary) -> list[dict[str, object]]:
    """One after the other; their clocks have different resolutions, so what goes beyond the whole is cut off."""
    found, begin = list[dict[str, object]](), 0.0
    for state in TaskState:
        end = min(1.0, begin + _share(row, state))
        if end > begin:
            ends = {"x": of.rounded(begin), "end": of.rounded(end)}
            found.append({"cell": name, "state": gettext(state), **ends, "share": of.percent(_share(row, state))})
        begin = end
    return found


def _most(row: Summary) -> str:
    """The state in which its tasks were for the longest time."""
    state = max(TaskState, key=lambda one: _share(row, one))
    return f"{of.percent(_share(row, state))} {gettext(state)}"
