"""A cell of A beside that of B: its numbers, and what can be said of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from gil_lab.analysis.comparison import ratios
from gil_lab.analysis.comparison.pairs import LONGEST_DETAIL, Pair
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import DOUBTFUL, Summary, Verdict
from gil_lab.model.records import VARIANT_SEPARATOR, Status


class Finding(StrEnum):
    """What a pair of cells comes to."""

    FASTER = "B faster"
    SLOWER = "B slower"
    GREATER_SPEEDUP = "greater speed-up in B"
    """Said where the machine's state forbids to rank wall times."""
    SMALLER_SPEEDUP = "smaller speed-up in B"
    NO_DIFFERENCE = "no difference seen"
    NOT_RANKED = "not ranked"
    """Beside each other, but nothing says which is better."""
    NOT_COMPARED = "not compared"
    """There is no such cell in the other session, or it has no numbers."""


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """A cell of A beside that of B: one row of a comparison. None where a session has no such cell or no number."""

    workload: str
    strategy: str
    workers: int
    interpreter_a: str | None
    interpreter_b: str | None
    tasks_a: int | None
    tasks_b: int | None
    size_a: int | None
    size_b: int | None
    status_a: Status | None
    status_b: Status | None
    finding: Finding
    note: str
    """Why it was not compared or not ranked, and what speaks against its numbers."""
    rounds_a: int = 0
    """Those that the numbers come from."""
    rounds_b: int = 0
    wall_a_s: float | None = None
    wall_b_s: float | None = None
    wall_ratio: float | None = None
    """How many times faster B is: wall time of A / wall time of B, medians. Only where wall times can be ranked."""
    wall_ratio_low: float | None = None
    wall_ratio_high: float | None = None
    speedup_a: float | None = None
    """Against `sequential` in the same session."""
    speedup_a_low: float | None = None
    speedup_a_high: float | None = None
    speedup_b: float | None = None
    speedup_b_low: float | None = None
    speedup_b_high: float | None = None
    speedup_ratio: float | None = None
    """How many times greater the speed-up of B is."""
    speedup_ratio_low: float | None = None
    speedup_ratio_high: float | None = None
    in_flight_a: float | None = None
    in_flight_b: float | None = None
    cores_busy_a: float | None = None
    cores_busy_b: float | None = None
    verdict_a: Verdict | None = None
    verdict_b: Verdict | None = None

    @property
    def work(self) -> str:
        return self.workload.partition(VARIANT_SEPARATOR)[0]

    @property
    def variant(self) -> str:
        return self.workload[len(self.work) :]

    @property
    def compared(self) -> bool:
        return self.finding is not Finding.NOT_COMPARED

    @property
    def by_wall(self) -> Estimate | None:
        return _held(self.wall_ratio, self.wall_ratio_low, self.wall_ratio_high)

    @property
    def by_speedup(self) -> Estimate | None:
        return _held(self.speedup_ratio, self.speedup_ratio_low, self.speedup_ratio_high)

    @property
    def ranking(self) -> Estimate | None:
        """The ratio that the finding comes from; above 1, B is the better one."""
        ranked = self.compared and self.finding is not Finding.NOT_RANKED
        return (self.by_wall or self.by_speedup) if ranked else None

    @property
    def speedup_in_a(self) -> Estimate | None:
        return _held(self.speedup_a, self.speedup_a_low, self.speedup_a_high)

    @property
    def speedup_in_b(self) -> Estimate | None:
        return _held(self.speedup_b, self.speedup_b_low, self.speedup_b_high)


def _held(value: float | None, low: float | None, high: float | None) -> Estimate | None:
    return None if value is None else Estimate(value, low, high)


