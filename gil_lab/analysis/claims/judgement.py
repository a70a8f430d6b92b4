"""Holds, does not hold, cannot tell: what becomes of a claim when it is held against results."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

APART = "; "
"""Between what is told of several cells."""
MOST_TOLD = 3
"""Of many cells, those that are told one by one."""


class Outcome(StrEnum):
    """In the order in which one outweighs another: a claim about several cells holds if it holds of each."""

    FAILS = "does not hold"
    UNKNOWN = "cannot tell"
    HOLDS = "holds"


class CannotTellError(Exception):
    """What a claim needs is not in the results; the message is the reason, for a student."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome, the numbers with their interval that it comes from, and why it cannot be told, if so."""

    outcome: Outcome
    told: str
    reason: str = ""


def is_true(condition: bool, told: str) -> Judgement:
    """A claim about words or exact counts, which need no interval; `told` is what was seen."""
    return Judgement(Outcome.HOLDS if condition else Outcome.FAILS, told)


def every(judgements: Iterable[Judgement]) -> Judgement:
    """Of several: the worst outcome, told first. Raises CannotTellError if there are none."""
    found = sorted(judgements, key=lambda one: list(Outcome).index(one.outcome))
    if not found:
        raise CannotTellError("there is nothing that it could be told from")
    worst = found[0]
    alike = [one for one in found if one.outcome is worst.outcome]
    told = APART.join(one.told for one in alike[:MOST_TOLD] if one.told)
    more = len(alike) - MOST_TOLD
    return Judgement(worst.outcome, told + f"{APART}and {more} more" * (more > 0), worst.reason)
