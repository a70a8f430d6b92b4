"""Pictures of a session as Vega-Lite v5 specifications: plain dictionaries, made with the standard library alone.

One file a picture, whose `draw(source)` gives a `Picture`, titled with what to look at in the data of that session.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gil_lab.core_series import CoreSeries
from gil_lab.errors import GilLabError
from gil_lab.stats import Summary
from gil_lab.timelines import Timeline

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
MIME = "application/vnd.vegalite.v5+json"
"""What JupyterLab, VS Code and marimo draw without any package."""
WIDTH = 640
"""Pixels of a whole picture, labels and all: fits a page, half a slide, a notebook's column."""

# States of a task, by how dark they are: they stay apart in black and white, and for the colour-blind.
RUNNING, READY, BLOCKED = "#0b4f8a", "#f0a030", "#e4e4e4"
STATE_COLOURS = {"running": RUNNING, "ready": READY, "blocked": BLOCKED}
INK, FAINT = "#222222", "#767676"

CONFIG = {
    "background": "white",
    "font": "sans-serif",
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
        "fontSize": 15,
        "fontWeight": "bold",
        "subtitleFontSize": 11.5,
        "subtitleColor": "#555555",
        "subtitlePadding": 5,
        "offset": 12,
        "color": INK,
    },
    "legend": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "symbolStrokeWidth": 0},
    "text": {"fontSize": 11, "color": INK},
}


class Source(Protocol):
    """What pictures are drawn from; `gil_lab.results.Results` is one."""

    @property
    def rows(self) -> Sequence[Summary]: ...

    @property
    def cores(self) -> int | None:
        """Usable cores of the machine; None if the session does not tell."""

    @property
    def timelines(self) -> Sequence[Timeline]: ...

    @property
    def core_series(self) -> Sequence[CoreSeries]: ...


class NothingToDrawError(GilLabError):
    """The session does not have what this picture shows; the message says what to measure."""

    exit_code = 2


@dataclass(frozen=True)
class Picture:
    """One picture: what it is called, its title as one line, and its Vega-Lite specification."""

    name: str
    title: str
    spec: Mapping[str, Any]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        """For notebooks: drawn where Vega-Lite is known, else the title."""
        return {MIME: dict(self.spec), "text/plain": self.title}


def picture(name: str, titles: Sequence[str], views: Sequence[Mapping[str, Any]]) -> Picture:
    """One picture of one view for each kind of work, below each other; each view has its own title already."""
    body = dict(views[0]) if len(views) == 1 else {"vconcat": [dict(view) for view in views], "spacing": 40}
    return Picture(name, " ".join(titles), {"$schema": SCHEMA, "config": CONFIG, **body})


def heading(title: str, subtitle: str) -> dict[str, Any]:
    """A title that says what to look at and a subtitle that says what of, broken into lines that are not clipped."""
    return {"text": textwrap.wrap(title, 80), "subtitle": textwrap.wrap(subtitle, 105)}
