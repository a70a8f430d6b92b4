"""Ways of running x sizes of a task at one glance: how many times as fast as sequential work of the same size."""

from collections.abc import Sequence
from dataclasses import replace

from gil_lab.analysis.break_even import by_work
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import naming
from gil_lab.model.language import gettext
from gil_lab.report.tables.matrix import in_seconds, speedup
from gil_lab.report.tables.results import several_workers, threshold
from gil_lab.report.tables.size_units import sized, unit_of
from gil_lab.report.tables.table import Column, Row, Table, signs


def size_tables(rows: Sequence[Summary]) -> list[Table]:
    """Of each work that was compared with sequential work at several sizes."""
    return [_table(ways) for ways in by_work(rows) if any(row.speedup for way in ways for row in way)]


def _table(ways: Sequence[Sequence[Summary]]) -> Table:
    cells = [row for way in ways for row in way]
    unit, alike = unit_of(cells[0].cell.work), not several_workers(cells)
    sizes = sorted({row.cell.size for row in cells})
    called = naming(row.cell for row in cells)
    rows = []
    for way in ways:
        name = called(replace(way[0].cell, workers=1) if alike else way[0].cell)
        text = in_seconds if way[0].is_baseline else speedup
        by_size = {row.cell.size: text(row) for row in way}
        texts = [f"{name}, s" if way[0].is_baseline else name, *(by_size.get(size, "") for size in sizes)]
        rows.append(Row(texts))
    columns = [Column(("",), str, right=False, naming=True), *(Column((sized(size, unit),), str) for size in sizes)]
    known = threshold(cells)
    workers = {row.cell.workers for row in cells if row.cell.workers > 1}
    of_what = f"{cells[0].cell.work}, " + gettext("{count} tasks").format(count=cells[0].cell.tasks)
    if alike and len(workers) == 1:
        of_what += ", " + gettext("{count} workers").format(count=min(workers))
    title = gettext("{cells}: times as fast as sequential, by size").format(cells=of_what)
    notes = signs([Table("", columns, rows, threshold=known)])
    return Table(title, columns, rows, notes, sortable=False, in_blocks=True)
