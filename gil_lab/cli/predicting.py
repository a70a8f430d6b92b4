"""`gil-lab run --predict`: the question before anything is measured, and what became of the answer."""

import contextlib
import re
import sys
from typing import TYPE_CHECKING

from gil_lab.cli.terminal.stopping import STOPPING
from gil_lab.model.errors import StoreError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from gil_lab.analysis.questions import Question
    from gil_lab.experiment import Experiment
    from gil_lab.experiment.results import Results
    from gil_lab.report.documents.prediction import Predicted
    from gil_lab.sessions.predictions import AnswerRow, Prediction


EXAMPLE = (3, 12, 5, 0)
"""Of a class: how many people choose each answer."""


def check_can_ask(experiment: "Experiment") -> None:
    """Raise UsageError, with what to do instead, where there is no terminal to answer its question in."""
    name = experiment.design.name
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            f"--predict asks in a terminal, and this is none; leave it out, then gil-lab report {name} --format quiz"
        )


def asked(screen: "Console", experiment: "Experiment") -> "Prediction":
    """The answer to its question, once it makes sense. Raises UsageError if the input ends before."""
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.report.documents.prediction import question_blocks
    from gil_lab.sessions.predictions import Prediction, now_utc

    question = experiment.asked
    print_blocks(screen, question_blocks(question))
    last = _letters(question)[-1]
    example = " ".join(map(str, EXAMPLE[: len(question.answers)]))
    screen.print(f"Answer with a letter, a to {last}; for a class with how many chose each: {example}")
    STOPPING.note = "nothing was predicted, and nothing measured"
    while True:
        screen.print("Prediction: ", end="")
        try:
            counts = _counts(input(), question)
        except EOFError:
            screen.print()  # what is said next begins a line
            raise UsageError("nothing was predicted, and nothing measured; leave out --predict to measure") from None
        if isinstance(counts, list):
            STOPPING.note = ""
            return Prediction(now_utc(), question.sentence, dict(zip(question.sentences, counts, strict=True)))
        screen.print(counts)


def _letters(question: "Question") -> str:
    from gil_lab.analysis.questions import LETTERS

    return LETTERS[: len(question.answers)]


def _counts(typed: str, question: "Question") -> list[int] | str:
    """How many people chose each answer; else what to type."""
    from gil_lab.sessions.predictions import MOST_PEOPLE

    letters, text = _letters(question), typed.strip().lower()
    if len(text) == 1 and text in letters:
        return [int(letter == text) for letter in letters]
    if re.fullmatch(r"[0-9]{1,4}([ ,;]+[0-9]{1,4})*", text):
        counts = [int(number) for number in re.findall("[0-9]+", text)]
        if len(counts) == len(letters) and any(counts) and max(counts) <= MOST_PEOPLE:
            return counts
    one = f"{', '.join(letters[:-1])} or {letters[-1]}"
    return f"Type {one}; for a class {len(letters)} numbers, 0 to {MOST_PEOPLE:,}, one for each answer."


def predicted(results: "Results") -> "Predicted | None":
    """The prediction of a session, with its question as these results answer it; None if there was none."""
    from gil_lab.report.documents.prediction import Predicted
    from gil_lab.sessions.predictions import prediction_in

    if (prediction := prediction_in(results.session.about)) is None:
        return None
    found = next((one for one in results.answered if one.question.sentence == prediction.question), None)
    return Predicted(prediction, found, results.session.resumed_with)


def show_prediction(screen: "Console", results: "Results") -> None:
    """What became of the prediction of a session; nothing if there was none. Keeps the answers beside the results."""
    from gil_lab.cli.outcome import print_blocks
    from gil_lab.report.documents import prediction as document
    from gil_lab.sessions.predictions import rows_of

    if (outcome := predicted(results)) is None:
        return
    print_blocks(screen, outcome.blocks())
    if outcome.found is None:
        return
    rows = rows_of(outcome.prediction, results.session.experiment, outcome.found.right)
    if line := document.score_so_far(_kept(results, rows)):
        screen.print(line)


def _kept(results: "Results", rows: "list[AnswerRow]") -> "list[AnswerRow]":
    """The answers of all sessions beside this one, whose own are written; if they cannot be, print a note."""
    from gil_lab.analysis.polls import is_offered
    from gil_lab.experiment import experiments
    from gil_lab.sessions.predictions import keep_answers, read_answers

    try:
        keep_answers(results.folder, rows)
    except StoreError as error:
        print(f"gil-lab: note: {error}", file=sys.stderr)
        return rows
    others: list[AnswerRow] = []
    with contextlib.suppress(OSError):
        for folder in sorted(results.folder.parent.parent.glob("*/*/")):
            others += read_answers(folder, folder.parent.name, [])
    offered = {each.sentence: each.sentences for one in experiments() for each in one.questions}
    return [row for row in others if is_offered(row, offered.get(row.question, ()))]
