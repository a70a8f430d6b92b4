"""Calls that one thread makes all the time, and whether they let go of the GIL meanwhile."""

from collections.abc import Sequence

from gil_lab.analysis.gil_release import GilRelease, release_of
from gil_lab.analysis.summaries import Summary

LEAST_CALLS = 3
"""Fewer can be read in the table."""


def calls_of(group: Sequence[Summary]) -> list[Summary]:
    """Those under the first Python that has a GIL; what lets go of it most comes first. `group` is one kind of work."""
    known = [row for row in group if row.is_baseline and row.gil_seen.held_share is not None]
    first = [row for row in known if row.cell.interpreter == known[0].cell.interpreter]
    return sorted(first, key=lambda row: -released_share(row))


def released_share(row: Summary) -> float:
    """Of its time: how much of it the GIL was free."""
    return min(1.0, max(0.0, 1 - (row.gil_seen.held_share or 0.0)))


def release(row: Summary) -> GilRelease:
    return release_of(released_share(row))
