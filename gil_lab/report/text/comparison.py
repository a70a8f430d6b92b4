"""What two sessions say beside each other, in sentences."""

import math
from datetime import UTC, datetime

from gil_lab.analysis.comparison import Comparison, Side
from gil_lab.analysis.comparison.cells import ComparedCell, Finding
from gil_lab.analysis.comparison.paces import Paces, State
from gil_lab.model.frozen import frozen
from gil_lab.model.shares import percent
from gil_lab.model.text import number, one_line
from gil_lab.report.tables.comparison import naming
from gil_lab.report.text.sentences import drift

MAX_PATH_CHARACTERS = 4096
MAX_SAME = 16
ROUNDING = 1e-6
"""Of a per cent: 1.05 less 1 is a little more than 5 %."""
SENTENCES = {
    Finding.FASTER: "B {value} faster {interval}",
    Finding.SLOWER: "B slower: {value} {interval}",
    Finding.GREATER_SPEEDUP: "greater speed-up in B: {value} that of A {interval}",
    Finding.SMALLER_SPEEDUP: "smaller speed-up in B: {value} that of A {interval}",
    Finding.NO_DIFFERENCE: "no difference seen: {value} {interval}",
    Finding.NEGLIGIBLE: "differs by less than {threshold}: {value} {interval}",
}
"""The direction is in the words: a ratio alone is read the wrong way round by half of its readers."""


@frozen
class Named:
    """What A or B stands for."""

    name: str
    experiment: str
    began_utc: str
    """To the minute; empty if no trial tells."""
    rounds: int
    folder: str
    notes: tuple[str, ...]
    """What was wrong with its files."""


def sessions(comparison: Comparison) -> tuple[Named, Named]:
    return _named("A", comparison.a), _named("B", comparison.b)


def _named(name: str, side: Side) -> Named:
    session = side.session
    began = min((at for row in session.trials if (at := _moment(row.began_utc))), default=None)
    return Named(
        name,
        session.experiment,
        f"{began:%Y-%m-%d %H:%M}" if began else "",
        max(summary.rounds or summary.trials for summary in side.rows),
        one_line(str(session.path), MAX_PATH_CHARACTERS),
        tuple(session.notes),
    )


def _moment(text: str) -> datetime | None:
    """In UTC, also where the file says no zone; None for what is no time."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def legend(session: Named) -> str:
    """`cpu-bound, 2026-11-23 13:42 UTC, 3 rounds`."""
    began = f"{session.began_utc} UTC" if session.began_utc else "at an unknown time"
    return f"{session.experiment}, {began}, {session.rounds} round{'s' * (session.rounds != 1)}"


def what_is_the_same(comparison: Comparison) -> str:
    """One line, after the table of what differs or in its place."""
    found = comparison.differences
    if not found.same:
        return "" if found.differing else "Neither session tells its machine, interpreter, packages or options."
    more = ", ..." if len(found.same) > MAX_SAME else ""
    return f"{'The same' if found.differing else 'All the same'}: {', '.join(found.same[:MAX_SAME])}{more}."


def warning(comparison: Comparison) -> str:
    """That a difference has no cause or more than one possible cause; empty if not."""
    if comparison.a.session.trials == comparison.b.session.trials:
        return "A and B hold the same trials: one is a copy of the other."
    causes = comparison.differences.causes
    if len(causes) < 2:  # noqa: PLR2004 - more than one
        return ""
    return f"More than one thing differs ({', '.join(causes)}): no difference can be put down to one of them."


def cpu_speed(paces: Paces) -> str:
    """Whether the machine was in the same state, and what follows."""
    if paces.a_s is None or paces.b_s is None or paces.ratio is None:
        return "No CPU speed was recorded, so it is unknown whether the machine was in the same state."
    took = f"a fixed spin took {number(1000 * paces.a_s)} ms in A, {number(1000 * paces.b_s)} ms in B"
    factor = max(paces.ratio, 1 / paces.ratio)
    match paces.state:
        case State.SAME:
            part = math.ceil(100 * (factor - 1) - ROUNDING)
            allowed = f" Differences of {part} % or less may be the machine's own." if part else ""
            return f"The CPU speed was the same: {took}.{allowed}"
        case State.OTHER:
            who = "The machine was in another state" if paces.same_machine else "Another state or another machine"
            return (
                f"{who}: {took} ({number(factor)}x), so wall times are not ranked. "
                "Ranked are the speed-ups, each measured within the rounds of its own session."
            )
        case State.OTHER_MACHINE:
            under = ", each under its own Python" if paces.same_python is False else ""
            return f"Two machines: {took}{under}. B is {number(paces.ratio)}x as fast at it."
        case State.UNKNOWN:
            return (
                f"Under two Pythons {took}: that does not show whether the machine was in the same state, "
                "so look at the speed-ups too."
            )


def sentence(cell: ComparedCell) -> str:
    """How much better B is, how that is called in A and in B, and what speaks against it."""
    parts = [_ranking(cell)]
    verdicts = cell.both(lambda summary: summary.verdict)
    if verdicts.a is not None and verdicts.b is not None:
        changed = verdicts.a is not verdicts.b
        parts.append(f"verdict changed: {verdicts.a} in A; {verdicts.b} in B" if changed else f"in both: {verdicts.a}")
    if cell.note and cell.finding is not Finding.NOT_RANKED:
        parts.append(cell.note)
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)


def _ranking(cell: ComparedCell) -> str:
    ratio = cell.ranking
    if ratio is None or ratio.low is None or ratio.high is None:
        return f"{cell.finding}: {cell.note}"
    interval = f"[{number(ratio.low)}, {number(ratio.high)}]"
    return SENTENCES[cell.finding].format(
        value=f"{number(ratio.value)}x", interval=interval, threshold=percent(ratio.threshold)
    )


def left_alone(comparison: Comparison) -> list[tuple[str, str]]:
    """Cells that could not be compared, and why; those with one reason together."""
    called = naming(comparison.cells)
    names: dict[tuple[str, str], list[str]] = {}
    for cell in comparison.not_compared:
        names.setdefault((cell.cell.workload, cell.note), []).append(called(cell))
    return [(f"{workload}: {', '.join(found)}", note) for (workload, note), found in names.items()]


def remarks(comparison: Comparison) -> list[str]:
    """For each session, how often the CPU speed changed during a trial, and what was wrong with its files."""
    return [
        f"{session.name}: {line}"
        for session, side in zip(sessions(comparison), (comparison.a, comparison.b), strict=True)
        for line in (drift(side.rows, side.session.remedy), *session.notes)
        if line
    ]
