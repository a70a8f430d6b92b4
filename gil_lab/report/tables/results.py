"""The result table: a row a cell."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.hosts import HostUse
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.cell_names import strategy_name
from gil_lab.model.language import gettext, gettext_noop, listed, ngettext
from gil_lab.model.text import number
from gil_lab.report.tables.size_units import has_size
from gil_lab.report.tables.table import Column, Row, Table

Record = TypeVar("Record")
NOTHING_S = 5e-4
TWICE = 1.995
"""Times the value, or less than it: an interval of a ratio that reaches further is shown by its limits. 200 % cannot be
subtracted, and what is twice the value upward is half of it downward, which ±100 % does not say. Of others the farther
end is what stands after ±. Rejected: half the width, for an interval may reach further on one side of the value."""
INCONCLUSIVE_FROM = 10
"""Times greater and smaller: an interval around 1 that reaches so far says nothing that was not known before."""


def strategy(summary: Summary) -> str:
    """With the variant of the workload, and a star if every round is flagged."""
    cell = summary.cell
    return f"{strategy_name(cell.strategy)}{' ' * bool(cell.variant)}{cell.variant}{'*' * summary.flagged}"


def mark(estimate: Estimate) -> str:
    """`~` where no difference is seen, `=` where it is known not to matter."""
    return "=" if estimate.is_negligible else "~" if estimate.shows_a_difference is False else ""


def ratio(estimate: Estimate | None) -> str:
    """`1.93 ±2%`: the value, and how far its interval reaches at most; a mark before it if no difference is seen.

    A wide one is `1.5 to 14`, and one that says nothing `inconclusive`.
    """
    if estimate is None:
        return ""
    if estimate.low is None or estimate.high is None or estimate.half_width is None or estimate.reach is None:
        return number(estimate.value)
    sign = mark(estimate)
    if sign and 1 + estimate.half_width >= INCONCLUSIVE_FROM:
        return gettext("inconclusive")
    if estimate.high >= TWICE * estimate.value or estimate.value >= TWICE * estimate.low:
        span = gettext("{least} to {most}").format(least=number(estimate.low, 2), most=number(estimate.high, 2))
        return f"{sign}{span}"
    return f"{sign}{number(estimate.value)} ±{100 * estimate.reach:.0f}%"


def seconds(value: float | None) -> str:
    """Milliseconds matter in a start-up; what is shorter is 0."""
    return "" if value is None else "0" if value < NOTHING_S else f"{value:.3f}"


def tenth(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def cores_on_hosts(hosts: Sequence[HostUse]) -> str:
    """`1.9 + 1.8 of 2 + 2`: what is busy on each host, and what its workers may use."""
    if not hosts:
        return ""
    text = gettext("{busy} of {cores}")
    return text.format(
        busy=" + ".join(tenth(one.cores_busy) for one in hosts), cores=" + ".join(f"{one.cores:.0f}" for one in hosts)
    )


def against_sequential(summary: Summary) -> str:
    """1 for the reference itself."""
    return "1" if summary.is_baseline and summary.wall_s else _marked(summary, summary.speedup)


def against_same_form(summary: Summary) -> str:
    """Empty for a reference, which would be compared with itself."""
    estimate = summary.parallel_speedup
    return "" if estimate and estimate.of_itself else _marked(summary, estimate)


def _marked(summary: Summary, estimate: Estimate | None) -> str:
    """With a star where it is only its reference of which every round is flagged."""
    return ratio(estimate) + "*" * (estimate is not None and estimate.flagged and not summary.flagged)


SHORT_VERDICTS = {
    Verdict.CONCURRENT: gettext_noop("concurrent"),
    Verdict.WAITING: gettext_noop("waiting"),
    Verdict.ACROSS_MACHINES: gettext_noop("across hosts"),
    Verdict.SHORT_OF_CORES: gettext_noop("short of cores"),
}
"""Of those that are long, in a column."""


def _verdict(summary: Summary) -> str:
    if summary.verdict is None:
        return ""
    verdict = gettext(SHORT_VERDICTS.get(summary.verdict, str(summary.verdict)))
    return gettext("{verdict}, slower").format(verdict=verdict) if summary.is_slower else verdict


def _number(value: float | None, factor: float) -> str:
    return "" if value is None else number(factor * value)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}%"


def _of(record: Record | None, number_in: Callable[[Record], float | None]) -> float | None:
    return None if record is None else number_in(record)


STRATEGY = Column(("", "strategy"), strategy, right=False, naming=True)
PYTHON = Column[Summary](("", "Python"), lambda summary: summary.cell.interpreter, right=False, naming=True)
WORKERS = Column[Summary](("wor-", "kers"), lambda summary: str(summary.cell.workers), naming=True)
WALL = Column[Summary](("wall", "s"), lambda summary: _number(summary.wall_s, 1))
OVERALL = Column(("speed-up", "overall"), against_sequential)
SAME_FORM = Column(("speed-up", "same form"), against_same_form)
VERDICT = Column[Summary](("", "verdict"), _verdict, right=False)
IN_FLIGHT = Column[Summary](("in", "flight"), lambda summary: tenth(summary.in_flight))
CORES_BUSY = Column[Summary](("cores", "busy"), lambda summary: tenth(summary.cores_busy))
ON_HOSTS = Column[Summary](("cores busy", "on hosts"), lambda summary: cores_on_hosts(summary.hosts))
GIL_HELD = Column[Summary](("GIL", "held"), lambda one: _percent(one.gil_seen.held_share), second=1)
GIL_WAIT = Column[Summary](("GIL", "wait"), lambda one: _percent(_of(one.states, lambda states: states.gil)), second=1)
GIL_COLUMNS = (GIL_HELD, GIL_WAIT)
CHUNK = Column[Summary](("", "chunk"), lambda one: "" if one.chunk is None else f"{one.chunk:.0f}", second=1)
UNDER_FILL = Column[Summary](("under-", "fill"), lambda one: _percent(one.idle.queued), second=1, full="under-fill")
TAIL = Column[Summary](("", "tail"), lambda one: _percent(one.idle.tail), second=1)
CHUNK_COLUMNS = (CHUNK, UNDER_FILL, TAIL)
"""Where it is known how many tasks were handed over at a time."""
START_UP = Column[Summary](
    ("start", "-up s"), lambda summary: seconds(_of(summary.costs, lambda costs: costs.startup_s)), second=1
)
COMPILE = Column[Summary](
    ("com-", "pile s"), lambda summary: seconds(_of(summary.costs, lambda costs: costs.compile_s)), second=1
)
FURTHER = (
    Column[Summary](
        ("delay", "p50 ms"), lambda summary: _number(_of(summary.delays, lambda delays: delays.median_s), 1e3), second=2
    ),
    Column[Summary](
        ("delay", "p99 ms"), lambda summary: _number(_of(summary.delays, lambda delays: delays.p99_s), 1e3), second=2
    ),
    Column[Summary](
        ("delay", "max ms"), lambda summary: _number(_of(summary.delays, lambda delays: delays.worst_s), 1e3), second=2
    ),
    Column[Summary](("per", "worker ms"), lambda summary: _number(summary.marginal_cost.start_up_s, 1e3), second=2),
    Column[Summary](("per", "worker MB"), lambda summary: _number(summary.marginal_cost.memory_bytes, 1e-6), second=2),
)
"""What only some experiments measure, which is what they are about: on a page it stands near the names."""
COLUMNS = (
    *(STRATEGY, PYTHON, WORKERS, WALL, OVERALL, SAME_FORM, *FURTHER),
    *(IN_FLIGHT, CORES_BUSY, ON_HOSTS, *GIL_COLUMNS, *CHUNK_COLUMNS, START_UP, COMPILE),
)


def results_table(
    group: Sequence[Summary], marks: Mapping[str, Sequence[Summary]] | None = None, *, verdicts: bool = False
) -> Table:
    """The cells of one kind of work; `marks` are their letters on the map, `verdicts` are shown where there is room."""
    columns = shown(group)
    if verdicts and CORES_BUSY in columns:
        columns.insert(columns.index(CORES_BUSY) + 1, VERDICT)
    if marks:
        letters = {id(summary): letter for letter, alike in marks.items() for summary in alike}
        mark = Column[Summary](("", ""), lambda summary: letters.get(id(summary), ""), right=False, naming=True)
        columns = [mark, *columns]
    rows = [_row(summary, columns) for summary in group]
    return Table(title(group), columns, rows, threshold=threshold(group))


def threshold(group: Iterable[Summary]) -> float | None:
    """From where on differences between these cells matter; None if each interval is judged alone."""
    return next((one.distinctions.threshold for one in group if one.distinctions.threshold is not None), None)


def _row(summary: Summary, columns: Sequence[Column[Summary]]) -> Row:
    if summary.wall_s is not None:
        return Row([column.text(summary) for column in columns], flagged=summary.flagged)
    texts = [column.text(summary) if column.naming else "" for column in columns]
    return Row(texts, str(summary.status), f"{summary.status}: {summary.detail}")


def shown(summaries: Sequence[Summary]) -> list[Column[Summary]]:
    """The columns that these summaries differ in: workers and Pythons only where they vary, and none that is empty.

    Where several Pythons need a column, there is none for what all other columns say as well: that nothing was
    compiled, and that all cells run the form of the sequential one.
    """
    left_out = set(_left_out(summaries))
    columns = [column for column in COLUMNS if column not in left_out]
    usual = PYTHON in left_out and left_out.issuperset(FURTHER)
    if not usual:
        return columns
    # Of the usual ones the names are folded, rather than that they are divided; but not for those of the GIL.
    return [column if column in GIL_COLUMNS else replace(column, second=0) for column in columns]


def _left_out(summaries: Sequence[Summary]) -> Iterator[Column[Summary]]:
    pythons = several_pythons(summaries)
    yield from [] if several_workers(summaries) else [WORKERS]
    yield from [] if pythons else [PYTHON]
    yield from (one for one in COLUMNS if not one.naming and one is not WALL and not any(map(one.text, summaries)))
    if not any(map(CHUNK.text, summaries)):
        yield from CHUNK_COLUMNS
    if pythons and all(COMPILE.text(one) in ("", "0") for one in summaries):
        yield COMPILE
    if pythons and all(SAME_FORM.text(one) in ("", OVERALL.text(one)) for one in summaries):
        yield SAME_FORM


def several_workers(summaries: Sequence[Summary]) -> bool:
    """Whether pools of several sizes were measured, be it two of one strategy."""
    pools = {(summary.cell.strategy, summary.cell.interpreter): summary.cell.workers for summary in summaries}
    alike = any(pools[one.cell.strategy, one.cell.interpreter] != one.cell.workers for one in summaries)
    return alike or len({workers for workers in pools.values() if workers > 1}) > 1


def several_pythons(summaries: Sequence[Summary]) -> bool:
    return len({summary.cell.interpreter for summary in summaries}) > 1


def title(summaries: Sequence[Summary]) -> str:
    """What all rows of one kind of work have in common."""
    cell = summaries[0].cell
    workers = sorted({summary.cell.workers for summary in summaries if summary.cell.workers > 1})
    # Of many cells sequential work has a turn in each block of them, and so more rounds than any other one.
    compared = [summary for summary in summaries if not summary.is_baseline] or summaries
    rounds = max(summary.rounds or summary.trials for summary in compared)
    pythons = len({summary.cell.interpreter for summary in summaries})
    parts = [
        cell.work,
        ngettext("{count} task", "{count} tasks", cell.tasks).format(count=cell.tasks),
        *([gettext("size {size}").format(size=cell.size)] if has_size(cell) else []),
        f"Python {cell.interpreter}" if pythons == 1 else gettext("{count} Pythons").format(count=pythons),
    ]
    if len(workers) == 1 and not several_workers(summaries):
        parts.append(gettext("{count} workers").format(count=workers[0]))
    return listed([*parts, ngettext("{count} round", "{count} rounds", rounds).format(count=rounds)])


def by_workload(summaries: Sequence[Summary]) -> list[list[Summary]]:
    """One table for each kind of work: rows of different work must not be ranked together."""
    groups: dict[tuple[str, int, int], list[Summary]] = {}
    for summary in summaries:
        groups.setdefault(work(summary), []).append(summary)
    return list(groups.values())


def work(summary: Summary) -> tuple[str, int, int]:
    """What a cell does, and how much of it."""
    return summary.cell.work, summary.cell.tasks, summary.cell.size
