"""Trials whose numbers contradict each other or the machine, and so cannot have been measured: files can be edited."""

from collections.abc import Iterable
from typing import Any

from gil_lab.measuring.quality_flags import CORES_LEEWAY
from gil_lab.model.records import Flag
from gil_lab.sessions.csv_table import values
from gil_lab.sessions.rows import TrialRow

ROUNDED = 1.01
"""A task ends a little before the pass does; numbers are written with nine digits."""
KNOWN_TO_BE_ODD = frozenset({Flag.IMPOSSIBLE, Flag.AFFINITY_CHANGED})
"""What the lab itself found while it measured is reported as that."""
MAX_NAMED = 5


def contradictions(rows: Iterable[TrialRow], cores: int | None) -> dict[int, str]:
    """What cannot be, by the trial's number. `cores` are all of the machine's; None if they are not known."""
    found = {}
    for row in rows:
        known = row.numbers
        if known is None:
            continue
        parts: list[Any] = values(known.states)
        largest = max(share or 0.0 for share in (*parts, known.moved_share, known.gil_seen.held_share))
        if largest > ROUNDED:
            found[row.trial] = f"a share of {largest:.3g}"
        elif known.in_flight > row.cell.tasks * ROUNDED:
            found[row.trial] = f"{known.in_flight:.3g} of {row.cell.tasks} tasks in flight"
        elif cores and known.cores_busy > cores * CORES_LEEWAY and KNOWN_TO_BE_ODD.isdisjoint(row.flags):
            found[row.trial] = f"{known.cores_busy:.3g} of {cores} cores busy"
    return found


def note(found: dict[int, str]) -> str:
    """One line on all of them, of which there is one at least."""
    named = [f"{what} in trial {trial}" for trial, what in list(found.items())[:MAX_NAMED]]
    more = ", ..." if len(found) > MAX_NAMED else ""
    return f"{len(found)} row(s) left out, whose numbers cannot have been measured ({', '.join(named)}{more})"
