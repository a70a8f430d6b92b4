"""Holds, does not hold, inconclusive: what a claim comes to when it is checked against results."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from gil_lab.model.columns import in_columns
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext

SEPARATOR = "; "
"""Between the numbers of several cells."""
MAX_SHOWN = 3
"""Cells whose numbers are shown; of the others, how many there are."""


class Outcome(StrEnum):
    """In the order in which one outweighs another: a claim about several cells holds if it holds of each."""

    FAILS = "does not hold"
    INCONCLUSIVE = "inconclusive"
    UNMEASURED = "not measured"
    """There is no session of its experiment."""
    HOLDS = "holds"
    UNKNOWN = INCONCLUSIVE
    """Its former name, which users' claims may have."""

    @classmethod
    def _missing_(cls, value: object) -> "Outcome | None":
        """Older files have another word."""
        return cls.INCONCLUSIVE if value == "cannot tell" else None


class InconclusiveError(Exception):
    """What a claim needs is not in the results; the message is the reason, for a student."""


@frozen
class Judgement:
    """The outcome and where it comes from."""

    outcome: Outcome
    measured: Annotated[str, in_columns("told")]
    """The numbers with their intervals, and what was claimed of them."""
    reason: str = ""
    """Why it is inconclusive, if it is."""

    @property
    def told(self) -> str:
        """The former name of `measured`, which users' claims may have."""
        return self.measured


def is_true(condition: bool, measured: str) -> Judgement:
    """A claim about words or exact counts, which need no interval; `measured` is what was seen."""
    return Judgement(Outcome.HOLDS if condition else Outcome.FAILS, measured)


def every(judgements: Iterable[Judgement]) -> Judgement:
    """Of several: the worst outcome. Raises InconclusiveError if there are none."""
    ranked = sorted(judgements, key=lambda judgement: list(Outcome).index(judgement.outcome))
    if not ranked:
        raise InconclusiveError(gettext("there is nothing to check it against"))
    worst = ranked[0]
    alike = [judgement for judgement in ranked if judgement.outcome is worst.outcome]
    measured = SEPARATOR.join(judgement.measured for judgement in alike[:MAX_SHOWN] if judgement.measured)
    more = len(alike) - MAX_SHOWN
    if more > 0:
        measured = SEPARATOR.join([measured, gettext("and {more} more").format(more=more)])
    return Judgement(worst.outcome, measured, worst.reason)
