"""Questions to which people predict an answer before they see the results of an experiment.

Which answer is right is not written down: each has a check, as a claim has, and the right one is the only one that
holds of what was measured. Who predicts first learns from what is shown then; who only watches does not:
Crouch, Fagen, Callan and Mazur, "Classroom demonstrations: learning tools or entertainment?", Am. J. Phys. 72 (2004)
835; Miller, Lasry, Chu and Mazur, "Role of physics lecture demonstrations in conceptual learning", Phys. Rev. ST Phys.
Educ. Res. 9 (2013) 020113.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from gil_lab.analysis.claims import Checked, Claim, Evidence, Judgement, Outcome, Quantity, check, every
from gil_lab.analysis.claims.checking import Check
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext

if TYPE_CHECKING:
    from gil_lab.analysis.results import SessionResults

FEWEST, MOST = 3, 4
"""Answers to a question: as many as are read at once, and as there are letters on the cards that a class holds up."""
LETTERS = "abcd"
Measured = Callable[[Evidence], Iterable[Quantity]]
"""The number that a question is about, of each cell that it is about."""


def below(measured: Measured, limit: float) -> Check:
    """The check of an answer that the number is below that, in each cell."""
    return lambda seen: every(each.below(limit) for each in measured(seen))


def between(measured: Measured, low: float, high: float) -> Check:
    return lambda seen: every(each.between(low, high) for each in measured(seen))


def above(measured: Measured, limit: float) -> Check:
    return lambda seen: every(each.above(limit) for each in measured(seen))


@frozen
class Answer:
    """One of the answers to a question; its check says whether it is the right one."""

    sentence: str
    check: Check
    why: str = ""
    """Why, where it is the right one: the mechanism, not the number. Of those that are not expected there is none."""


@frozen
class Question:
    """What is to be predicted of an experiment, in words that need no knowledge of the result."""

    sentence: str
    answers: tuple[Answer, ...]
    """At most one of them holds of any results."""

    def __post_init__(self) -> None:
        """Raise ValueError unless it has three or four answers, which differ."""
        if not FEWEST <= len(self.sentences) <= MOST or len(set(self.sentences)) < len(self.sentences):
            raise ValueError(f"{self.sentence!r} needs {FEWEST} or {MOST} answers that differ")

    @property
    def sentences(self) -> tuple[str, ...]:
        """Of its answers."""
        return tuple(answer.sentence for answer in self.answers)


@frozen
class AnsweredQuestion:
    """A question, and which of its answers is right by what a session measured."""

    experiment: str
    question: Question
    judgements: tuple[Judgement, ...]
    """One for each answer."""

    @property
    def right(self) -> str:
        """The only answer that holds, if no other one may hold as well; empty if that cannot be said."""
        outcomes = [judgement.outcome for judgement in self.judgements]
        if outcomes.count(Outcome.HOLDS) != 1 or Outcome.INCONCLUSIVE in outcomes:
            return ""
        return self.question.sentences[outcomes.index(Outcome.HOLDS)]

    @property
    def why(self) -> str:
        """The mechanism behind the right answer; empty if that is another one than the lab expects, or none."""
        return next((answer.why for answer in self.question.answers if answer.sentence == self.right), "")

    @property
    def measured(self) -> str:
        """The numbers that the right answer comes from; without one, those that were seen."""
        if self.right:
            return self.judgements[self.question.sentences.index(self.right)].measured
        return next((judgement.measured for judgement in self._undecided if judgement.measured), "")

    @property
    def reason(self) -> str:
        """Why it cannot be said which answer is right; empty if it can."""
        if self.right:
            return ""
        fallback = gettext("what was measured is none of the answers, or several of them")
        return next((judgement.reason for judgement in self._undecided if judgement.reason), fallback)

    @property
    def _undecided(self) -> Sequence[Judgement]:
        """What is inconclusive first."""
        return sorted(self.judgements, key=lambda judgement: judgement.outcome is not Outcome.INCONCLUSIVE)


def answered(experiment: str, question: Question, results: "SessionResults") -> AnsweredQuestion:
    """Hold its answers against the results. Never raises, as claims do not."""
    claims = [Claim(answer.sentence, answer.check) for answer in question.answers]
    checked: list[Checked] = check(experiment, claims, results)
    return AnsweredQuestion(experiment, question, tuple(one.judgement for one in checked))
