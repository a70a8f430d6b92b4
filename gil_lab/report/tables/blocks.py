"""What reports consist of, whatever shows them: lines, tables, names with what is said of them, drawings of letters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from gil_lab.model.frozen import frozen
from gil_lab.report.tables.table import Table


@frozen
class Heading:
    text: str


@frozen
class Note:
    """What signs mean, or how to read what stands above."""

    text: str


@frozen
class Pairs:
    """Names, and what is said of each; a row with an empty name goes on with the one above."""

    rows: Sequence[tuple[str, ...]]
    width: int | None = None
    """Columns that the names have in a terminal."""
    styles: Mapping[str, str] = field(default_factory=dict)
    """How some names are shown where there are colours."""


@frozen
class Drawing:
    """Only for a terminal."""

    lines: Callable[[int, bool], Sequence[str]]
    """For a number of columns, in ASCII or not."""


Block = str | Heading | Note | Pairs | Table | Drawing
"""A string is a paragraph, an empty one a blank line of a terminal."""
