"""The first cells of which something is true, each with how much, and how many more there are."""

from collections.abc import Callable, Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.model.language import gettext, listed

MAX_NAMED = 3


def first_named(found: Sequence[Summary], rows: Sequence[Summary], how_much: Callable[[Summary], str]) -> str:
    """`found` are some of `rows`, among which they are named."""
    called = naming_everywhere(row.cell for row in rows)
    named = [f"{called(row.cell)}: {how_much(row)}" for row in found[:MAX_NAMED]]
    if (more := len(found) - MAX_NAMED) <= 0:
        return listed(named)
    return gettext("{names}, {more} more").format(names=listed(named), more=more)
