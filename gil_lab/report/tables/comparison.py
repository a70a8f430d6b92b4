"""The columns of two sessions side by side: one list for the terminal and Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gil_lab.analysis.comparison import Comparison
from gil_lab.analysis.comparison.cells import ComparedCell
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.cell_names import cell_name
from gil_lab.model.text import number
from gil_lab.report.tables.results import ratio, tenth

MAX_DIFFERENCES = 25
LEGEND = {
    "~": "~ no difference seen: the 95 % interval holds 1",
    "±": "± half the 95 % interval",
}


@dataclass(frozen=True)
class Column:
    heading: str
    """In full, where there is room."""
    narrow: tuple[str, str]
    """In a terminal: the word is spread over the columns of A and B, which stand under it."""
    text: Callable[[ComparedCell], str]
    right: bool = True


def _seconds(value: float | None) -> str:
    return "" if value is None else number(value)


def _speedup(estimate: Estimate | None) -> str:
    """Its interval stands in the files and in each session's own report."""
    if estimate is None:
        return ""
    if estimate.of_itself:
        return "1"
    return f"{'~' if estimate.shows_a_difference is False else ''}{number(estimate.value)}"


def _ratio(cell: ComparedCell) -> str:
    return ratio(cell.ranking)


def columns(comparison: Comparison) -> tuple[Column, ...]:
    """The ratio is that of what can be ranked."""
    by_wall = comparison.paces.lets_walls_be_ranked
    ranked = ("wall A / wall B", ("wall", "A / B")) if by_wall else ("speed-up B / A", ("speed-up", "B / A"))
    called = naming(comparison.cells)
    return (
        Column("strategy", ("", "strategy"), called, right=False),
        Column("wall s, A", ("wall", "A"), lambda cell: _seconds(cell.wall_a_s)),
        Column("wall s, B", ("s", "B"), lambda cell: _seconds(cell.wall_b_s)),
        Column(*ranked, _ratio),
        Column("speed-up, A", ("speed", "A"), lambda cell: _speedup(cell.speedup_in_a)),
        Column("speed-up, B", ("-up", "B"), lambda cell: _speedup(cell.speedup_in_b)),
        Column("in flight, A", ("in", "A"), lambda cell: tenth(cell.in_flight_a)),
        Column("in flight, B", ("flight", "B"), lambda cell: tenth(cell.in_flight_b)),
        Column("cores busy, A", ("cores", "A"), lambda cell: tenth(cell.cores_busy_a)),
        Column("cores busy, B", ("busy", "B"), lambda cell: tenth(cell.cores_busy_b)),
    )


def naming(cells: Sequence[ComparedCell]) -> Callable[[ComparedCell], str]:
    """What cells are called: with the interpreter only if a session has several."""
    several = any(len(set(found) - {None}) > 1 for found in zip(*map(_pythons, cells), strict=True))
    return (lambda cell: f"{cell_name(cell)} under {_python(cell)}") if several else cell_name


def _pythons(cell: ComparedCell) -> tuple[str | None, str | None]:
    return cell.interpreter_a, cell.interpreter_b


def _python(cell: ComparedCell) -> str:
    """Of a pair it is the same in both, unless each session has a single one."""
    return next(filter(None, _pythons(cell)), "")


def legend(cells: Sequence[ComparedCell], shown: Sequence[Column]) -> list[str]:
    """What the signs in the table mean: only those that occur."""
    texts = [column.text(cell) for cell in cells for column in shown if column.right]
    return [meaning for sign, meaning in LEGEND.items() if any(sign in text for text in texts)]


def by_work(cells: Sequence[ComparedCell]) -> list[list[ComparedCell]]:
    """One table for each kind of work: rows of different work must not be ranked together."""
    groups: dict[tuple[object, ...], list[ComparedCell]] = {}
    for cell in cells:
        groups.setdefault((cell.work, cell.tasks_a, cell.size_a), []).append(cell)
    return list(groups.values())


def title(cells: Sequence[ComparedCell]) -> str:
    """What all rows of one table have in common."""
    cell = cells[0]
    pythons = len({(each.interpreter_a, each.interpreter_b) for each in cells})
    python = f"Python {cell.interpreter_a}" if pythons == 1 else f"{pythons} Pythons"
    if pythons == 1 and cell.interpreter_b != cell.interpreter_a:
        python += f" in A, {cell.interpreter_b} in B"
    return f"{cell.work}, {cell.tasks_a} tasks, size {cell.size_a}, {python}"


def differing(comparison: Comparison) -> list[tuple[str, str, str]]:
    """The rows of what differs: what, in A, in B. A session can claim anything, so not more than fit on a page."""
    rows = [(f"{one.kind}: {one.what}", one.a, one.b) for one in comparison.differences.differing]
    more = len(rows) - MAX_DIFFERENCES
    return rows if more <= 0 else [*rows[:MAX_DIFFERENCES], (f"and {more} more", "", "")]
