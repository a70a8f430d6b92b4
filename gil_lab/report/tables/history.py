"""The history as tables of text: a line a session, and a line for each cell that was measured more than once."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import PurePath

from gil_lab.analysis.history import HistoryRow
from gil_lab.analysis.summaries import Summary
from gil_lab.model.records import Cell, Status
from gil_lab.model.text import number
from gil_lab.report.tables.results import against_same_form, several_pythons, strategy, threshold
from gil_lab.report.tables.size_units import has_size
from gil_lab.report.tables.table import Column, Row, Table

LEVELS, ASCII_LEVELS = "▁▂▃▄▅▆▇█", "_.-=+*#@"
MAX_SHOWN = 12
"""Sessions in a series: the latest ones, so that a line fits a terminal."""


def _columns(headings: Mapping[tuple[str, str], bool]) -> list[Column[Sequence[str]]]:
    """Of headings in two lines, and whether the column has numbers."""
    return [
        Column(heading, itemgetter(at), right=right, naming=not at)
        for at, (heading, right) in enumerate(headings.items())
    ]


SESSIONS = _columns(
    {
        ("", "session"): False,
        ("", "experiment"): False,
        ("cells", "ok"): True,
        ("gained most", "strategy"): False,
        ("speed-up", "same form"): True,
    }
)
CELLS = _columns(
    {
        ("", "strategy"): False,
        ("ses-", "sions"): True,
        ("wall s", "first"): True,
        ("wall s", "last"): True,
        ("wall", "from 0 up"): False,
        ("same form", "first"): True,
        ("same form", "last"): True,
    }
)


def by_session(rows: Iterable[HistoryRow]) -> Table:
    """One line a session: how many of its cells worked, and what gained most from running at the same time."""
    sessions = [list(group) for _, group in groupby(rows, key=attrgetter("session"))]
    title = f"{len(sessions)} session{'s' * (len(sessions) != 1)}"
    least = threshold(row.summary for session in sessions for row in session)
    return Table.of(title, SESSIONS, map(_session, sessions), apart=2, threshold=least)


def _session(rows: Sequence[HistoryRow]) -> list[str]:
    first, summaries = rows[0], [row.summary for row in rows]
    good = sum(summary.status is Status.OK for summary in summaries)
    best = max(summaries, key=_surely_gained)
    under = f" under {best.cell.interpreter}" if several_pythons(summaries) else ""
    gained = [_name(best) + under, against_same_form(best)] if _surely_gained(best) else ["", ""]
    cells = str(good) if good == len(rows) else f"{good}/{len(rows)}"
    return [PurePath(first.session).name or first.session, first.experiment, cells, *gained]


def _surely_gained(summary: Summary) -> float:
    """The low end of the interval: of many cells, one has a high median by chance. 0 if every round is flagged."""
    estimate = summary.parallel_speedup
    if estimate is None or estimate.of_itself or summary.flagged:
        return 0.0
    return estimate.value if estimate.low is None else estimate.low


def by_cell(rows: Sequence[HistoryRow], levels: str = LEVELS) -> list[Table]:
    """For each kind of work on each machine, the cells that several sessions have numbers of, over time."""
    series: dict[tuple[str, Cell], list[Summary]] = {}
    for row in rows:
        if row.summary.wall_s is not None:
            series.setdefault((row.host, row.summary.cell), []).append(row.summary)
    tables: dict[str, list[Row]] = {}
    least = threshold(row.summary for row in rows)
    for (host, cell), found in series.items():
        if len(found) > 1:
            size = f", size {cell.size}" if has_size(cell) else ""
            work = f"{cell.workload}, {cell.tasks} tasks{size}, Python {cell.interpreter}"
            tables.setdefault(f"{work}, on {host or 'an unknown machine'}", []).append(_cell(found, levels))
    return [Table(title, CELLS, lines, apart=2, threshold=least) for title, lines in tables.items()]


def _cell(found: Sequence[Summary], levels: str) -> Row:
    walls = [summary.wall_s or 0.0 for summary in found]
    ends = found[0], found[-1]
    shown = (*(number(walls[end]) for end in (0, -1)), bars(walls[-MAX_SHOWN:], levels), *map(against_same_form, ends))
    return Row([_name(found[-1]), str(len(found)), *shown], flagged=found[-1].flagged)


def bars(values: Sequence[float], levels: str = LEVELS) -> str:
    """A bar for each value, from 0 to the greatest: a tenth more must not look like twice as much."""
    most = max(values)
    return "".join(levels[max(0, math.ceil(len(levels) * value / most) - 1)] for value in values)


def _name(summary: Summary) -> str:
    """With the mark of a cell of which every round is flagged."""
    return strategy(summary) + (f" x{summary.cell.workers}" if summary.cell.workers > 1 else "")
