"""Questions to predict the answers of, as one page: what was measured opens only after a choice.

What is to be seen then stands in `<template>` elements, which no browser shows, prints or searches. It is no secret
from those who read the source of the page.
"""

from collections.abc import Sequence
from dataclasses import field, replace

from gil_lab.analysis.claims import Checked
from gil_lab.analysis.questions import LETTERS, AnsweredQuestion
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, speaking, spoken
from gil_lab.report.bundle import bundle
from gil_lab.report.documents.prediction import evidence, why
from gil_lab.report.drawing.picture import Picture
from gil_lab.report.page.about import plain
from gil_lab.report.page.figures import Figure, figures
from gil_lab.report.page.notebook_frame import SCRIPTS, notebook_frame
from gil_lab.report.page.parts import MESSAGES, data_block, policy, templates, text_of
from gil_lab.report.tables.claims import outcome, sentence
from gil_lab.sessions.predictions import MOST_PEOPLE

SCRIPT, STYLE = "quiz.js", "quiz.css"
FRAME_HEIGHT = 640
"""Pixels in a notebook: a question with its answers; what is shown after the choice scrolls."""
MAX_CHARACTERS = 2000


@frozen
class QuizItem:
    """A question, and what is shown once an answer to it was chosen."""

    found: AnsweredQuestion
    answer: Sequence[str] = ()
    """Of the session, in words."""
    claims: Sequence[Checked] = ()
    picture: Picture | None = None
    """The one that answers the question of the experiment."""
    narrow: Picture | None = None
    """The same for a phone."""
    resumed_with: str = ""
    """The command that measures what is missing in the session; empty if nothing is."""


@frozen
class Quiz:
    """For a notebook, which shows it in a frame of its own. Raises ExtraError there without the extra `report`."""

    items: Sequence[QuizItem]
    language: str = field(default_factory=spoken)
    """That of the items, and of the page."""

    def __repr__(self) -> str:
        """Nothing of the results, which would be on the screen before they are predicted."""
        return f"Quiz of {len(self.items)}: shown in a notebook; elsewhere gil-lab report --format quiz makes its page"

    def document(self) -> str:
        """A page of its own, which needs nothing else."""
        scripts = [bundle(), *map(text_of, (MESSAGES, "figures.js", SCRIPT))]
        style = text_of("page.css") + text_of(STYLE)
        with speaking(self.language):
            template = templates().get_template("quiz.html")
            return template.render(
                policy=policy(scripts, style),
                style=style,
                scripts=scripts,
                items=list(map(_shown, self.items)),
                most=MOST_PEOPLE,
            )

    def _repr_html_(self) -> str:
        with speaking(self.language):
            return notebook_frame(self.document(), gettext("Predict first"), FRAME_HEIGHT, f"{SCRIPTS} allow-downloads")


def _shown(item: QuizItem) -> dict[str, object]:
    """What the template needs of it. The answers are saved in English, so that classes can be taken together."""
    found, question = item.found, item.found.question
    answers = [plain(answer, MAX_CHARACTERS) for answer in question.sentences]
    said = [plain(gettext(answer), MAX_CHARACTERS) for answer in question.sentences]
    data = {
        "experiment": plain(found.experiment),
        "question": plain(question.sentence, MAX_CHARACTERS),
        "answers": answers,
        "said": said,
        "right": question.sentences.index(found.right) if found.right else None,
    }
    return {
        **data,
        "data": data_block(data),
        "asked": plain(gettext(question.sentence), MAX_CHARACTERS),
        "lettered": list(zip(LETTERS, said, strict=False)),
        "measured": plain(evidence(found), MAX_CHARACTERS),
        "why": plain(why(found, item.resumed_with), MAX_CHARACTERS),
        "words": [plain(line, MAX_CHARACTERS) for line in item.answer],
        "claims": [(outcome(one), sentence(one)) for one in item.claims],
        "figures": _figures(item),
    }


def _figures(item: QuizItem) -> list[Figure]:
    """Named after the experiment as well: a page has one of that name only."""
    made = figures(item.picture, item.narrow) if item.picture else []
    return [replace(figure, name=f"{item.found.experiment}-{figure.name}") for figure in made]
