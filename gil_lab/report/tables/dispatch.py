"""What a task takes all in all: a row a strategy and chunk, a column a length of the tasks."""

from collections.abc import Sequence

from gil_lab.analysis.dispatch import Dispatch, Dispatched, PaysFrom
from gil_lab.model.language import gettext
from gil_lab.model.text import number
from gil_lab.report.tables.table import Column, Row, Table
from gil_lab.suite.strategies import BASELINE

UNITS = (("s", 1.0), ("ms", 1e3), ("µs", 1e6))
BEST = "<"
"""Behind what is the best chunk of a strategy at that length, or as good as far as is known."""


def dispatch_table(one: Dispatch, shown: Sequence[Dispatched] | None = None) -> Table:
    """Of one kind of work; None: all of its series."""
    columns = [
        Column[Dispatched](("", "strategy"), str, right=False, naming=True),
        *(Column[Dispatched](("task of", short(work_s)), str, full=short(work_s)) for work_s in one.works_s),
        Column[Dispatched](("pays", "from"), str),
    ]
    best = {
        (each.name, place)
        for strategy in dict.fromkeys(each.strategy for each in one.series)
        for place in range(len(one.works_s))
        for each in one.best(strategy, place)
    }
    rows = [Row([BASELINE, *(short(work_s) for work_s in one.works_s), ""])]
    for each in one.series if shown is None else shown:
        taken = {length.work_s: length for length in each.lengths}
        texts = [
            f"{short(taken[work_s].task_s)}{'*' * taken[work_s].summary.flagged}{BEST * ((each.name, place) in best)}"
            if work_s in taken
            else ""
            for place, work_s in enumerate(one.works_s)
        ]
        rows.append(Row([each.name, *texts, pays(each.pays_from)]))
    workers = gettext("{count} workers").format(count=one.workers)
    note = gettext("Wall time / tasks: work and all else. {sign} best chunk, or as good as far as known")
    title = f"{one.work}, Python {one.interpreter}, {workers}"
    return Table(title, columns, rows, [note.format(sign=BEST)], sortable=False)


def pays(found: PaysFrom | None) -> str:
    if found is None:
        return gettext("never")
    return gettext("any length") if found.at_most else short(found.work_s)


def short(value_s: float) -> str:
    """With two digits: `1.1 µs`."""
    rounded_s = float(f"{value_s:.2g}")
    unit, factor = next((one for one in UNITS if rounded_s * one[1] >= 1), UNITS[-1])
    return f"{number(factor * rounded_s, 2)} {unit}"
