"""What cells are called: as short as can be among the others that are shown with them."""

from collections.abc import Callable, Iterable
from typing import Protocol

from gil_lab.model.records import Cell


class Named(Protocol):
    """A cell, or what is told of one."""

    @property
    def strategy(self) -> str: ...

    @property
    def workers(self) -> int: ...

    @property
    def variant(self) -> str: ...


def cell_name(cell: Named) -> str:
    """Strategy, workers and the workload's variant: what tells the cells of one kind of work apart."""
    called = f"{cell.strategy} x{cell.workers}" if cell.workers > 1 else cell.strategy
    return f"{called} {cell.variant}" if cell.variant else called


def full_name(cell: Cell) -> str:
    """The same and the interpreter: what tells cells apart where several Pythons ran them."""
    return f"{cell_name(cell)} under {cell.interpreter}"


Naming = Callable[[Cell], str]
"""What a cell is called among some others."""


def naming(cells: Iterable[Cell]) -> Naming:
    """What these cells are called: with the interpreter only if there are several of those."""
    return full_name if len({cell.interpreter for cell in cells}) > 1 else cell_name


def naming_everywhere(cells: Iterable[Cell]) -> Naming:
    """What these cells are called where no heading tells their work: with it, and its size, if there are several."""
    among = list(cells)
    works = {cell.work for cell in among}
    sizes = {(cell.work, cell.size) for cell in among}
    called = naming(among)

    def name(cell: Cell) -> str:
        work = f"{cell.work} " if len(works) > 1 else ""
        size = f"size {cell.size} " if len(sizes) > len(works) else ""
        return f"{work}{size}{called(cell)}"

    return name
