"""The traced passes of two or three cells, as data that a script replays side by side.

Only what was measured: when each task began and ended and in which thread, for what share of its time it ran, was
ready or blocked, on which core it was at either end, and who held the GIL when. *When* within its time a task ran is
not known, and is not made up: see replay.js for how that is drawn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from gil_lab.analysis.gil_timelines import GilTimeline
from gil_lab.analysis.results import SessionResults
from gil_lab.analysis.states import TaskState, by_state
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.timelines import Bar, Lane, Timeline
from gil_lab.model.cell_names import naming
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, speaking, spoken
from gil_lab.model.records import Cell
from gil_lab.report.drawing.picture import STATE_COLOURS
from gil_lab.report.extra import environment
from gil_lab.report.page.notebook_frame import notebook_frame
from gil_lab.report.page.parts import MESSAGES, data_block, policy, templates, text_of
from gil_lab.report.tables.results import by_workload
from gil_lab.suite.catalogue import are_same_work

SCRIPT = "replay.js"
FRAME_HEIGHT = 640
"""Pixels: three panels of eight workers side by side, or of four in two rows; what is higher scrolls."""
MOST_CELLS = 3
"""More do not fit side by side on a projector."""
MOST_TASKS = 5_000
"""Of a cell: a page with more would take long to load."""
MILLISECONDS = 1e3
TIME_DIGITS, SHARE_DIGITS = 4, 3
"""After the point: a tenth of a microsecond, and a thousandth."""
NO_LANE = -1
"""Of a thread that holds the GIL and runs no tasks."""


ReplayData = dict[str, object]


@frozen
class Replay:
    """For a notebook, which shows it in a frame of its own. Raises ExtraError there without the extra `report`."""

    data: ReplayData
    language: str = field(default_factory=spoken)
    """That of the data, and of the page."""

    def __repr__(self) -> str:
        cells: Any = self.data["cells"]
        return f"Replay of {len(cells)} passes: shown in a notebook; elsewhere gil-lab report --open has it"

    def document(self) -> str:
        """A page of its own, which needs nothing else."""
        scripts, style = [text_of(MESSAGES), text_of(SCRIPT)], text_of("page.css")
        with speaking(self.language):
            template = templates().get_template("replay_alone.html")
            return template.render(
                policy=policy(scripts, style), style=style, section=section(self.data), scripts=scripts
            )

    def _repr_html_(self) -> str:
        with speaking(self.language):
            return notebook_frame(self.document(), gettext("Replay"), FRAME_HEIGHT)


def section(data: ReplayData, name: str = "replay") -> str:
    """The part of a page that `SCRIPT` fills, with a name of its own. Raises ExtraError without the extra `report`."""
    return environment().from_string(text_of("replay.html")).render(data=data_block(data), id=name)


def rows_to_replay(results: SessionResults) -> list[Summary]:
    """Those whose traced passes tell most of a session; none if no two of them were traced."""
    timelines = {timeline.cell: timeline for timeline in results.timelines}
    for group in _groups(results.rows):
        chosen = _chosen([row for row in group if row.cell in timelines and _is_small(timelines[row.cell])], timelines)
        if len(chosen) > 1:
            return chosen
    return []


def replay(results: SessionResults) -> ReplayData | None:
    """Their passes, for the script; None if there are none."""
    if not (chosen := rows_to_replay(results)):
        return None
    timelines = {timeline.cell: timeline for timeline in results.timelines}
    gils = {timeline.trial: timeline for timeline in results.gil_timelines}
    called = naming(row.cell for row in chosen)
    shown = [timelines[row.cell] for row in chosen]
    return {
        "states": [[gettext(state), STATE_COLOURS[state]] for state in TaskState],
        "cells": [{"name": called(one.cell), **_cell(one, gils.get(one.trial))} for one in shown],
    }


def _groups(rows: Sequence[Summary]) -> Iterator[list[Summary]]:
    """By work; variants that are work of their own are not mixed."""
    for group in by_workload(rows):
        first = group[0].cell
        yield group if are_same_work(first.work) else [row for row in group if row.cell.workload == first.workload]


def _is_small(timeline: Timeline) -> bool:
    return sum(len(lane.bars) for lane in timeline.lanes) <= MOST_TASKS


def _chosen(group: Sequence[Summary], timelines: Mapping[Cell, Timeline]) -> list[Summary]:
    """Of each verdict the first cell with the most workers, in the order of the rows; then of other strategies.

    Where all of that is one cell, because each works alone: the first, the slowest and the fastest.
    """
    pooled = [row for row in group if row.cell.workers > 1 and not row.flagged]
    for rows in (pooled, group):
        largest = sorted(rows, key=lambda row: -row.cell.workers)
        by_verdict = {row.verdict: row for row in reversed(largest)}
        by_strategy = {row.cell.strategy: row for row in reversed(largest)}
        chosen = {id(row) for row in [*by_verdict.values(), *by_strategy.values()][:MOST_CELLS]}
        if len(chosen) > 1:
            return [row for row in group if id(row) in chosen]
    by_time = sorted(group, key=lambda row: timelines[row.cell].wall_s)
    chosen = {id(row) for row in (*group[:1], *by_time[:1], *by_time[-1:])}
    return [row for row in group if id(row) in chosen]


def _cell(timeline: Timeline, gil: GilTimeline | None) -> dict[str, object]:
    numbered = list(enumerate(timeline.lanes))
    bars = sorted(((bar, number) for number, lane in numbered for bar in lane.bars), key=lambda pair: pair[0].begin_s)
    states = [by_state(bar.states) for bar, _ in bars]
    return {
        "wall": _ms(timeline.wall_s),
        "workers": [_called(lane, timeline.lanes) for lane in timeline.lanes],
        "inFlight": round(timeline.in_flight, SHARE_DIGITS),
        "coresBusy": round(timeline.running, SHARE_DIGITS),
        "tasks": {
            "number": [bar.task for bar, _ in bars],
            "worker": [number for _, number in bars],
            "begin": [_ms(bar.begin_s) for bar, _ in bars],
            "end": [_ms(bar.end_s) for bar, _ in bars],
            "core": [_core(bar) for bar, _ in bars],
            "shares": [[round(shares.get(state, 0.0), SHARE_DIGITS) for shares in states] for state in TaskState],
        },
        "holds": _holds(timeline, gil),
    }


def _ms(seconds: float) -> float:
    return round(MILLISECONDS * seconds, TIME_DIGITS)


def _called(lane: Lane, lanes: Sequence[Lane]) -> tuple[str, str]:
    """In short and in full. Coroutines of one thread have a lane each."""
    alike = [one for one in lanes if one.worker == lane.worker]
    number = str(lane.worker) if len(alike) == 1 else f"{lane.worker}, {alike.index(lane) + 1}"
    return number, gettext("worker {number}").format(number=number)


def _core(bar: Bar) -> int | None:
    """On which it was at both ends."""
    return bar.core_begin if bar.core_begin == bar.core_end else None


def _holds(timeline: Timeline, gil: GilTimeline | None) -> list[dict[str, list[float]]]:
    """Of each GIL, by whom it was held when; none where that was not seen, or there is none."""
    if gil is None:
        return []
    lanes = {(lane.pid, lane.tid): number for number, lane in reversed(list(enumerate(timeline.lanes)))}
    found: list[dict[str, list[float]]] = []
    for one in gil.gils:
        held = [hold for hold in one.holds if hold.tid is not None]
        found.append(
            {
                "worker": [lanes.get((one.pid, hold.tid or 0), NO_LANE) for hold in held],
                "begin": [_ms((hold.begin_ns - gil.begin_ns) / 1e9) for hold in held],
                "end": [_ms((hold.end_ns - gil.begin_ns) / 1e9) for hold in held],
                "seen": [int(hold.handoffs <= 1) for hold in held],
            }
        )
    return found
