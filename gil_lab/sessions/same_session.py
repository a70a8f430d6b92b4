"""Whether the tables of a session belong together: each is a file, and one of another session can lie in its place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from gil_lab.sessions.rows import BeatRow, CoreRow, HoldRow, Numbers, PassRow, SampleRow, TaskRow, TrialRow, TurnRow

ROUNDED = 1e-3
"""Relative: walls are written with six digits, and medians of them stand in another file."""
SLACK_NS = 1_000_000_000
"""Samples are taken around the passes of a turn."""

Row = TypeVar("Row")
Agrees = Callable[[int, Sequence[Row]], bool | None]
"""Whether the rows of that trial are of this session; None if there is nothing to compare them with."""


def of_this_session(name: str, rows: Sequence[Row], agrees: Agrees[Row], notes: list[str]) -> list[Row]:
    """The rows; none, with a note, if those of most trials contradict what else is known of these trials."""
    by_trial: dict[int, list[Row]] = {}
    for row in rows:
        number: Any = row
        by_trial.setdefault(number.trial, []).append(row)
    found = [agrees(trial, each) for trial, each in by_trial.items()]
    if 2 * found.count(False) <= len(found) - found.count(None):
        return list(rows)
    note = f"{name} is of another session than trials.csv; left out"
    if note not in notes:
        notes.append(note)
    return []


def passes_agree(trials: Iterable[TrialRow]) -> Agrees[PassRow]:
    """By the wall time of the first pass, which stands in both."""
    known = _numbers(trials)

    def agrees(trial: int, rows: Sequence[PassRow]) -> bool | None:
        walls = [row.one.wall_s for row in rows if row.one.kind == "warm-up"]
        if trial not in known or not walls:
            return None
        return any(abs(wall - known[trial].warm_up_s) <= ROUNDED * wall for wall in walls)

    return agrees


def turns_agree(trials: Iterable[TrialRow]) -> Agrees[TurnRow]:
    """By the wall time: a median over all passes lies between the medians of the turns."""
    known = _numbers(trials)

    def agrees(trial: int, rows: Sequence[TurnRow]) -> bool | None:
        if trial not in known:
            return None
        walls = [row.wall_s for row in rows]
        return min(walls) * (1 - ROUNDED) <= known[trial].wall_s <= max(walls) * (1 + ROUNDED)

    return agrees


def times_agree(passes: Iterable[PassRow]) -> Agrees[TaskRow | HoldRow | BeatRow | SampleRow | CoreRow]:
    """By the clock: what is noted of a trial is noted between its first pass and its last one."""
    spans: dict[int, tuple[int, int]] = {}
    for row in passes:
        begin, end = spans.get(row.trial, (row.one.begin_ns, row.one.end_ns))
        spans[row.trial] = min(begin, row.one.begin_ns), max(end, row.one.end_ns)

    def agrees(trial: int, rows: Sequence[TaskRow | HoldRow | BeatRow | SampleRow | CoreRow]) -> bool | None:
        if trial not in spans:
            return None
        begin, end = spans[trial]
        return any(begin - SLACK_NS <= _at_ns(row) <= end + SLACK_NS for row in rows)

    return agrees


def _numbers(trials: Iterable[TrialRow]) -> Mapping[int, Numbers]:
    return {row.trial: row.numbers for row in trials if row.numbers is not None}


def _at_ns(row: TaskRow | HoldRow | BeatRow | SampleRow | CoreRow) -> int:
    match row:
        case TaskRow():
            return row.span.begin_ns
        case HoldRow():
            return row.hold.begin_ns
        case BeatRow():
            return row.beat.due_ns
        case SampleRow() | CoreRow():
            return row.at_ns
