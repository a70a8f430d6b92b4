"""The tables of two sessions side by side: what differs, and a row for each cell."""

from collections.abc import Callable, Sequence
from operator import itemgetter

from gil_lab.analysis.comparison import Comparison
from gil_lab.analysis.comparison.cells import ComparedCell
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import cell_name, full_name
from gil_lab.model.text import number
from gil_lab.report.tables.results import mark, ratio, tenth
from gil_lab.report.tables.size_units import has_size
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
    return f"{mark(estimate)}{number(estimate.value)}"


def _ratio(cell: ComparedCell) -> str:
    return ratio(cell.ranking)


def columns(comparison: Comparison) -> list[Column[ComparedCell]]:
    """The ratio is that of what can be ranked."""
    by_wall = comparison.paces.lets_walls_be_ranked
    ranked, full = (("wall", "A / B"), "wall A / wall B") if by_wall else (("speed-up", "B / A"), "speed-up B / A")
    return [
        Column(("", "strategy"), naming(comparison.cells), right=False, naming=True),
        *_beside(("wall", "s"), "wall s", lambda summary: _seconds(summary.wall_s)),
        Column(ranked, _ratio, full=full),
        *_beside(("speed", "-up"), "speed-up", lambda summary: _speedup(summary.speedup)),
        *_beside(("in", "flight"), "in flight", lambda summary: tenth(summary.in_flight)),
        *_beside(("cores", "busy"), "cores busy", lambda summary: tenth(summary.cores_busy)),
    ]


def _beside(word: tuple[str, str], full: str, text: Callable[[Summary], str]) -> list[Column[ComparedCell]]:
    """The columns of A and B, over which the word is spread in a terminal."""
    return [
        Column((word[0], "A"), lambda cell: cell.both(text).a or "", full=f"{full}, A"),
        Column((word[1], "B"), lambda cell: cell.both(text).b or "", full=f"{full}, B"),
    ]


def comparison_tables(comparison: Comparison) -> list[tuple[Table, list[ComparedCell]]]:
    """One for each kind of work, and its cells: rows of different work must not be ranked together."""
    groups: dict[tuple[object, ...], list[ComparedCell]] = {}
    for cell in comparison.compared:
        groups.setdefault((cell.cell.work, cell.cell.tasks, cell.cell.size), []).append(cell)
    least = comparison.threshold if comparison.a.contrasts or comparison.b.contrasts else None
    return [(Table.of(_title(cells), columns(comparison), cells, threshold=least), cells) for cells in groups.values()]


def naming(cells: Sequence[ComparedCell]) -> Callable[[ComparedCell], str]:
    """What cells are called: with the interpreter only if a session has several."""
    several = any(len(set(found) - {None}) > 1 for found in zip(*map(_pythons, cells), strict=True))
    return lambda cell: full_name(cell.cell) if several else cell_name(cell.cell)


def _pythons(cell: ComparedCell) -> tuple[str | None, str | None]:
    """Of a pair it is the same in both, unless each session has a single one."""
    pythons = cell.both(lambda summary: summary.cell.interpreter)
    return pythons.a, pythons.b


def _title(cells: Sequence[ComparedCell]) -> str:
    """What all rows of one table have in common."""
    cell = cells[0].cell
    pythons = set(map(_pythons, cells))
    a, b = _pythons(cells[0])
    python = f"Python {a}" if len(pythons) == 1 else f"{len(pythons)} Pythons"
    if len(pythons) == 1 and a != b:
        python += f" in A, {b} in B"
    size = f", size {cell.size}" if has_size(cell) else ""
    return f"{cell.work}, {cell.tasks} tasks{size}, {python}"


def differences_table(comparison: Comparison) -> Table:
    """What differs, in A, in B. A session can claim anything, so not more than fits on a page."""
    rows = [(f"{one.kind}: {one.what}", one.a, one.b) for one in comparison.differences.differing]
    if (more := len(rows) - MAX_DIFFERENCES) > 0:
        rows = [*rows[:MAX_DIFFERENCES], (f"and {more} more", "", "")]
    headings = enumerate(("what differs", "A", "B"))
    return Table.of("", [Column((text,), itemgetter(at), right=False) for at, text in headings], rows)
