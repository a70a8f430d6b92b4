"""Pictures as figures of the page: titles as text, which wraps on a phone, and a specification without them.

A picture of several kinds of work is one view for each, below each other; each is a figure of its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gil_lab.report.drawing.picture import Picture
from gil_lab.report.extra import drawable
from gil_lab.report.page.about import plain

MAX_TITLE_CHARACTERS = 1000
"""Characters of a title, and of a subtitle, which says how to read the picture."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`data` is a specification as a data block. The subtitle is empty where the picture has its titles inside."""

    name: str
    title: str
    subtitle: str
    data: str
    narrow: str = ""
    """The same for a phone, where there is one."""


def figures(picture: Picture, narrow: Picture | None = None) -> list[Figure]:
    """One for each kind of work; a picture without titles that could be taken out is drawn as it is.

    `narrow` is the same picture for a phone.
    """
    found = _figures(picture)
    for_phones = _figures(narrow) if narrow else []
    return (
        [replace(figure, narrow=other.data) for figure, other in zip(found, for_phones, strict=True)]
        if for_phones
        else found
    )


def _figures(picture: Picture) -> list[Figure]:
    spec = drawable(picture.spec)
    views = [spec] if "title" in spec else spec.get("vconcat", [])
    if not views or not all(isinstance(view.get("title"), dict) for view in views):
        return [Figure(picture.name, plain(picture.title, MAX_TITLE_CHARACTERS), "", data_block(spec))]
    shared = {key: value for key, value in spec.items() if key == "config"}
    return [
        Figure(
            picture.name if number == 1 else f"{picture.name}-{number}",
            _text(view["title"].get("text")) or plain(picture.title, MAX_TITLE_CHARACTERS),
            _text(view["title"].get("subtitle")),
            data_block({**shared, **{key: value for key, value in view.items() if key != "title"}}),
        )
        for number, view in enumerate(views, 1)
    ]


def _text(lines: object) -> str:
    """A title is one text or a list of lines."""
    return plain(" ".join(map(str, lines)) if isinstance(lines, list | tuple) else lines, MAX_TITLE_CHARACTERS)


def data_block(value: Mapping[str, Any]) -> str:
    """JSON in which no sign is left that HTML might take for its own."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
