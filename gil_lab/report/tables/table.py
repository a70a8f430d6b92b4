"""A table, whatever shows it: what its columns are, and the texts of its rows."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop
from gil_lab.model.shares import percent

Item = TypeVar("Item")
SIGNS = {
    "||": gettext_noop("|| parallel"),
    "~": gettext_noop("~ no difference seen: the 95 % interval includes 1"),
    "=": gettext_noop("= differs by less than {threshold}: the whole 95 % interval lies within that"),
    "*": gettext_noop("* too few rounds without a flag, here or of what it is compared with"),
    "±": gettext_noop("± holds the 95 % interval"),
    gettext_noop(" to "): gettext_noop(
        "a to b: the 95 % interval, where it reaches further than half or twice the value"
    ),
    gettext_noop("inconclusive"): gettext_noop(
        "inconclusive: the 95 % interval includes 1, and a tenth or ten times the value"
    ),
}
JUDGED_TOGETHER = {
    "~": gettext_noop("~ no difference seen: the 95 % interval includes 1, or misses it as one of many may by chance")
}
MARKED = re.compile(r"=[0-9]", re.ASCII)


@frozen
class Column(Generic[Item]):
    """How it is headed, and what it says of an item."""

    heading: tuple[str, ...]
    """In lines, for a terminal."""
    text: Callable[[Item], str]
    right: bool = True
    """Whether it has numbers."""
    naming: bool = False
    """Whether it is a part of what a row is called."""
    second: int = 0
    """Of a table that is too wide, the columns with the greatest number go into a second table; those with 0 never."""
    full: str = ""
    """The heading in one line, where that is not the two lines joined."""

    @property
    def title(self) -> str:
        """`com-` and `pile s` make `compile s`, `start` and `-up s` make `start-up s`."""
        return self.full or " ".join(self.heading).replace("- ", "").replace(" -", "-").strip()


@frozen
class Row:
    """One text for each column."""

    texts: Sequence[str]
    status: str = ""
    """What stands in the last column of a row without numbers."""
    detail: str = ""
    """The same where there is more room."""
    flagged: bool = False
    """Whether every round of it is: such numbers are never ranked."""
    continued: bool = False
    """Whether it belongs to the row above it."""


@frozen
class Table:
    title: str
    columns: Sequence[Column[Any]]
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    """What is said below it."""
    sortable: bool = True
    apart: int = 1
    """Columns of a terminal between two of the table."""
    in_blocks: bool = False
    """Whether a terminal that is too narrow gets its columns in even blocks below each other."""
    threshold: float | None = None
    """From where on differences matter, of ratios that are judged together; None if each interval is judged alone."""

    @classmethod
    def of(
        cls,
        title: str,
        columns: Sequence[Column[Item]],
        items: Iterable[Item],
        apart: int = 1,
        threshold: float | None = None,
    ) -> "Table":
        rows = [Row([column.text(item) for column in columns]) for item in items]
        return cls(title, columns, rows, apart=apart, threshold=threshold)

    @property
    def naming(self) -> list[int]:
        """The places of the columns that are a part of what a row is called."""
        return [place for place, column in enumerate(self.columns) if column.naming]

    def cells(self, row: Row, places: Sequence[int]) -> list[str]:
        """The texts of some columns; in a row without numbers the last one is its status."""
        texts = [row.texts[place] for place in places]
        return [*texts[:-1], row.status] if row.status else texts


def signs(tables: Iterable[Table]) -> list[str]:
    """What the signs in these tables mean; only those that occur."""
    found, thresholds = set[str](), set[float]()
    for table in tables:
        numbers = [place for place, column in enumerate(table.columns) if column.right]
        thresholds |= set() if table.threshold is None else {table.threshold}
        for row in table.rows:
            texts = [row.texts[place] for place in numbers]
            found |= {sign for sign in SIGNS if any(_has(sign, text) for text in texts)}
            found |= {"*"} if row.flagged else set()
    meanings = {**SIGNS, **JUDGED_TOGETHER} if thresholds else SIGNS
    known = gettext(" or ").join(map(percent, sorted(thresholds)))
    found -= set() if thresholds else {"="}
    return [gettext(meaning).format(threshold=known) for sign, meaning in meanings.items() if sign in found]


def _has(sign: str, text: str) -> bool:
    """A name such as `3.14+cores=1` and a bar in ASCII are no numbers that begin with a mark."""
    return MARKED.match(text) is not None if sign == "=" else gettext(sign) in text


def split(widths: Sequence[float], room: float) -> list[range]:
    """Columns of these widths in blocks that fit into `room`, at least one in each: as few and as even as can be."""
    least = _greedy(widths, room)
    even = -(-len(widths) // len(least))
    blocks = [range(first, min(first + even, len(widths))) for first in range(0, len(widths), even)]
    return blocks if all(sum(widths[at] for at in block) <= room for block in blocks) else least


def _greedy(widths: Iterable[float], room: float) -> list[range]:
    blocks, taken = [range(0)], 0.0
    for at, width in enumerate(widths):
        fits = not blocks[-1] or taken + width <= room
        blocks = [*blocks[:-1], range(blocks[-1].start, at + 1)] if fits else [*blocks, range(at, at + 1)]
        taken = taken + width if fits else width
    return blocks
