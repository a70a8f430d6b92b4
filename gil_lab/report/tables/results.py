"""The columns of the result table: heading, text of a cell. One list for the terminal, notebooks and Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.model.text import number

NOTHING_S = 5e-4
LEGEND = {
    "~": "~ no difference seen: the 95 % interval of the speed-up holds 1",
    "*": "* every round is doubtful (see its flags)",
    "±": "± half the 95 % interval",
}


@dataclass(frozen=True)
class Column:
    heading: tuple[str, str]
    text: Callable[[Summary], str]
    right: bool = True


def doubtful(summary: Summary) -> bool:
    """Whether every round is."""
    return summary.doubtful


def strategy(summary: Summary) -> str:
    """With the variant of the workload, and a star if every round is doubtful."""
    cell = summary.cell
    return f"{cell.strategy}{' ' * bool(cell.variant)}{cell.variant}{'*' * doubtful(summary)}"


def ratio(estimate: Estimate | None) -> str:
    """`1.93 ±2%`: half the width of the interval, in per cent; `~` before it if the interval holds 1."""
    if estimate is None:
        return ""
    if estimate.low is None or estimate.high is None:
        return number(estimate.value)
    half = (estimate.high / estimate.low) ** 0.5 - 1
    return f"{'' if estimate.shows_a_difference else '~'}{number(estimate.value)} ±{100 * half:.0f}%"


def seconds(value: float | None) -> str:
    """Milliseconds matter in a start-up; what is shorter is 0."""
    return "" if value is None else "0" if value < NOTHING_S else f"{value:.3f}"


def tenth(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def against_sequential(summary: Summary) -> str:
    """1 for the reference itself."""
    return "1" if summary.is_baseline and summary.wall_s else ratio(summary.against_sequential)


def against_same_form(summary: Summary) -> str:
    """Empty for a reference, which would be compared with itself."""
    estimate = summary.against_same_form
    return "" if estimate and estimate.of_itself else ratio(estimate)


def _number(value: float | None, factor: float) -> str:
    return "" if value is None else number(factor * value)


STRATEGY = Column(("", "strategy"), strategy, right=False)
PYTHON = Column(("", "Python"), lambda summary: summary.cell.interpreter, right=False)
WORKERS = Column(("wor-", "kers"), lambda summary: str(summary.cell.workers))
NAMES = (STRATEGY, PYTHON, WORKERS)
"""What a row is called; also told of a cell without numbers."""
WALL = Column(("wall", "s"), lambda summary: _number(summary.wall_s, 1))
OVERALL = Column(("speed-up", "overall"), against_sequential)
SAME_FORM = Column(("speed-up", "same form"), against_same_form)
COMPILE = Column(("com-", "pile s"), lambda summary: seconds(summary.compile_s))
START_UP = Column(("start", "-up s"), lambda summary: seconds(summary.startup_s))
FURTHER = (
    Column(("delay", "p50 ms"), lambda summary: _number(summary.delay_s, 1e3)),
    Column(("delay", "p99 ms"), lambda summary: _number(summary.delay_p99_s, 1e3)),
    Column(("delay", "max ms"), lambda summary: _number(summary.delay_max_s, 1e3)),
    Column(("further", "worker ms"), lambda summary: _number(summary.further_worker_s, 1e3)),
    Column(("further", "worker MB"), lambda summary: _number(summary.further_worker_bytes, 1e-6)),
)
"""What only some experiments measure."""
COLUMNS = (
    *NAMES,
    WALL,
    OVERALL,
    SAME_FORM,
    Column(("in", "flight"), lambda summary: tenth(summary.in_flight)),
    Column(("cores", "busy"), lambda summary: tenth(summary.cores_busy)),
    START_UP,
    COMPILE,
    *FURTHER,
)


def shown(summaries: Sequence[Summary]) -> list[Column]:
    """The columns that tell these summaries apart: workers and Pythons only where they vary, and none that is empty.

    Where several Pythons need a column, there is none for what all other columns tell as well: that nothing was
    compiled, and that all cells run the form of the sequential one.
    """
    pythons = several_pythons(summaries)
    left_out = {*([] if several_workers(summaries) else [WORKERS]), *([] if pythons else [PYTHON])}
    left_out |= {one for one in COLUMNS if one not in (*NAMES, WALL) and not any(map(one.text, summaries))}
    if pythons and all(COMPILE.text(one) in ("", "0") for one in summaries):
        left_out.add(COMPILE)
    if pythons and all(SAME_FORM.text(one) in ("", OVERALL.text(one)) for one in summaries):
        left_out.add(SAME_FORM)
    return [column for column in COLUMNS if column not in left_out]


def narrower(columns: Sequence[Column]) -> list[tuple[list[Column], list[Column]]]:
    """Ways to show these columns where they do not fit side by side: in two tables, each with the names.

    None of a table that has no more than it ever had: of that the names are folded.
    """
    if PYTHON not in columns and not set(FURTHER) & set(columns):
        return []
    called = [column for column in columns if column in NAMES]
    behind: tuple[tuple[Column, ...], ...] = (FURTHER, (START_UP, COMPILE, *FURTHER))
    return [
        ([column for column in columns if column not in later], [*called, *rest])
        for later in behind
        if (rest := [column for column in columns if column in later])
    ]


def several_workers(summaries: Sequence[Summary]) -> bool:
    """Whether pools of several sizes were measured, be it two of one strategy."""
    pools = {(summary.cell.strategy, summary.cell.interpreter): summary.cell.workers for summary in summaries}
    alike = any(pools[one.cell.strategy, one.cell.interpreter] != one.cell.workers for one in summaries)
    return alike or len({workers for workers in pools.values() if workers > 1}) > 1


def several_pythons(summaries: Sequence[Summary]) -> bool:
    return len({summary.cell.interpreter for summary in summaries}) > 1


def legend(summaries: Sequence[Summary]) -> list[str]:
    """What the signs in the cells mean: only those that occur."""
    texts = [column.text(summary) for summary in summaries for column in COLUMNS if column not in NAMES[1:]]
    return [meaning for sign, meaning in LEGEND.items() if any(sign in text for text in texts)]


def heading(column: Column) -> str:
    """In one line: `com-` and `pile s` make `compile s`, `start` and `-up s` make `start-up s`."""
    first, second = column.heading
    return f"{first.removesuffix('-')}{'' if first.endswith('-') or second.startswith('-') else ' '}{second}".strip()


def texts(summary: Summary, columns: Sequence[Column]) -> list[str]:
    """The cells of one row. Where there are no numbers, the last one holds the status."""
    if summary.wall_s is not None:
        return [column.text(summary) for column in columns]
    named = [column.text(summary) if column in NAMES else "" for column in columns]
    return [*named[:-1], str(summary.status)]


def title(summaries: Sequence[Summary]) -> str:
    """What all rows of one kind of work have in common."""
    cell = summaries[0].cell
    workers = sorted({summary.cell.workers for summary in summaries if summary.cell.workers > 1})
    rounds = max(summary.trials for summary in summaries)
    pythons = len({summary.cell.interpreter for summary in summaries})
    parts = [
        cell.work,
        f"{cell.tasks} task{'s' * (cell.tasks != 1)}",
        f"size {cell.size}",
        f"Python {cell.interpreter}" if pythons == 1 else f"{pythons} Pythons",
    ]
    if len(workers) == 1 and not several_workers(summaries):
        parts.append(f"{workers[0]} workers")
    return ", ".join([*parts, f"{rounds} round{'s' * (rounds != 1)}"])


def by_workload(summaries: Sequence[Summary]) -> list[list[Summary]]:
    """One table for each kind of work: rows of different work must not be ranked together."""
    groups: dict[tuple[str, int, int], list[Summary]] = {}
    for summary in summaries:
        groups.setdefault(work(summary), []).append(summary)
    return list(groups.values())


def work(summary: Summary) -> tuple[str, int, int]:
    """What a cell does, and how much of it."""
    return summary.cell.work, summary.cell.tasks, summary.cell.size
