"""Whether a call lets go of the GIL, in lines of a terminal."""

from collections.abc import Iterator

from gil_lab.advice.releasing import FoundRelease, Release
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.gil_release import HARDLY, GilRelease
from gil_lab.model.records import Flag
from gil_lab.model.text import number
from gil_lab.report.tables.blocks import Block, Note, Pairs
from gil_lab.report.tables.results import ratio, tenth
from gil_lab.report.tables.table import Column, Row, Table, signs
from gil_lab.report.text.sentences import drift, duration, flag_lines, remedies, restless, too_few_rounds

LEAST_READY = 0.05
"""Of its time in which the thread waited for a core: less is not why an interval is wide."""
TOO_SHORT = " A call is too short for a share of it: have a call do more."
REMEDIES = {Flag.SERIAL_FALLBACK: "Have a call do more.", Flag.THROTTLED: "Raise the quota."}
"""A call has neither tasks nor a number of workers."""
SAID = {
    GilRelease.YES: "yes, it lets go of the GIL for {} of its time",
    GilRelease.PARTLY: "partly: it lets go of the GIL for {} of its time",
    GilRelease.NO: "no, it holds the GIL: it lets go for {} of its time",
    GilRelease.NO_GIL: "there is no GIL to let go of",
}


def share(estimate: Estimate | None) -> str:
    """`97 % [96, 98]`."""
    if estimate is None:
        return ""
    found = f"{100 * estimate.value:.0f} %"
    if estimate.low is None or estimate.high is None:
        return found
    return f"{found} [{100 * estimate.low:.0f}, {100 * estimate.high:.0f}]"


def _gain(one: Release) -> str:
    """Without an interval where it comes from disturbed rounds alone: a few that were alike would make it narrow."""
    found = one.together.speedup if one.together else None
    if found is None or not found.flagged:
        return ratio(found)
    return f"{number(found.value)}*"


def _busy(one: Release) -> str:
    return tenth(one.together.cores_busy) + "*" * one.together.flagged if one.together else ""


PYTHON = Column[Release](("", "Python"), lambda one: one.python, right=False, naming=True)
LETS_GO = Column[Release](("lets", "go"), lambda one: str(one.answer), right=False)
SHARE = Column[Release](
    ("of its", "time"), lambda one: share(one.released) + "*" * bool(one.released and one.alone.flagged)
)
TAKES = Column[Release](("a call", "takes"), lambda one: "" if one.call_s is None else duration(one.call_s))
GAIN = Column[Release](("two threads", "speed-up"), _gain)
BUSY = Column[Release](("cores", "busy"), _busy)
COLUMNS = (PYTHON, LETS_GO, SHARE, TAKES, GAIN, BUSY)


def blocks(found: FoundRelease) -> Iterator[Block]:
    rows, remedy = found.results.rows, found.results.session.remedy
    answers = [_answer(one, remedy) for one in found.releases]
    if len(set(answers)) == 1:
        yield f"{found.call}: {answers[0]}"
    else:
        yield f"{found.call}, under Python"
        yield Pairs([(one.python, said) for one, said in zip(found.releases, answers, strict=True)])
    yield ""
    texts = [Row([column.text(one) for column in COLUMNS], flagged=one.alone.flagged) for one in found.releases]
    table = Table("", COLUMNS, texts)
    yield table
    if meanings := signs([table]):
        yield Note("; ".join(meanings))
    if lines := flag_lines(rows):
        yield "Flagged:"
        yield from (f"  {line}" for line in lines)
        yield Pairs(remedies(rows, REMEDIES))
    yield from filter(None, (drift(rows, remedy), restless(rows), too_few_rounds(rows, remedy)))


def _answer(one: Release, remedy: str) -> str:
    """In a sentence or a few, what speaks against it among them."""
    if one.answer is GilRelease.UNKNOWN:
        return f"unknown ({one.unknown}).{TOO_SHORT * one.is_too_short}"
    if one.is_too_short and one.answer is GilRelease.INCONCLUSIVE:
        return f"inconclusive.{TOO_SHORT}"
    found = share(one.released)
    if one.answer is not GilRelease.INCONCLUSIVE:
        return f"{SAID[one.answer].format(found)}.{_others(one)}"
    if one.released is None or one.released.low is None:
        seen = f"inconclusive: in a single pass it lets go of the GIL for {found} of its time, which gives no interval"
        return f"{seen}; measure with {remedy}.{_others(one)}"
    between = f"between {one.allowed[0]} and {one.allowed[-1]}"
    return f"inconclusive, {between}: it lets go of the GIL for {found} of its time.{_others(one)}{_next(one, remedy)}"


def _others(one: Release) -> str:
    if one.held_by_others < HARDLY:
        return ""
    return (
        f" Other threads, of --setup or started by the call, hold the GIL for {100 * one.held_by_others:.0f} % of the "
        "time: that is not counted, but the call may wait for them."
    )


def _next(one: Release, remedy: str) -> str:
    """The reason for a wide interval, and the next step."""
    if one.ready < LEAST_READY:
        return f" That is too wide: measure with {remedy}."
    return (
        f" There was no core for it for {100 * one.ready:.0f} % of the time, in which it is not known what it would "
        f"have done: close other programs, or measure with {remedy}."
    )
