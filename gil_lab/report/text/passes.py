"""Where the passes of a cell were not alike: the first one and those that were timed, the timed and the traced ones."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import gettext
from gil_lab.model.text import number
from gil_lab.report.text.first_named import first_named
from gil_lab.report.text.sentences import duration

MUCH_LONGER = 20
"""Times as long as a later one a first pass takes that did other work. Of 506 sequential cells in the reference
sessions those that compile or load something in their first pass are above it (83 and more), all others below (8)."""
TRACED_LONGER, DISTURBED_LONGER = 1.5, 10
"""Times as long as a timed one a traced pass takes where noting begin and end of each task, some microseconds, counts.
Within the second between the two a machine's speed changes by less than the first, unless others use it: then the
second is the limit."""


def first_pass(rows: Sequence[Summary]) -> str:
    """That later passes, which were timed, did less than the first one; empty if they did the same.

    Of sequential cells: the first pass of a pool has what its workers import.
    """
    found = [row for row in rows if row.is_baseline and (row.first_pass_ratio or 0) > MUCH_LONGER]
    if not found:
        return ""
    named = first_named(found, rows, lambda row: _times(row.first_pass_ratio))
    text = gettext(
        "The first pass took many times as long as later ones ({named}), which the numbers are of: was something "
        "compiled or imported by then, or are answers kept from pass to pass?"
    )
    return text.format(named=named)


def traced_passes(rows: Sequence[Summary]) -> str:
    """That tracing took longer than the tasks, so that its numbers are not those of timed passes; empty if not."""
    limits = {False: TRACED_LONGER, True: DISTURBED_LONGER}
    found = [row for row in rows if row.wall_s and (row.traced_ratio or 0) > limits[row.flagged]]
    if not found:
        return ""
    shortest_s = min((row.wall_s or 0) / row.cell.tasks for row in found)
    most = max(found, key=lambda row: row.traced_ratio or 0)
    named = first_named([most], rows, lambda row: _times(row.traced_ratio))
    if len(found) > 1:
        named = gettext("{names} and {more} more").format(names=named, more=len(found) - 1)
    text = gettext(
        "Traced passes took longer than timed ones ({named}; a task is completed every {time}): tasks in flight and "
        "what tasks did are known of the former only."
    )
    return text.format(named=named, time=duration(shortest_s))


def _times(ratio: float | None) -> str:
    return gettext("{ratio} times").format(ratio=number(ratio or 0, 2))
