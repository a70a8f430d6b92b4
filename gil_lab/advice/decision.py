"""Which variant to advise: the simplest of the fastest, with the fewest workers; and how sure that is."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from gil_lab.analysis.summaries import Summary
from gil_lab.model.frozen import frozen
from gil_lab.model.records import CHUNK_SEPARATOR, Status
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import Strategy

AS_FAST = 1.05
"""Times the best one's wall time: the fewest workers, and the simplest model, within that are advised."""
LEAST_GAIN = 1.1
"""Less is not worth a pool, which has to be maintained."""
SIMPLEST_FIRST = (None, "coroutines", "threads", "processes", "interpreters")
"""Kinds of workers: what shares memory is simpler than what is sent inputs."""


DISTURBED = "other programs used the cores meanwhile"


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


def choose(rows: Sequence[Summary]) -> Decision:
    """From the summaries of all variants."""
    measured = [one for one in rows if one.speedup and one.status is Status.OK and not is_home(one)]
    if not measured:
        failed = next((one for one in rows if one.status is not Status.OK), None)
        return Decision(None, (), Certainty.INCONCLUSIVE, failed.detail if failed else "nothing could be measured")
    compared = [one for one in measured if not is_flagged(one)]
    if not compared:
        return replace(_of_those(measured), certainty=Certainty.INCONCLUSIVE, why=DISTURBED)
    return _of_those(compared)


def _of_those(compared: Sequence[Summary]) -> Decision:
    faster = [one for one in compared if _gain(one) >= LEAST_GAIN and one.speedup and one.speedup.shows_a_difference]
    if not faster:
        return _as_it_is(compared)
    first = max(faster, key=_gain)
    near = [one for one in faster if _gain(one) * AS_FAST >= _gain(first)]
    best = min(near, key=lambda one: (_effort(one), one.cell.workers, -_gain(one)))
    ties = [
        one for one in compared if _plain(one) != _plain(best) and (one in near or _may_be_as_fast(one, best, first))
    ]
    widest = best.speedup.half_width if best.speedup else None
    if widest is None:
        return Decision(best, (), Certainty.INCONCLUSIVE, "too few rounds without a disturbance")
    others = {_plain(one): one for one in sorted(ties, key=_gain)}.values()  # the fastest of each
    return Decision(best, tuple(others), Certainty.TIE if others else Certainty.SURE)


def _as_it_is(compared: Sequence[Summary]) -> Decision:
    open_ = [one for one in compared if one.speedup and (one.speedup.high or 9.9) >= LEAST_GAIN]
    if open_ and max(map(_gain, open_)) >= LEAST_GAIN:
        return Decision(None, (), Certainty.INCONCLUSIVE, "the differences are within the noise of this machine")
    return Decision(None, (), Certainty.SURE)


def is_home(one: Summary) -> bool:
    """Whether all gains are over it: sequential work under the first Python."""
    return one.is_baseline and (one.speedup is None or one.speedup.of_itself)


def is_flagged(one: Summary) -> bool:
    """Whether its gain comes from flagged rounds, its own or of what it is compared with."""
    return one.flagged or bool(one.speedup and one.speedup.flagged)


def _gain(one: Summary) -> float:
    return one.speedup.value if one.speedup else 0.0


def _may_be_as_fast(one: Summary, best: Summary, first: Summary) -> bool:
    """Whether its interval reaches into that of the best, and it is not known to lag behind by a tenth."""
    ends = one.speedup and one.speedup.high, best.speedup and best.speedup.low
    return None not in ends and (ends[0] or 0) >= (ends[1] or 0) and _gain(one) * LEAST_GAIN >= _gain(first)


def strategy_of(one: Summary) -> Strategy:
    return Catalogue().strategy(one.cell.strategy)


def _plain(one: Summary) -> str:
    """Its strategy without the number of tasks in a chunk."""
    return one.cell.strategy.partition(CHUNK_SEPARATOR)[0]


def _effort(one: Summary) -> tuple[bool, int, bool]:
    """Packages that it needs, the kind of its workers, and whether chunks are to be chosen."""
    strategy = strategy_of(one)
    return bool(strategy.requires), SIMPLEST_FIRST.index(strategy.workers_are), CHUNK_SEPARATOR in one.cell.strategy
