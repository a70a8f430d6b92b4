"""How many people gave each answer to a question, before they saw the results."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gil_lab.model.frozen import frozen
from gil_lab.sessions.predictions import AnswerRow

Offered = Mapping[str, Sequence[str]]
"""Of each question, the answers that there were to choose from."""


@frozen
class Poll:
    """How many people gave each answer to a question."""

    question: str
    people: Mapping[str, int]
    right: str
    """The right answer; empty if that cannot be said."""


def polls(rows: Iterable[AnswerRow], offered: Offered) -> list[Poll]:
    """Of each question that was answered; with what was offered and not chosen, without what was not offered."""
    by_question: dict[str, list[AnswerRow]] = {}
    for row in rows:
        if is_offered(row, offered.get(row.question, ())):
            by_question.setdefault(row.question, []).append(row)
    return [_poll(question, found, offered.get(question, ())) for question, found in by_question.items()]


def is_offered(row: AnswerRow, offered: Sequence[str]) -> bool:
    """Whether it is one of the answers that there were, as far as these are known: files can be edited."""
    return not offered or row.answer in (*offered, row.right_answer)


def _poll(question: str, rows: Sequence[AnswerRow], offered: Sequence[str]) -> Poll:
    """The right answer is the one that was right last: a session that was resumed has measured more."""
    people, right = Counter(row.answer for row in rows), rows[-1].right_answer
    answers = dict.fromkeys((*offered, *filter(None, [right]), *people))
    return Poll(question, {answer: people[answer] for answer in answers}, right)
