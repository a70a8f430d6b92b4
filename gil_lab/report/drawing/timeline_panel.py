"""The panel of one cell in the picture `timeline`: rows of workers, and bars whose height is split into states."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import ceil
from typing import Any

from gil_lab.analysis.states import TaskState, by_state
from gil_lab.analysis.timelines import Bar, Lane, Timeline
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext
from gil_lab.model.text import number
from gil_lab.report.drawing.labels import wrapped
from gil_lab.report.drawing.layers import legend_layout
from gil_lab.report.drawing.panels import rounded, tenths
from gil_lab.report.drawing.picture import FAINT, INK, STATE_COLOURS

MARGIN = 48
"""Pixels beside the plot: numbers of the workers at the left, half a label of the axis at the right."""
HEADING_SIZE = 12
TICK = 90
"""Pixels at least from one tick of time to the next: its label takes half of them."""
HEIGHT = 100
"""Pixels that the rows of one cell share, within the limits of a row."""
LOWEST, HIGHEST = 6, 16
LABEL_HEIGHT = 12
GAP = 1
TIME_DIGITS = 5
"""Late in a pass a short bar needs more than its length does."""
MAX_LANES = 64

SHOWN_FROM = 0.001
"""Share of a bar: what no bar has more of is not in the legend."""


@frozen
class DrawnBar:
    """One bar of the picture: a task, or several too short to be distinguished. Shares are of its whole width."""

    lane: int
    worker: int
    first: int
    others: int
    begin_s: float
    end_s: float
    shares: dict[TaskState, float]
    cores: str


class TimelinePanel:
    """One cell: what is drawn of it, and how."""

    def __init__(self, timeline: Timeline, most: int | None, called: str, axis_s: float | None = None) -> None:
        """`most` bars in all, if they have to be merged; the cell is `called` so. The axis is `axis_s` long."""
        self.timeline, self.called = timeline, called
        self.axis_s = axis_s or timeline.wall_s
        self.lanes = timeline.lanes[:MAX_LANES]
        self.states = _states(self.lanes)
        tasks = sum(len(lane.bars) for lane in self.lanes)
        self.merged = most is not None and tasks > most
        apart_s = timeline.wall_s / max(1, most // len(self.lanes)) if most and self.merged else 0.0
        self.bars = [bar for row, lane in enumerate(self.lanes) for bar in _drawn(row, lane, apart_s, self.states)]
        self.row_height = min(HIGHEST, max(LOWEST, HEIGHT // len(self.lanes)))

    def spec(self, states: Sequence[TaskState], across: int) -> dict[str, Any]:
        """`states` are those of the whole picture, which has one legend and is `across` pixels wide."""
        width = across - MARGIN
        keys = {state: _key(state) for state in self.states}
        tooltip = [
            {"field": "task", "type": "nominal", "title": gettext("task")},
            {"field": "worker", "type": "nominal", "title": gettext("worker")},
            {"field": "begin", "type": "nominal", "title": gettext("begin, ms")},
            {"field": "end", "type": "nominal", "title": gettext("end, ms")},
            *({"field": key, "title": gettext(state), "format": ".1%"} for state, key in keys.items()),
        ]
        if all(bar.cores for bar in self.bars):
            tooltip.append({"field": "core", "type": "nominal", "title": gettext("core")})
        axis_ms = rounded(1e3 * self.axis_s, TIME_DIGITS)
        return {
            "title": {
                "text": wrapped(self._heading(), width, HEADING_SIZE, bold=True),
                "frame": "group",
                "fontSize": HEADING_SIZE,
                "offset": 3,
            },
            "width": width,
            "height": self.row_height * len(self.lanes),
            "data": {"values": [self._values(bar) for bar in self.bars]},
            "transform": self._stacked(list(keys.values())),
            "encoding": {
                "x": {
                    "field": "begin",
                    "type": "quantitative",
                    "scale": {"domain": [0, axis_ms], "nice": False},
                    "axis": self._time_axis(width),
                },
                "y": {
                    "type": "quantitative",
                    "scale": {"domain": [0, len(self.lanes)], "nice": False, "reverse": True},
                    "axis": self._worker_axis(),
                },
                "tooltip": tooltip,
            },
            "layer": [
                {
                    "mark": {"type": "rect"},
                    "encoding": {
                        "x2": {"field": "end"},
                        "y": {"field": "y"},
                        "y2": {"field": "y2"},
                        "color": _colour(states, width),
                    },
                },
                *([] if self.merged else [self._seams()]),
            ],
        }

    def _seams(self) -> dict[str, Any]:
        """They separate a task from the one before it."""
        return {
            "mark": {"type": "rule", "color": "white", "strokeWidth": 0.8},
            "encoding": {"y": {"field": "y"}, "y2": {"field": "y2"}},
        }

    def _heading(self) -> str:
        one = self.timeline
        text = gettext("{name}: {time} ms, {in_flight} in flight, {running} running on average")
        if len(one.lanes) > MAX_LANES:
            text = gettext(
                "{name}: {time} ms, {in_flight} in flight, {running} running on average ({drawn} of {rows} rows drawn)"
            )
        return text.format(
            name=self.called,
            time=number(1e3 * one.wall_s),
            in_flight=tenths(one.in_flight),
            running=tenths(one.running),
            drawn=MAX_LANES,
            rows=len(one.lanes),
        )

    def _values(self, bar: DrawnBar) -> dict[str, Any]:
        return {
            "task": gettext("{names} and {more} more").format(names=bar.first, more=bar.others)
            if bar.others
            else bar.first,
            "worker": bar.worker,
            "lane": bar.lane,
            "begin": rounded(1e3 * bar.begin_s, TIME_DIGITS),
            "end": rounded(1e3 * bar.end_s, TIME_DIGITS),
            **{_key(state): rounded(share) for state, share in bar.shares.items()},
            **({"core": bar.cores} if bar.cores else {}),
        }

    def _stacked(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """The shares from the bottom of a row upwards; the axis points down."""
        height = rounded(1 - GAP / self.row_height)
        return [
            {"fold": list(keys), "as": ["state", "share"]},
            {"stack": "share", "groupby": ["lane", "begin"], "as": ["below", "above"]},
            {"calculate": f"datum.lane + 1 - {height} * datum.below", "as": "y"},
            {"calculate": f"datum.lane + 1 - {height} * datum.above", "as": "y2"},
        ]

    def _time_axis(self, width: int) -> dict[str, Any]:
        return {
            "title": None,
            "tickCount": width // TICK,
            "labelExpr": "format(datum.value, '~r') + ' ms'",
            "offset": 2,
            "labelFlush": True,
            "grid": False,
            "domainColor": FAINT,
        }

    def _worker_axis(self) -> dict[str, Any]:
        """A number at the first row of each worker, if there is room."""
        firsts = [next(rows) for _, rows in groupby(range(len(self.lanes)), lambda row: self.lanes[row].worker)]
        step = ceil(LABEL_HEIGHT / self.row_height)
        labelled = [row for row in firsts if row % step == 0]
        names = [str(lane.worker) for lane in self.lanes]
        return {
            "title": None,
            "values": [row + 0.5 for row in labelled],
            "labelExpr": f"{names!r}[floor(datum.value)]",
            "labelColor": INK,
            "labelOverlap": False,
            "minExtent": 22,
            "ticks": False,
            "domain": False,
            "grid": False,
        }


def _states(lanes: Sequence[Lane]) -> list[TaskState]:
    """Those that are drawn."""
    most: dict[TaskState, float] = {}
    for lane in lanes:
        for bar in lane.bars:
            for state, share in by_state(bar.states).items():
                most[state] = max(most.get(state, 0.0), share)
    return [state for state in TaskState if most.get(state, 0.0) >= SHOWN_FROM]


def _key(state: TaskState) -> str:
    """The name of its field in the data of the picture."""
    return state.name.lower()


def _colour(states: Sequence[TaskState], width: int) -> dict[str, Any]:
    drawn = [state for state in TaskState if state in states]
    meanings = {_key(state): f"{gettext(state)}: {gettext(state.meaning)}" for state in TaskState}
    legend = {
        "title": None,
        "orient": "top",
        **legend_layout([meanings[_key(state)] for state in drawn], width),
        "symbolType": "square",
        "symbolSize": 120,
        "labelLimit": width,
        "labelExpr": f"{meanings!r}[datum.label]",
        "values": [_key(state) for state in drawn],
    }
    scale = {"domain": [_key(state) for state in STATE_COLOURS], "range": list(STATE_COLOURS.values())}
    return {"field": "state", "type": "nominal", "scale": scale, "legend": legend}


def _drawn(row: int, lane: Lane, apart_s: float, states: Sequence[TaskState]) -> Iterator[DrawnBar]:
    """The bars of a lane; those that begin within the same `apart_s` are joined, if that is not 0."""
    bars: Iterable[tuple[float, Iterable[Bar]]] = ((bar.begin_s, (bar,)) for bar in lane.bars)
    if apart_s:
        bars = groupby(lane.bars, lambda bar: bar.begin_s // apart_s)
    return (_joined(row, lane.worker, list(group), states) for _, group in bars)


def _joined(row: int, worker: int, bars: Sequence[Bar], states: Sequence[TaskState]) -> DrawnBar:
    begin_s, end_s = bars[0].begin_s, bars[-1].end_s
    totals = dict.fromkeys(states, 0.0)
    for bar in bars:
        of_bar = by_state(bar.states)
        for state in states:
            totals[state] += (bar.end_s - bar.begin_s) * of_bar.get(state, 0.0)
    whole_s = end_s - begin_s
    return DrawnBar(
        lane=row,
        worker=worker,
        first=bars[0].task,
        others=len(bars) - 1,
        begin_s=begin_s,
        end_s=end_s,
        shares={state: total / whole_s if whole_s else 0.0 for state, total in totals.items()},
        cores=_cores(bars[0]) if len(bars) == 1 else "",
    )


def _cores(bar: Bar) -> str:
    """`0`, or `0 -> 1` for a task that ended on another core than it began on; empty where that is unknown."""
    if bar.core_begin is None or bar.core_end is None:
        return ""
    return f"{bar.core_begin}" if bar.core_begin == bar.core_end else f"{bar.core_begin} -> {bar.core_end}"
