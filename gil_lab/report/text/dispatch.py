"""From which length of its tasks on a strategy pays, and how much its chunks matter, in sentences."""

from collections.abc import Iterator, Sequence

from gil_lab.analysis.dispatch import Dispatch, Dispatched, PaysFrom
from gil_lab.model.language import gettext
from gil_lab.report.text.sentences import duration


def lines(found: Sequence[Dispatch]) -> Iterator[str]:
    """One for each strategy that has chunks."""
    for one in found:
        strategies = [each.strategy for each in one.series]
        for strategy in dict.fromkeys(strategies):
            if strategies.count(strategy) > 1:
                yield _line(one, strategy, several=len(found) > 1)


def _line(one: Dispatch, strategy: str, *, several: bool) -> str:
    """`multiprocessing pays for tasks from 12 µs on, by all; by 1, from 240 µs [210, 290].`"""
    text = gettext("{strategy} pays at no length of the tasks that was measured").format(strategy=strategy)
    for place, each in enumerate(one.extremes(strategy)):
        first = gettext("{strategy} pays for tasks {length}, {chunk}")
        text = (
            f"{text}; {called(each)}, {said(each.pays_from)}"
            if place
            else first.format(strategy=strategy, length=said(each.pays_from), chunk=called(each))
        )
    if not several:
        return gettext("{sentence}.").format(sentence=text)
    ended = gettext("{sentence} (Python {python}, {workers} workers).")
    return ended.format(sentence=text, python=one.interpreter, workers=one.workers)


def called(one: Dispatched) -> str:
    """The chunk."""
    return gettext("by {chunk}").format(chunk=one.chunk) if one.chunk else gettext("in chunks of its own")


def said(found: PaysFrom | None, *, interval: bool = True) -> str:
    """`from 240 µs [210 µs, 290 µs] on`, or without the interval."""
    if found is None:
        return gettext("at no length that was measured")
    if found.at_most:
        return gettext("of {length} already").format(length=duration(found.work_s))
    length = duration(found.work_s)
    if interval and found.low_s is not None and found.high_s is not None:
        length += f" [{duration(found.low_s)}, {duration(found.high_s)}]"
    return gettext("from {length} on").format(length=length)
