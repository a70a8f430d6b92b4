"""Names of cells: as short as they can be among the cells shown with them."""

from collections.abc import Callable, Iterable
from typing import Protocol

from gil_lab.model.language import gettext, gettext_noop
from gil_lab.model.records import Cell

UNDER = gettext_noop(" under ")
"""Between what a cell runs and the interpreter that runs it."""


class CellLike(Protocol):
    """A cell, or a record about one."""

    @property
    def strategy(self) -> str: ...

    @property
    def workers(self) -> int: ...

    @property
    def variant(self) -> str: ...


def cell_name(cell: CellLike) -> str:
    """Strategy, workers and the workload's variant: what distinguishes the cells of one kind of work."""
    name = f"{cell.strategy} x{cell.workers}" if cell.workers > 1 else cell.strategy
    return f"{name} {cell.variant}" if cell.variant else name


def full_name(cell: Cell) -> str:
    """`cell_name` and the interpreter, for cells that several Pythons ran."""
    return f"{cell_name(cell)}{gettext(UNDER)}{cell.interpreter}"


Naming = Callable[[Cell], str]
"""A function that names a cell among some others."""


def naming(cells: Iterable[Cell]) -> Naming:
    """How to name these cells: with the interpreter only if there is more than one."""
    return full_name if len({cell.interpreter for cell in cells}) > 1 else cell_name


def naming_everywhere(cells: Iterable[Cell]) -> Naming:
    """How to name these cells without a heading: with the work, and its size, if there is more than one."""
    cells = list(cells)
    works = {cell.work for cell in cells}
    sizes = {(cell.work, cell.size) for cell in cells}
    short_name = naming(cells)

    def name(cell: Cell) -> str:
        work = f"{cell.work} " if len(works) > 1 else ""
        size = gettext("size {size}").format(size=cell.size) + " " if len(sizes) > len(works) else ""
        return f"{work}{size}{short_name(cell)}"

    return name
