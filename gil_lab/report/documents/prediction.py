"""A question before it is answered, and what became of a prediction."""

from collections.abc import Iterator

from gil_lab.analysis.questions import LETTERS, AnsweredQuestion, Question
from gil_lab.model.language import gettext
from gil_lab.model.text import one_line
from gil_lab.report.tables.blocks import Block, Heading, Pairs
from gil_lab.report.tables.claims import MAX_EVIDENCE_CHARACTERS
from gil_lab.sessions.predictions import MAX_CHARACTERS, AnswerRow, Prediction

RIGHT, WRONG, UNDECIDED = "right", "not right", "undecided"
STYLES = {RIGHT: "green", WRONG: "bold red", UNDECIDED: "yellow"}


def question_blocks(question: Question) -> Iterator[Block]:
    """With a letter for each answer."""
    yield Heading(f"\n{question.sentence}")
    yield Pairs(list(zip(LETTERS, question.sentences, strict=False)))


def outcome_blocks(found: AnsweredQuestion, prediction: Prediction) -> Iterator[Block]:
    """What was predicted and what is right, the numbers, and why."""
    yield Heading(f"\nPredicted: {prediction.question}")
    people = sum(prediction.answers.values())
    rows = [(_mark(found, answer), answer) for answer, count in prediction.answers.items() if count]
    if people > 1:
        rows = [(_mark(found, answer), f"{count}: {answer}") for answer, count in prediction.answers.items()]
    if found.right and not prediction.answers.get(found.right):
        rows.append((RIGHT, found.right))
    yield Pairs(rows, styles=STYLES)
    yield f"{'Measured' if found.right else 'Not decided'}: {evidence(found)}"
    yield f"Why: {why(found)}"
    if found.right:
        yield f"Score: {prediction.answers.get(found.right, 0)} of {people}."
    else:
        yield "Score: none, because it cannot be said which answer is right."


def _mark(found: AnsweredQuestion, answer: str) -> str:
    if not found.right:
        return UNDECIDED
    return RIGHT if answer == found.right else WRONG


def why(found: AnsweredQuestion) -> str:
    """The mechanism, or what to do to find out."""
    if found.right:
        otherwise = gettext("it came out otherwise than the lab expects; the evidence is in gil-lab report")
        return gettext(found.why) or otherwise
    return gettext("measure again, and it is said; other programs must leave the machine room")


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


def unknown_question(prediction: Prediction) -> str:
    """Of a session whose experiment asks something else by now."""
    return one_line(f"{prediction.question} This gil-lab does not ask that; measure anew.", MAX_CHARACTERS)
