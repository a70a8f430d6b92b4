"""Which variant to advise: the simplest of the fastest, with the fewest workers; and how sure that is."""

import math
from collections.abc import Sequence
from enum import Enum

from gil_lab.analysis.contrasts import Contrasts
from gil_lab.analysis.gil_release import HARDLY
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import cell_name
from gil_lab.model.frozen import frozen
from gil_lab.model.records import CHUNK_SEPARATOR, Status
from gil_lab.model.text import number
from gil_lab.report.tables.results import INCONCLUSIVE_FROM
from gil_lab.report.text.sentences import ratio
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import Strategy

AS_FAST = 1.05
"""Times the best one's wall time: the fewest workers, and the simplest model, within that are advised."""
LEAST_GAIN = 1.1
"""Less is not worth a pool, which has to be maintained."""
CLEARLY = 2.0
"""Of a gain's interval the lower end: others that use the cores meanwhile take no more than that from either side."""
SIMPLEST_FIRST = (None, "coroutines", "threads", "processes", "interpreters")
"""Kinds of workers: what shares memory is simpler than what is sent inputs."""


DISTURBED = "other programs used the cores meanwhile"
NOISE = "the differences are within the noise of this machine"


HOLDS_THE_GIL = "it holds the GIL, under which threads compute one at a time, and nothing else could be measured"
OTHER_ANSWERS = (
    "with every other model its answers are others; is something random, or of the process, made at its import?"
)


class Certainty(Enum):
    SURE = "sure"
    TIE = "a tie"
    INCONCLUSIVE = "inconclusive"


@frozen
class Decision:
    """What is advised; None: to leave the function as it is, called in turn."""

    best: Summary | None
    ties: tuple[Summary, ...]
    """Of other strategies, which may be as fast."""
    certainty: Certainty
    why: str = ""
    """Of what is not sure."""


def choose(rows: Sequence[Summary], contrasts: Contrasts | None = None) -> Decision:
    """From the summaries of all variants, and how they compare with each other; flagged ones make it inconclusive.

    Where nothing is known to be faster, the function is left as it is, and what looks fastest is named as the reason
    why that is inconclusive.
    """
    held = _held_by_home(rows)
    compared = [
        one
        for one in rows
        if one.speedup and one.status is Status.OK and not is_home(one) and not (held and shares_the_gil(one))
    ]
    if not compared and held and any(one.speedup and shares_the_gil(one) and not is_home(one) for one in rows):
        return Decision(None, (), Certainty.SURE, HOLDS_THE_GIL)
    if not compared:
        return _nothing_measured(rows)
    worthwhile = [one for one in compared if _gain(one) >= LEAST_GAIN]
    known = [one for one in worthwhile if one.speedup and one.speedup.shows_a_difference]
    if not worthwhile:
        return _left_as_it_is(compared)
    faster = known or worthwhile
    first = max(faster, key=_gain)
    alike = [
        one for one in faster if _gain(one) * LEAST_GAIN >= _gain(first) and _may_be_as_fast(one, first, contrasts)
    ]
    near = [one for one in faster if one in alike or _gain(one) * AS_FAST >= _gain(first)]
    best = min(near, key=lambda one: (_effort(one), one.cell.workers, -_gain(one)))
    fastest_of_each = {_plain(one): one for one in sorted(compared, key=_gain) if _plain(one) != _plain(best)}
    ties = tuple(one for one in fastest_of_each.values() if one in near or _may_be_as_fast(one, first, contrasts))[::-1]
    if not known:
        return Decision(None, (), Certainty.INCONCLUSIVE, _looks_faster(best, len(compared)))
    if is_flagged(best) and not _is_clear(best):
        return Decision(best, ties, Certainty.INCONCLUSIVE, DISTURBED)
    return Decision(best, ties, Certainty.TIE if ties else Certainty.SURE)


def _left_as_it_is(compared: Sequence[Summary]) -> Decision:
    """None gained enough. Sure, unless one may gain more than is worth it, beyond what counts as as fast."""
    perhaps = [one for one in compared if _most(one) > LEAST_GAIN * AS_FAST]
    if not perhaps:
        return Decision(None, (), Certainty.SURE)
    most = max(perhaps, key=_most)
    gain = ratio(most.speedup) if most.speedup else ""
    return Decision(
        None, (), Certainty.INCONCLUSIVE, f"{cell_name(most.cell)} may gain more than a tenth, {gain}; {NOISE}"
    )


