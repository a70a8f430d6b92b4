"""The tables of two sessions side by side: what differs, and a row for each cell."""

from collections.abc import Callable, Sequence
from operator import itemgetter

from gil_lab.analysis.comparison import Comparison
from gil_lab.analysis.comparison.cells import ComparedCell
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.cell_names import cell_name
from gil_lab.model.text import number
from gil_lab.report.tables.results import ratio, tenth
from gil_lab.report.tables.table import Column, Table

MAX_DIFFERENCES = 25


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


def columns(comparison: Comparison) -> list[Column[ComparedCell]]:
    """The ratio is that of what can be ranked."""
    by_wall = comparison.paces.lets_walls_be_ranked
    ranked, full = (("wall", "A / B"), "wall A / wall B") if by_wall else (("speed-up", "B / A"), "speed-up B / A")
    return [
        Column(("", "strategy"), naming(comparison.cells), right=False, naming=True),
        # in a terminal the word is spread over the columns of A and B, which stand below it
        Column(("wall", "A"), lambda cell: _seconds(cell.wall_a_s), full="wall s, A"),
        Column(("s", "B"), lambda cell: _seconds(cell.wall_b_s), full="wall s, B"),
        Column(ranked, _ratio, full=full),
        Column(("speed", "A"), lambda cell: _speedup(cell.speedup_in_a), full="speed-up, A"),
        Column(("-up", "B"), lambda cell: _speedup(cell.speedup_in_b), full="speed-up, B"),
        Column(("in", "A"), lambda cell: tenth(cell.in_flight_a), full="in flight, A"),
        Column(("flight", "B"), lambda cell: tenth(cell.in_flight_b), full="in flight, B"),
        Column(("cores", "A"), lambda cell: tenth(cell.cores_busy_a), full="cores busy, A"),
        Column(("busy", "B"), lambda cell: tenth(cell.cores_busy_b), full="cores busy, B"),
    ]


def comparison_tables(comparison: Comparison) -> list[tuple[Table, list[ComparedCell]]]:
    """One for each kind of work, and its cells: rows of different work must not be ranked together."""
    groups: dict[tuple[object, ...], list[ComparedCell]] = {}
    for cell in comparison.compared:
        groups.setdefault((cell.work, cell.tasks_a, cell.size_a), []).append(cell)
    return [(Table.of(_title(cells), columns(comparison), cells), cells) for cells in groups.values()]


def naming(cells: Sequence[ComparedCell]) -> Callable[[ComparedCell], str]:
    """What cells are called: with the interpreter only if a session has several."""
    several = any(len(set(found) - {None}) > 1 for found in zip(*map(_pythons, cells), strict=True))
    return (lambda cell: f"{cell_name(cell)} under {_python(cell)}") if several else cell_name


def _pythons(cell: ComparedCell) -> tuple[str | None, str | None]:
    return cell.interpreter_a, cell.interpreter_b


def _python(cell: ComparedCell) -> str:
    """Of a pair it is the same in both, unless each session has a single one."""
    return next(filter(None, _pythons(cell)), "")


def _title(cells: Sequence[ComparedCell]) -> str:
    """What all rows of one table have in common."""
    cell = cells[0]
    pythons = len({(each.interpreter_a, each.interpreter_b) for each in cells})
    python = f"Python {cell.interpreter_a}" if pythons == 1 else f"{pythons} Pythons"
    if pythons == 1 and cell.interpreter_b != cell.interpreter_a:
        python += f" in A, {cell.interpreter_b} in B"
    return f"{cell.work}, {cell.tasks_a} tasks, size {cell.size_a}, {python}"


def differences_table(comparison: Comparison) -> Table:
    """What differs, in A, in B. A session can claim anything, so not more than fits on a page."""
    rows = [(f"{one.kind}: {one.what}", one.a, one.b) for one in comparison.differences.differing]
    if (more := len(rows) - MAX_DIFFERENCES) > 0:
        rows = [*rows[:MAX_DIFFERENCES], (f"and {more} more", "", "")]
    headings = enumerate(("what differs", "A", "B"))
    return Table.of("", [Column((text,), itemgetter(at), right=False) for at, text in headings], rows)
