"""What became of a student's program, in lines of a terminal: the answer first, then what it rests on, then a hint."""

import re
import shlex
from collections.abc import Collection, Iterator, Mapping

from gil_lab.advice.exercises import CheckedProgram
from gil_lab.analysis.claims import Outcome
from gil_lab.model.text import one_line
from gil_lab.report.tables.blocks import Block, Pairs
from gil_lab.suite.exercises import Exercise

MAX_NAME_CHARACTERS = 60
ANSWER = {
    Outcome.HOLDS: "the claim holds",
    Outcome.FAILS: "the claim does not hold yet",
    Outcome.INCONCLUSIVE: "inconclusive",
}


def listed(exercises: Mapping[str, Exercise], done: Collection[str]) -> Iterator[Block]:
    """A line for each, with those of which the claim held here."""
    yield Pairs([(name, f"{each.question}{' Done.' if name in done else ''}") for name, each in exercises.items()])
    yield "Begin with one: gil-lab exercise NAME puts its program here."


def given(name: str, exercise: Exercise, file: str) -> Iterator[Block]:
    """What a student reads who begins."""
    yield f"{file}: {exercise.question}"
    yield f"Claim that fails, and is to hold: {exercise.claim}."
    yield "Read it, run it, and repair it. Then have it checked:"
    yield f"gil-lab exercise {name} --check {shlex.quote(file)}"


def checked(found: CheckedProgram, exercise: Exercise) -> Iterator[Block]:
    file = one_line(str(found.file), MAX_NAME_CHARACTERS)
    judgement = found.judgement
    why = f": {judgement.reason}; try again" if judgement.reason else ""
    yield f"{file} under Python {found.python}: {ANSWER[judgement.outcome]}{why}."
    yield f"Claim: {exercise.claim}."
    if not found.judgements and judgement.measured:
        yield f"Instead, {judgement.measured}"
    if found.judgements:
        yield Pairs([(str(each.outcome), each.measured) for each in found.judgements])
    if judgement.outcome is not Outcome.FAILS:
        return
    if found.only_answers:
        yield "Only its answers are wrong: have it return all of them, in the order of what it was given."
    elif found.judgements or (exercise.error and re.search(exercise.error, judgement.measured)):
        yield f"Hint: {exercise.hint}"
    else:
        yield f"That is not what the exercise is about; for its hint: gil-lab exercise {found.exercise} --hint"
