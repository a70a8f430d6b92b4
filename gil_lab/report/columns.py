"""The columns of the result table: heading, text of a cell. One list for the terminal, notebooks and Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gil_lab.report.words import number
from gil_lab.stats import DOUBTFUL, Estimate, Summary

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


def strategy(summary: Summary) -> str:
    return summary.cell.strategy + "*" * (
        0 < summary.trials == summary.used and any(flag in DOUBTFUL for flag in summary.flags)
    )


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


STRATEGY = Column(("", "strategy"), strategy, right=False)
WORKERS = Column(("wor-", "kers"), lambda summary: str(summary.cell.workers))
COLUMNS = (
    STRATEGY,
    WORKERS,
    Column(("wall", "s"), lambda summary: "" if summary.wall_s is None else number(summary.wall_s)),
    Column(("speed-up", "overall"), against_sequential),
    Column(("speed-up", "same form"), against_same_form),
    Column(("in", "flight"), lambda summary: tenth(summary.in_flight)),
    Column(("cores", "busy"), lambda summary: tenth(summary.cores_busy)),
    Column(("start", "-up s"), lambda summary: seconds(summary.startup_s)),
    Column(("com-", "pile s"), lambda summary: seconds(summary.compile_s)),
)


def shown(summaries: Sequence[Summary]) -> list[Column]:
    """The columns that tell these summaries apart: the number of workers only where it varies."""
    several = len({summary.cell.workers for summary in summaries if summary.cell.workers > 1}) > 1
    return [column for column in COLUMNS if several or column is not WORKERS]


def legend(summaries: Sequence[Summary]) -> list[str]:
    """What the signs in the cells mean: only those that occur."""
    texts = [column.text(summary) for summary in summaries for column in COLUMNS]
    return [meaning for sign, meaning in LEGEND.items() if any(sign in text for text in texts)]


def heading(column: Column) -> str:
    """In one line: `com-` and `pile s` make `compile s`, `start` and `-up s` make `start-up s`."""
    first, second = column.heading
    return f"{first.removesuffix('-')}{'' if first.endswith('-') or second.startswith('-') else ' '}{second}".strip()


def texts(summary: Summary, columns: Sequence[Column]) -> list[str]:
    """The cells of one row. Where there are no numbers, the last one holds the status."""
    if summary.wall_s is not None:
        return [column.text(summary) for column in columns]
    named = [column.text(summary) if column in (STRATEGY, WORKERS) else "" for column in columns]
    return [*named[:-1], str(summary.status)]


def title(summaries: Sequence[Summary]) -> str:
    """What all rows of one workload have in common."""
    cell = summaries[0].cell
    workers = sorted({summary.cell.workers for summary in summaries if summary.cell.workers > 1})
    rounds = max(summary.trials for summary in summaries)
    parts = [
        cell.workload,
        f"{cell.tasks} task{'s' * (cell.tasks != 1)}",
        f"size {cell.size}",
        f"Python {cell.interpreter}",
    ]
    if len(workers) == 1:
        parts.append(f"{workers[0]} workers")
    return ", ".join([*parts, f"{rounds} round{'s' * (rounds != 1)}"])


def by_workload(summaries: Sequence[Summary]) -> list[list[Summary]]:
    """One table for each kind of work: rows of different work must not be ranked together."""
    groups: dict[tuple[str, str, int, int], list[Summary]] = {}
    for summary in summaries:
        cell = summary.cell
        groups.setdefault((cell.workload, cell.interpreter, cell.tasks, cell.size), []).append(summary)
    return list(groups.values())
