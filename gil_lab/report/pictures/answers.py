"""How many people gave each answer before they saw the results.

Of a class, or of one person: whatever `answers.csv` in the folder of the session holds (see docs/predict-first.md).
"""

from collections.abc import Sequence
from typing import Any

from gil_lab.analysis.polls import Poll
from gil_lab.analysis.questions import LETTERS
from gil_lab.model.language import gettext, ngettext
from gil_lab.model.text import one_line
from gil_lab.report.code_spans import without_backticks
from gil_lab.report.drawing.labels import SIZE, text_width, wrapped
from gil_lab.report.drawing.layers import Layer, Text, as_given, pixel, text_layers
from gil_lab.report.drawing.picture import (
    FAINT,
    RUNNING,
    WIDTH,
    NothingToDrawError,
    Picture,
    PictureSource,
    heading,
    picture,
)

PLACE = 18
RIGHT, OTHER = RUNNING, "#b9b9b9"
BAR, LINE, GAP, APART = 14, 15, 14, 6
"""Pixels: height of a bar and of a line of text, between two answers, between a bar and its number."""


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """A bar for each answer. Raises NothingToDrawError if nothing was predicted."""
    if not source.polls:
        raise NothingToDrawError("no answers to draw; predict first: gil-lab run cpu-bound --predict")
    return draw_polls(source.polls, width)


def draw_polls(polls: Sequence[Poll], width: int = WIDTH) -> Picture:
    """The same of answers that are not kept with a session."""
    titles = list(map(_title, polls))
    views = [_view(title, poll, width) for title, poll in zip(titles, polls, strict=True)]
    return picture("answers", titles, views)


def _title(poll: Poll) -> str:
    people = sum(poll.people.values())
    if not poll.right:
        return gettext("{answers}; which one is right cannot be said").format(answers=_counted(people))
    return gettext("{right} of {answers} right").format(right=poll.people[poll.right], answers=_counted(people))


def _counted(people: int) -> str:
    return ngettext("{count} answer", "{count} answers", people).format(count=people)


def _view(title: str, poll: Poll, width: int) -> dict[str, Any]:
    numbers = {answer: _number(answer, poll) for answer in poll.people}
    room = width - max(text_width(number) for number in numbers.values()) - APART
    most = max(poll.people.values())
    y, bars, texts = 0.0, list[dict[str, object]](), list[Text]()
    for letter, (answer, people) in zip(LETTERS + "?" * len(numbers), poll.people.items(), strict=False):
        words = without_backticks(gettext(answer))
        lines = wrapped(f"{letter}  {words}", width)
        texts += [Text(line, 0, y + (at + 0.5) * LINE) for at, line in enumerate(lines)]
        y += len(lines) * LINE
        end = round(room * people / most, 1)
        colour = RIGHT if answer == poll.right else OTHER
        said = f"{words}: {numbers[answer]}"
        place = {"x": 0, "end": end, "y": round(y, 1), "below": round(y + BAR, 1)}
        bars.append({**place, "colour": colour, "said": said})
        texts.append(Text(numbers[answer], end + APART, y + BAR / 2))
        y += BAR + GAP
    return {
        "title": heading(title, one_line(without_backticks(gettext(poll.question)), 500), width),
        "width": width,
        "height": round(y - GAP),
        "layer": [_bars(bars), *text_layers(texts, size=SIZE)],
    }


def _number(answer: str, poll: Poll) -> str:
    people = poll.people[answer]
    text = gettext("{people} ({share}), right") if answer == poll.right else "{people} ({share})"
    return text.format(people=people, share=f"{people / sum(poll.people.values()):.0%}")


def _bars(values: Sequence[dict[str, object]]) -> Layer:
    """One without people is a line. Each has its answer and number as its name for those who hear the picture."""
    return {
        "data": {"values": list(values)},
        "mark": {"type": "rect", "tooltip": None, "stroke": FAINT, "strokeWidth": 0.7},
        "encoding": {
            "x": pixel("x"),
            "x2": {"field": "end"},
            "y": pixel("y"),
            "y2": {"field": "below"},
            "color": as_given("colour"),
            "description": {"field": "said", "type": "nominal"},
        },
    }
