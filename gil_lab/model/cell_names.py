"""Names of cells: as short as they can be among the cells shown with them."""

from collections.abc import Callable, Iterable
from typing import Protocol

from gil_lab.model.chunks import is_chunk
from gil_lab.model.language import gettext, gettext_noop
from gil_lab.model.records import CHUNK_SEPARATOR, Cell

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


def strategy_name(strategy: str) -> str:
    """As it is called, and how many tasks it hands over at a time, if it says so: `joblib by 64`."""
    plain, by, chunk = strategy.partition(CHUNK_SEPARATOR)
    return f"{plain} {gettext('by {chunk}').format(chunk=chunk)}" if by and is_chunk(chunk) else strategy


def cell_name(cell: CellLike) -> str:
    """Strategy, workers and the workload's variant: what distinguishes the cells of one kind of work."""
    strategy = strategy_name(cell.strategy)
    name = f"{strategy} x{cell.workers}" if cell.workers > 1 else strategy
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