def _most(one: Summary) -> float:
    """Times as fast as it may be, by its interval; endless without one."""
    return one.speedup.high if one.speedup and one.speedup.high is not None else math.inf


def _looks_faster(best: Summary, compared: int) -> str:
    """Why that is not known: its own interval has 1 in it, or one of so many comparisons comes out so by chance."""
    gain = best.speedup
    if gain is None or gain.low is None or gain.high is None or gain.low <= 1 or gain.is_negligible:
        return f"{cell_name(best.cell)} looks faster, {ratio(gain) if gain else ''}; {NOISE}"
    interval = f"{number(gain.value)}x [{number(gain.low)}, {number(gain.high)}]"
    return f"{cell_name(best.cell)} looks faster, {interval}, but of {compared} variants one may do so by chance"


def _held_by_home(rows: Sequence[Summary]) -> bool:
    """Whether the function as it is holds the GIL all the time."""
    home = next((one for one in rows if is_home(one)), None)
    held = home.gil_seen.held_share if home else None
    return held is not None and held > 1 - HARDLY


def shares_the_gil(one: Summary) -> bool:
    """Whether its workers compute under one GIL: of a function that holds it, they cannot gain anything, whatever was
    measured. On a busy machine threads that wait and wake up all the time get more of the cores than one that computes.
    """
    strategy = strategy_of(one)
    return bool(one.gil and one.gil.after_work) and strategy.shares_gil and strategy.runs_plain_python


def _is_clear(one: Summary) -> bool:
    """Whether it is faster beyond what others do to it."""
    if one.speedup is None or one.speedup.low is None or one.speedup.high is None:
        return False
    return one.speedup.low >= CLEARLY and one.speedup.high < INCONCLUSIVE_FROM * one.speedup.low


def _nothing_measured(rows: Sequence[Summary]) -> Decision:
    failed = [one for one in rows if one.status is not Status.OK and not is_home(one)]
    if failed and all(one.status is Status.WRONG for one in failed):
        return Decision(None, (), Certainty.SURE, OTHER_ANSWERS)
    why = failed[0].detail if failed else "no other model can take it"
    return Decision(None, (), Certainty.INCONCLUSIVE if failed else Certainty.SURE, why)


def is_home(one: Summary) -> bool:
    """Whether all gains are over it: sequential work under the first Python."""
    return one.is_baseline and (one.speedup is None or one.speedup.of_itself)


def is_flagged(one: Summary) -> bool:
    """Whether its gain comes from flagged rounds, its own or of what it is compared with."""
    return one.flagged or bool(one.speedup and one.speedup.flagged)


def _gain(one: Summary) -> float:
    return one.speedup.value if one.speedup else 0.0


def _may_be_as_fast(one: Summary, first: Summary, contrasts: Contrasts | None) -> bool:
    """Whether it is not known to take longer than the fastest by 5 %, from the rounds that both had a turn in."""
    contrast = contrasts.between(one.cell, first.cell) if contrasts else None
    reach = contrast.reach() if contrast else None
    if contrast is None or reach is None:
        return _gain(one) * LEAST_GAIN >= _gain(first)
    return contrast.log_ratio - reach <= math.log(AS_FAST)


def is_simplest(best: Summary, others: Sequence[Summary]) -> bool:
    """Whether none of the others is simpler."""
    return all(_effort(best) <= _effort(one) for one in others)


def strategy_of(one: Summary) -> Strategy:
    return Catalogue().strategy(one.cell.strategy)


def _plain(one: Summary) -> str:
    """Its strategy without the number of tasks in a chunk."""
    return one.cell.strategy.partition(CHUNK_SEPARATOR)[0]


def _effort(one: Summary) -> tuple[bool, int, bool]:
    """Packages that it needs, the kind of its workers, and whether chunks are to be chosen."""
    strategy = strategy_of(one)
    return bool(strategy.requires), SIMPLEST_FIRST.index(strategy.workers_are), CHUNK_SEPARATOR in one.cell.strategy
