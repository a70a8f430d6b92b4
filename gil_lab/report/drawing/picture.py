"""A picture of a session: a Vega-Lite v5 specification, a plain dictionary, made with the standard library alone."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gil_lab.analysis.across_interpreters import Across
from gil_lab.analysis.core_series import CoreSeries
from gil_lab.analysis.gil_timelines import GilTimeline
from gil_lab.analysis.heartbeats import Beats
from gil_lab.analysis.polls import Poll
from gil_lab.analysis.states import TaskState
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.timelines import Timeline
from gil_lab.analysis.warm_up import WarmUp
from gil_lab.model.errors import GilLabError
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop
from gil_lab.model.text import one_line
from gil_lab.report.drawing.labels import balanced, wrapped

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
SCHEMA_OF_MARIMO = "https://vega.github.io/schema/vega-lite/v6.json"
MIME = "application/vnd.vegalite.v5+json"
"""What JupyterLab, the Jupyter extension of VS Code and marimo draw without any package."""
WIDTH = 640
"""Pixels of a whole picture, labels and all: fits a page, half a slide, a notebook's column."""
NARROW = 340
"""The same on a phone: what is left of the 360 of a small one."""

# States of a task, by how dark they are: they stay apart in black and white, and for the colour-blind. What is grey is
# blocked, the darkest of it by the GIL.
RUNNING, READY, BLOCKED = "#0b4f8a", "#f0a030", "#e4e4e4"
STATE_COLOURS = {
    TaskState.RUNNING: RUNNING,
    TaskState.READY: READY,
    TaskState.GIL: "#7d7d7d",
    TaskState.LOCK_OR_IO: "#bdbdbd",
    TaskState.SLEEP: "#eeeeee",
    TaskState.BLOCKED: BLOCKED,
    TaskState.NOT_RUNNING: "#efdcbc",  # pale orange: ready or blocked
}
INK, FAINT = "#222222", "#767676"
TITLE_SIZE, SUBTITLE_SIZE = 15, 11.5

CONFIG = {
    "background": "white",
    # fonts as wide as the ones that the places of labels are worked out for
    "font": gettext_noop("Helvetica, Arial, Liberation Sans, sans-serif"),
    "lineBreak": "\n",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "tickColor": FAINT,
    },
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": TITLE_SIZE,
        "fontWeight": "bold",
        "subtitleFontSize": SUBTITLE_SIZE,
        "subtitleColor": "#555555",
        "subtitlePadding": 5,
        "offset": 12,
        "color": INK,
    },
    "legend": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "symbolStrokeWidth": 0},
    "text": {"fontSize": 11, "color": INK},
}


class PictureSource(Protocol):
    """What pictures are drawn from; `gil_lab.analysis.results.SessionResults` is one."""

    @property
    def rows(self) -> Sequence[Summary]: ...

    @property
    def usable_cores(self) -> int | None:
        """Usable cores of the machine; None if the session does not tell."""

    @property
    def across(self) -> Sequence[Across]: ...

    @property
    def timelines(self) -> Sequence[Timeline]: ...

    @property
    def gil_timelines(self) -> Sequence[GilTimeline]: ...

    @property
    def core_series(self) -> Sequence[CoreSeries]: ...

    @property
    def beats(self) -> Sequence[Beats]: ...

    @property
    def warm_ups(self) -> Sequence[WarmUp]: ...

    @property
    def polls(self) -> Sequence[Poll]: ...


class NothingToDrawError(GilLabError):
    """The session does not have what this picture shows; the message says what to measure.

    It has names in braces for `values`, so that a page can say it in another language, where an error is English.
    """

    exit_code = 2

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self._message, self._values = message, values

    def said(self) -> str:
        """In the language that is spoken."""
        text = gettext(self._message)
        return text.format(**self._values) if self._values else text


@frozen
class Picture:
    """One picture: what it is called, its title as one line, and its Vega-Lite specification."""

    name: str
    title: str
    spec: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Picture {self.name}: {one_line(self.title)} (drawn in a notebook, and by gil-lab report --format svg)"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        """For notebooks: drawn where Vega-Lite is known, else the title."""
        return {MIME: dict(self.spec), "text/plain": self.title}

    def _mime_(self) -> tuple[str, str]:
        """For marimo, which draws with Vega-Lite 6, and warns on the console of every older specification."""
        return MIME, json.dumps({**self.spec, "$schema": SCHEMA_OF_MARIMO, "usermeta": OFFLINE})


OFFLINE = {"embedOptions": {"actions": False}}
"""For Vega-Embed: without its menu, which has no name for those who cannot see it, and an entry that opens a page of
another site. `gil-lab report --format svg` saves pictures."""


def picture(name: str, titles: Sequence[str], views: Sequence[Mapping[str, Any]]) -> Picture:
    """One picture of one view for each kind of work, below each other; each view has its own title already."""
    apart = {"spacing": 40, "resolve": {"scale": {"color": "independent"}}}  # each view has its own legend
    views = [_in_language(view) for view in views]
    body = dict(views[0]) if len(views) == 1 else {"vconcat": views, **apart}
    title = " ".join(titles)
    return Picture(name, title, {"$schema": SCHEMA, "description": title, "config": CONFIG, **body})


def _in_language(part: Any) -> Any:
    """With the titles of axes, legends and tooltips, which are made when a module is imported, as they are spoken."""
    if isinstance(part, list | tuple):
        return [_in_language(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    return {
        key: gettext(value)
        if key == "title" and isinstance(value, str)
        else value
        if key == "data"
        else _in_language(value)
        for key, value in part.items()
    }


def heading(title: str, subtitle: str, width: float) -> dict[str, Any]:
    """A title that says what to look at and a subtitle that says what of, broken into lines that are not clipped."""
    return {"text": _title_lines(title, width), "subtitle": wrapped(subtitle, width, SUBTITLE_SIZE)}


def _title_lines(title: str, width: float) -> list[str]:
    """A line for each half of a sentence if that takes no more lines than it must."""
    halves = re.sub(r"; |(?<=；)", lambda found: found[0].rstrip() + "\n", title).split("\n")  # noqa: RUF001 - of Chinese
    lines = [line for half in halves for line in balanced(half, width, TITLE_SIZE, bold=True)]
    even = balanced(title, width, TITLE_SIZE, bold=True)
    return lines if len(lines) == len(even) else even
