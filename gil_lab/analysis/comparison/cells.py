"""A cell of A beside that of B: its numbers, and what can be said of them."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from gil_lab.analysis.comparison.both import Both
from gil_lab.analysis.comparison.measured import MeasuredPair
from gil_lab.analysis.comparison.pairs import MAX_DETAIL_CHARACTERS, Pair
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.model.frozen import frozen
from gil_lab.model.records import COUNTED_FLAGS, Cell, Status

Value = TypeVar("Value")


class Finding(StrEnum):
    """What a pair of cells comes to."""

    FASTER = "B faster"
    SLOWER = "B slower"
    GREATER_SPEEDUP = "greater speed-up in B"
    """Said where the machine's state forbids to rank wall times."""
    SMALLER_SPEEDUP = "smaller speed-up in B"
    NO_DIFFERENCE = "no difference seen"
    NEGLIGIBLE = "differs by less than the threshold"
    NOT_RANKED = "not ranked"
    """Beside each other, but nothing says which is better."""
    NOT_COMPARED = "not compared"
    """There is no such cell in the other session, or it has no numbers."""


@frozen
class ComparedCell:
    """A cell of A beside that of B. None where a session has no such cell."""

    a: Summary | None
    b: Summary | None
    finding: Finding
    note: str
    """Why it was not compared or not ranked, and what speaks against its numbers."""
    wall_ratio: Estimate | None = None
    """How many times faster B is: wall time of A / wall time of B. Only where wall times can be ranked."""
    speedup_ratio: Estimate | None = None
    """How many times greater the speed-up of B is."""

    @property
    def cell(self) -> Cell:
        """A's, or if it has none, B's."""
        summary = self.a or self.b
        assert summary is not None
        return summary.cell

    @property
    def compared(self) -> bool:
        return self.finding is not Finding.NOT_COMPARED

    @property
    def ranking(self) -> Estimate | None:
        """The ratio that the finding comes from; above 1, B is the better one."""
        ranked = self.compared and self.finding is not Finding.NOT_RANKED
        return (self.wall_ratio or self.speedup_ratio) if ranked else None

    def both(self, value: Callable[[Summary], Value | None]) -> Both[Value]:
        """The same of A and of B."""
        return Both(value(self.a) if self.a else None, value(self.b) if self.b else None)


def compared_cell(
    pair: Pair, measured: MeasuredPair | None, wall: Estimate | None, speedup: Estimate | None, *, by_wall: bool
) -> ComparedCell:
    """What can be said of a pair by the ratio of its wall times; by that of its speed-ups unless `by_wall`."""
    a, b, obstacle = pair.a, pair.b, pair.obstacle
    if obstacle or a is None or b is None or measured is None:
        return ComparedCell(a, b, Finding.NOT_COMPARED, obstacle)
    if by_wall:
        finding, why_not = _found(wall, Finding.FASTER, Finding.SLOWER), measured.why_no_wall_ratio()
    else:
        finding = _found(speedup, Finding.GREATER_SPEEDUP, Finding.SMALLER_SPEEDUP)
        why_not = measured.why_no_speedup_ratio()
    if a.flagged or b.flagged:  # the notes say of which
        finding, why_not = Finding.NOT_RANKED, ""
    notes = [why_not] if why_not and finding is Finding.NOT_RANKED else []
    notes += [note for side, summary in (("A", a), ("B", b)) for note in _doubts(side, summary)]
    return ComparedCell(a, b, finding, "; ".join(notes), wall, speedup)


def _found(ratio: Estimate | None, above: Finding, below: Finding) -> Finding:
    if ratio is None:
        return Finding.NOT_RANKED
    if not ratio.shows_a_difference:
        return Finding.NEGLIGIBLE if ratio.is_negligible else Finding.NO_DIFFERENCE
    return above if ratio.value > 1 else below


def _doubts(side: str, summary: Summary) -> list[str]:
    """What speaks against the numbers of one session."""
    found = []
    if flags := ", ".join(flag for flag in summary.flags if flag in COUNTED_FLAGS):
        left_out, what = summary.trials - summary.used, "rounds" if summary.rounds is None else "trials"
        found.append(
            f"{left_out} of {summary.trials} {what} of {side} left out ({flags})"
            if left_out
            else f"too few rounds of {side} are without a flag ({flags})"
        )
    if summary.status is not Status.OK:
        found.append(f"some rounds of {side} failed: {summary.status}: {summary.detail[:MAX_DETAIL_CHARACTERS]}")
    return found