def compared_cell(pair: Pair, walls_a_s: Sequence[float], walls_b_s: Sequence[float], *, by_wall: bool) -> ComparedCell:
    """What can be said of a pair, from the wall times of its used rounds; by its speed-ups unless `by_wall`."""
    a, b, obstacle = pair.a, pair.b, pair.obstacle
    if obstacle or a is None or b is None:
        return _row(a, b, Finding.NOT_COMPARED, obstacle)
    wall = ratios.of_walls(walls_a_s, walls_b_s) if by_wall else None
    speedup = None if a.is_baseline else _between(a.speedup, b.speedup)
    if by_wall:
        finding = _found(wall, Finding.FASTER, Finding.SLOWER)
        why_not = _single(len(walls_a_s), len(walls_b_s))
    else:
        finding = _found(speedup, Finding.GREATER_SPEEDUP, Finding.SMALLER_SPEEDUP)
        why_not = _no_speedup(a, b)
    if a.doubtful or b.doubtful:  # the notes say of which
        finding, why_not = Finding.NOT_RANKED, ""
    notes = [why_not] if why_not and finding is Finding.NOT_RANKED else []
    notes += [note for side, summary in (("A", a), ("B", b)) for note in _doubts(side, summary)]
    return replace(
        _row(a, b, finding, "; ".join(notes)),
        rounds_a=a.used,
        rounds_b=b.used,
        wall_a_s=a.wall_s,
        wall_b_s=b.wall_s,
        wall_ratio=wall.value if wall else None,
        wall_ratio_low=wall.low if wall else None,
        wall_ratio_high=wall.high if wall else None,
        speedup_a=a.speedup.value if a.speedup else None,
        speedup_a_low=a.speedup.low if a.speedup else None,
        speedup_a_high=a.speedup.high if a.speedup else None,
        speedup_b=b.speedup.value if b.speedup else None,
        speedup_b_low=b.speedup.low if b.speedup else None,
        speedup_b_high=b.speedup.high if b.speedup else None,
        speedup_ratio=speedup.value if speedup else None,
        speedup_ratio_low=speedup.low if speedup else None,
        speedup_ratio_high=speedup.high if speedup else None,
        in_flight_a=a.in_flight,
        in_flight_b=b.in_flight,
        cores_busy_a=a.cores_busy,
        cores_busy_b=b.cores_busy,
        verdict_a=a.verdict,
        verdict_b=b.verdict,
    )


def _row(a: Summary | None, b: Summary | None, finding: Finding, note: str) -> ComparedCell:
    named = a or b
    assert named is not None
    return ComparedCell(
        workload=named.cell.workload,
        strategy=named.cell.strategy,
        workers=named.cell.workers,
        interpreter_a=a.cell.interpreter if a else None,
        interpreter_b=b.cell.interpreter if b else None,
        tasks_a=a.cell.tasks if a else None,
        tasks_b=b.cell.tasks if b else None,
        size_a=a.cell.size if a else None,
        size_b=b.cell.size if b else None,
        status_a=a.status if a else None,
        status_b=b.status if b else None,
        finding=finding,
        note=note,
    )


def _between(a: Estimate | None, b: Estimate | None) -> Estimate | None:
    return ratios.of_speedups(a, b) if a and b else None


def _found(ratio: Estimate | None, above: Finding, below: Finding) -> Finding:
    if ratio is None:
        return Finding.NOT_RANKED
    if not ratio.shows_a_difference:
        return Finding.NO_DIFFERENCE
    return above if ratio.value > 1 else below


def _single(rounds_a: int, rounds_b: int) -> str:
    """Why there is no interval of the wall times."""
    few = " and ".join(side for side, rounds in (("A", rounds_a), ("B", rounds_b)) if rounds == 1)
    return f"a single round in {few}; use more --rounds"


def _no_speedup(a: Summary, b: Summary) -> str:
    """Why the speed-ups have no ratio."""
    if a.is_baseline:
        return "the speed-ups are measured against it"
    if missing := " and ".join(side for side, one in (("A", a), ("B", b)) if one.speedup is None):
        return f"no speed-up in {missing}: no round has a sequential cell beside it"
    few = " and ".join(side for side, one in (("A", a), ("B", b)) if one.speedup and one.speedup.low is None)
    return f"the speed-up of a single round in {few}; use more --rounds"


def _doubts(side: str, summary: Summary) -> list[str]:
    """What speaks against the numbers of one session."""
    found = []
    if flags := ", ".join(flag for flag in summary.flags if flag in DOUBTFUL):
        left_out = summary.trials - summary.used
        found.append(
            f"{left_out} of {summary.trials} rounds of {side} left out ({flags})"
            if left_out
            else f"every round of {side} is doubtful ({flags})"
        )
    if summary.status is not Status.OK:
        found.append(f"some rounds of {side} failed: {summary.status}: {summary.detail[:LONGEST_DETAIL]}")
    return found
