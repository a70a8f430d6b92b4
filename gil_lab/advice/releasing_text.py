"""Whether a call lets go of the GIL, in lines of a terminal."""

from collections.abc import Iterator

from gil_lab.advice.releasing import FoundRelease, Release
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.gil_release import GilRelease
from gil_lab.report.tables.blocks import Block, Note
from gil_lab.report.tables.results import ratio, tenth
from gil_lab.report.tables.table import Column, Table, signs
from gil_lab.report.text.sentences import duration

SHORT_CALL_S = 1e-6
"""Beside it the loop that makes the calls, which holds the GIL, is no longer little: some 50 ns."""
SAID = {
    GilRelease.YES: "yes, it lets go of the GIL for {} of its time",
    GilRelease.PARTLY: "partly: it lets go of the GIL for {} of its time",
    GilRelease.NO: "no, it holds the GIL: it lets go for {} of its time",
    GilRelease.NO_GIL: "there is no GIL to let go of",
    GilRelease.UNKNOWN: "unknown",
}


def share(estimate: Estimate | None) -> str:
    """`97 % [96, 98]`."""
    if estimate is None:
        return ""
    found = f"{100 * estimate.value:.0f} %"
    if estimate.low is None or estimate.high is None:
        return found
    return f"{found} [{100 * estimate.low:.0f}, {100 * estimate.high:.0f}]"


PYTHON = Column[Release](("", "Python"), lambda one: one.python, right=False, naming=True)
LETS_GO = Column[Release](("lets", "go"), lambda one: str(one.answer), right=False)
SHARE = Column[Release](("of its", "time"), lambda one: share(one.released))
GAIN = Column[Release](("two threads", "speed-up"), lambda one: ratio(one.together.speedup) if one.together else "")
BUSY = Column[Release](("cores", "busy"), lambda one: tenth(one.together.cores_busy) if one.together else "")
COLUMNS = (PYTHON, LETS_GO, SHARE, GAIN, BUSY)


def blocks(found: FoundRelease) -> Iterator[Block]:
    yield f"{found.call}: {_answers(found)}."
    yield f"A call takes {duration(found.call_s)}{_too_short(found)}."
    yield ""
    table = Table.of("", COLUMNS, found.releases)
    yield table
    if meanings := signs([table]):
        yield Note("; ".join(meanings))
    for one in found.releases:
        if one.answer is GilRelease.UNKNOWN:
            yield f"Python {one.python}: {one.unknown}"


def _answers(found: FoundRelease) -> str:
    """Of each Python; once if all say the same."""
    if len({one.answer for one in found.releases}) == 1:
        return _answer(found.releases[0])
    return "; ".join(f"under Python {one.python} {_answer(one)}" for one in found.releases)


def _answer(one: Release) -> str:
    if one.answer is GilRelease.UNKNOWN:
        return f"unknown ({one.unknown})"
    return SAID[one.answer].format(share(one.released))


def _too_short(found: FoundRelease) -> str:
    return ": too short for a share of it, so have a call do more" if found.call_s < SHORT_CALL_S else ""
