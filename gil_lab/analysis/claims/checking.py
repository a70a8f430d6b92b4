"""Claims, and what becomes of them when they are held against results."""

from collections.abc import Callable, Iterable
from types import CoroutineType
from typing import TYPE_CHECKING

from gil_lab.analysis.claims.evidence import Evidence
from gil_lab.analysis.claims.judgement import InconclusiveError, Judgement, Outcome
from gil_lab.model.frozen import frozen
from gil_lab.model.text import described, one_line

if TYPE_CHECKING:
    from gil_lab.analysis.results import SessionResults

Check = Callable[[Evidence], Judgement]


@frozen
class Claim:
    """What an experiment expects, stated before it is run."""

    sentence: str
    check: Check


@frozen
class Checked:
    """A claim that was held against a session."""

    experiment: str
    sentence: str
    judgement: Judgement


def check(experiment: str, claims: Iterable[Claim], results: "SessionResults") -> list[Checked]:
    """Check each claim against the results. Never raises: an error in its check makes a claim inconclusive."""
    seen = Evidence(results)
    return [Checked(experiment, claim.sentence, _judged(claim, seen)) for claim in claims]


def _judged(claim: Claim, seen: Evidence) -> Judgement:
    try:
        judgement = claim.check(seen)
        if isinstance(judgement, Judgement) and isinstance(judgement.outcome, Outcome):
            return judgement
        if isinstance(judgement, CoroutineType):
            judgement.close()
        reason = f"its check returned {judgement!r:.40} and no Judgement; return what seen.ratio(...).above(2) gives"
        return Judgement(Outcome.INCONCLUSIVE, "", one_line(reason))
    except InconclusiveError as error:
        return Judgement(Outcome.INCONCLUSIVE, "", one_line(str(error)))
    except (Exception, SystemExit) as error:  # results are files that may have been edited, and claims a user's code
        return Judgement(Outcome.INCONCLUSIVE, "", one_line(f"its check failed ({described(error)})"))


def unmeasured(experiment: str, claims: Iterable[Claim]) -> list[Checked]:
    """The claims of an experiment of which there is no session."""
    reason = f"not measured yet: gil-lab run {experiment}"
    return [Checked(experiment, claim.sentence, Judgement(Outcome.UNMEASURED, "", reason)) for claim in claims]


def unreadable(experiment: str, claims: Iterable[Claim], reason: str) -> list[Checked]:
    """The claims of an experiment whose session cannot be read."""
    judgement = Judgement(Outcome.INCONCLUSIVE, "", one_line(reason))
    return [Checked(experiment, claim.sentence, judgement) for claim in claims]
