"""A question before it is answered, and what became of a prediction."""

from collections.abc import Iterator

from gil_lab.analysis.questions import LETTERS, AnsweredQuestion, Question
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext
from gil_lab.model.text import one_line
from gil_lab.report.tables.blocks import Block, Heading, Pairs
from gil_lab.report.tables.claims import MAX_EVIDENCE_CHARACTERS
from gil_lab.sessions.predictions import ANSWERS, AnswerRow, Prediction

RIGHT, WRONG, UNDECIDED = "right", "not right", "undecided"
STYLES = {RIGHT: "green", WRONG: "bold red", UNDECIDED: "yellow"}


def question_blocks(question: Question) -> Iterator[Block]:
    """With a letter for each answer."""
    yield Heading(f"\n{question.sentence}")
    yield Pairs(list(zip(LETTERS, question.sentences, strict=False)))


@frozen
class Predicted:
    """The prediction of a session, and what became of it."""

    prediction: Prediction
    found: AnsweredQuestion | None
    """Its question, answered; None if this gil-lab does not know that question."""
    resumed_with: str = ""
    """The command that measures what is missing in the session; empty if nothing is."""

    def blocks(self) -> Iterator[Block]:
        """What was predicted and what is right, the numbers, and why."""
        prediction, found = self.prediction, self.found
        if found is None:
            yield Heading(f"\nPredicted: {prediction.question}")
            yield f"This gil-lab does not know that question; what was right stands in {ANSWERS} beside the session."
            return
        yield Heading(f"\nPredicted: {prediction.question}")
        people = sum(prediction.answers.values())
        rows = [(_mark(found, answer), answer) for answer, count in prediction.answers.items() if count]
        if people > 1:
            rows = [
                (_mark(found, answer), f"{count} of {people}: {answer}") for answer, count in prediction.answers.items()
            ]
        if found.right and not prediction.answers.get(found.right):
            rows.append((RIGHT, found.right))
        yield Pairs(rows, styles=STYLES)
        yield f"{'Measured' if found.right else 'Not decided'}: {evidence(found)}"
        yield f"{'Why' if found.right else 'What to do'}: {why(found, self.resumed_with)}"
        if found.right:
            yield f"Score: {prediction.answers.get(found.right, 0)} of {people}."

    def data(self) -> dict[str, object]:
        """The same for another program. What is not known is None."""
        prediction, found = self.prediction, self.found
        right = found.right if found and found.right else None
        return {
            "at_utc": prediction.at_utc,
            "question": prediction.question,
            "answers": dict(prediction.answers),
            "people": sum(prediction.answers.values()),
            "right_answer": right,
            "people_right": None if right is None else prediction.answers.get(right, 0),
            "measured": evidence(found) if found else None,
            "why": why(found, self.resumed_with) if found else None,
        }


def _mark(found: AnsweredQuestion, answer: str) -> str:
    if not found.right:
        return UNDECIDED
    return RIGHT if answer == found.right else WRONG


def why(found: AnsweredQuestion, resumed_with: str = "") -> str:
    """The mechanism, or what to do to find out."""
    if found.right:
        otherwise = gettext("It came out otherwise than the lab expects; the evidence is in gil-lab report.")
        return gettext(found.why) or otherwise
    if resumed_with:
        return gettext("The session was interrupted; measure the rest: {command}").format(command=resumed_with)
    return gettext("Measure again, with other programs closed.")


def evidence(found: AnsweredQuestion) -> str:
    """The numbers, after the reason why they do not decide."""
    text = ": ".join(filter(None, (found.reason, found.measured)))
    as_answer = text.replace(gettext(" (claimed "), gettext(" (the answer says "))
    return one_line(as_answer, MAX_EVIDENCE_CHARACTERS)


def score_so_far(rows: list[AnswerRow]) -> str:
    """Of several questions; empty of one."""
    scored = [row for row in rows if row.right_answer]
    questions = {row.question for row in scored}
    if len(questions) <= 1:
        return ""
    right = sum(row.answer == row.right_answer for row in scored)
    return f"So far: {right} of {len(scored)} answers to {len(questions)} questions."
