"""The matrix of strategies x interpreters in a terminal: as many columns beside each other as there is room for."""

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import cell_name
from gil_lab.report.tables.matrix import Line, Matrix, split

APART = 2
"""Columns between two interpreters."""


class Glance:
    """A matrix, in blocks below each other where the terminal is too narrow for all interpreters."""

    def __init__(self, matrix: Matrix, marks: Mapping[str, str]) -> None:
        """`marks` are the letters of rows on the map."""
        self.matrix, self.marks = matrix, marks

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        matrix, lines = self.matrix, self.matrix.lines()
        names = [self._name(line) for line in lines]
        widths = [_width(python, lines, at) for at, python in enumerate(matrix.pythons)]
        yield Text(f"{matrix.what[0].upper()}{matrix.what[1:]}, and cores busy", style="bold")
        for block in split(widths, options.max_width - max(map(cell_len, names))):
            yield _block(matrix, list(zip(names, lines, strict=True)), block)
        for told in (*matrix.signs(), *matrix.reasons()):
            yield Text(told, style="dim")

    def _name(self, line: Line) -> str:
        indent = "  " if self.marks else ""
        if not line.first:
            return f"{indent}  {line.name}"
        return f"{self.marks.get(line.row, ''):{len(indent)}}{line.name}"


def _width(python: str, lines: Sequence[Line], at: int) -> int:
    return APART + max(cell_len(text) for text in (*_heading(python), *(line.texts[at] for line in lines)))


def _heading(python: str) -> list[str]:
    """`3.14` above `+switch=0.5ms`."""
    name, *settings = python.split("+")
    return [name, *(f"+{setting}" for setting in settings)]


def _block(matrix: Matrix, lines: Sequence[tuple[str, Line]], block: range) -> Table:
    made = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, APART - 1), show_edge=False, pad_edge=False)
    made.add_column("", overflow="fold")
    for at in block:
        heading = Text("\n".join(_heading(matrix.pythons[at])))
        made.add_column(heading, justify="right", no_wrap=True, overflow="fold", header_style="bold")
    for name, line in lines:
        style, texts = "" if line.first else "dim", [line.texts[at] for at in block]
        if line.first or any(texts):
            made.add_row(*(Text(text, style) for text in (name, *texts)))
    return made


def glances(matrix: Matrix | None, marks: Mapping[str, Sequence[Summary]] | None = None) -> Iterator[Glance]:
    """The matrix, if there is one; `marks` are the letters of its cells on the map."""
    if matrix:
        yield Glance(matrix, {cell_name(alike[0].cell): letter for letter, alike in (marks or {}).items()})
