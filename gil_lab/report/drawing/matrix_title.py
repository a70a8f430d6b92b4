"""What the matrix says in its title: what changes most from one interpreter to the next, and the build tax."""

import math
from collections.abc import Mapping
from dataclasses import replace

from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import clauses, gettext
from gil_lab.model.shares import percent
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.tables.matrix import Matrix
from gil_lab.report.text.interpreters import more_time
from gil_lab.report.text.sentences import milliseconds


def title(matrix: Matrix) -> str:
    return clauses(filter(None, (_widest(matrix), _tax(matrix)))) or _dearest(matrix) or _seconds(matrix)


def _widest(matrix: Matrix) -> str:
    """The strategy whose speed-ups lie farthest apart, as ratios; rather one that is parallel under some only."""
    best, spread = "", (False, 0.0)
    for name, row in matrix.rows.items():
        gains = {python: _gain(one) for python, one in row.items() if _gain(one)}
        if len(gains) > 1:
            low, high = min(gains, key=gains.__getitem__), max(gains, key=gains.__getitem__)
            ratio = (len({row[python].verdict for python in gains}) > 1, math.log(gains[high] / gains[low]))
            if gains[high] != gains[low] and ratio > spread:
                text = gettext("{name} is {more}, {less}")
                most, least = _gain_under(row, high, first=True), _gain_under(row, low)
                best, spread = text.format(name=of.short(name), more=most, less=least), ratio
    return best


def _gain(summary: Summary) -> float:
    """0 for what has none, or none to be believed; 1 where no difference was seen."""
    overall = summary.speedup
    if overall is None or summary.is_baseline or summary.flagged or not 0 < overall.value < math.inf:
        return 0
    return 1 if overall.shows_a_difference is False else overall.value


def _gain_under(row: Mapping[str, Summary], python: str, *, first: bool = False) -> str:
    """The first one says what it is relative to."""
    overall = row[python].speedup
    assert overall is not None
    text = gettext("{times} times under {python}")
    if first:
        text = gettext("{times} times as fast as sequential under {python}")
    if overall.shows_a_difference is False:
        text = gettext("not seen to differ under {python}")
        if first:
            text = gettext("not seen to differ from sequential under {python}")
    if overall.is_negligible:
        text = gettext("within {threshold} under {python}")
        if first:
            text = gettext("within {threshold} of sequential under {python}")
    return text.format(times=number(overall.value), threshold=percent(overall.threshold), python=of.short(python))


def _tax(matrix: Matrix) -> str:
    """Of the first build without the lock that shows a difference."""
    for cell, one in matrix.references.items():
        python = cell.interpreter
        if one.tells_the_build and not one.flagged and "+" not in python and one.estimate.shows_a_difference:
            text = gettext("sequential work takes {time} under {python} than under {reference}")
            return text.format(time=more_time(one.estimate), python=of.short(python), reference=one.reference)
    return ""


def marginal_costs(matrix: Matrix) -> dict[str, float]:
    """Seconds that each further worker adds to the start, by what the cell is called."""
    under = gettext("{name} under {pythons}")
    return {
        under.format(name=of.short(name), pythons=of.short(python)): one.marginal_cost.start_up_s
        for name, row in matrix.rows.items()
        for python, one in row.items()
        if one.marginal_cost.start_up_s is not None
    }


def _dearest(matrix: Matrix) -> str:
    sound = {name: {at: one for at, one in row.items() if not one.flagged} for name, row in matrix.rows.items()}
    found = marginal_costs(replace(matrix, rows=sound))
    if len(found) < 2:  # noqa: PLR2004 - there is nothing to compare
        return ""
    least, most = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    text = gettext("each worker adds {less} in {name} and {more} in {other}")
    return text.format(less=milliseconds(found[least]), name=least, more=milliseconds(found[most]), other=most)


def _seconds(matrix: Matrix) -> str:
    """Where there are no speed-ups: of the first row that two interpreters ran, the fastest and the slowest."""
    for name, row in matrix.rows.items():
        walls = {python: one.wall_s for python, one in row.items() if one.wall_s and not one.flagged}
        if len(walls) > 1:
            fast, slow = min(walls, key=walls.__getitem__), max(walls, key=walls.__getitem__)
            text = gettext("{name} takes {time} under {python} and {other_time} under {other}")
            return text.format(
                name=of.short(name),
                time=of.seconds(walls[fast]),
                python=of.short(fast),
                other_time=of.seconds(walls[slow]),
                other=of.short(slow),
            )
    return gettext("no strategy ran under two of these interpreters")
