"""Pictures as figures of the page: titles as text, which wraps on a phone, and a specification without them.

A picture of several kinds of work is one view for each, below each other; each is a figure of its own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.report.drawing.labels import in_one_line
from gil_lab.report.drawing.picture import Picture
from gil_lab.report.extra import drawable
from gil_lab.report.page.about import plain
from gil_lab.report.page.parts import data_block

MAX_TITLE_CHARACTERS = 1000
"""Characters of a title, and of a subtitle, which says how to read the picture."""


@frozen
class Figure:
    """`data` is a specification as a data block. The subtitle is empty where the picture has its titles inside."""

    name: str
    title: str
    subtitle: str
    data: str
    narrow: str = ""
    """The same for a phone, where there is one, but for the data that `data` has."""


def figures(picture: Picture, narrow: Picture | None = None) -> list[Figure]:
    """One for each kind of work; a picture without titles that could be taken out is drawn as it is.

    `narrow` is the same picture for a phone. Most of a picture are its data, which both share: they stand in the page
    once.
    """
    views = _views(picture)
    for_phones = _views(narrow) if narrow else [None] * len(views)
    return [
        Figure(
            picture.name if number == 1 else f"{picture.name}-{number}",
            _text(view.title.get("text")) or plain(picture.title, MAX_TITLE_CHARACTERS),
            _text(view.title.get("subtitle")),
            *_data_blocks(view.spec, other.spec if other else None),
        )
        for number, (view, other) in enumerate(zip(views, for_phones, strict=True), 1)
    ]


def _data_blocks(wide: Mapping[str, Any], narrow: Mapping[str, Any] | None) -> tuple[str, str]:
    if narrow is None:
        return data_block(wide), ""
    datasets, added = dict[str, object](), dict[str, object]()
    spec, other = _named_data(wide, datasets), _named_data(narrow, added, datasets)
    return data_block({**spec, "datasets": datasets}), data_block({**other, "datasets": added})


@frozen
class _View:
    """One kind of work: its titles, empty if they are inside, and the specification without them."""

    title: Mapping[str, object]
    spec: Mapping[str, Any]


def _views(picture: Picture) -> list[_View]:
    spec = drawable(picture.spec)
    views = [spec] if "title" in spec else spec.get("vconcat", [])
    if not views or not all(isinstance(view.get("title"), dict) for view in views):
        return [_View({}, spec)]
    shared = {key: value for key, value in spec.items() if key == "config"}
    return [
        _View(view["title"], {**shared, **{key: value for key, value in view.items() if key != "title"}})
        for view in views
    ]


def _named_data(part: Any, datasets: dict[str, object], others: Mapping[str, object] = MappingProxyType({})) -> Any:
    """A part of a specification whose data are named and moved to `datasets`, unless `others` have them."""
    if isinstance(part, list | tuple):
        return [_named_data(each, datasets, others) for each in part]
    if not isinstance(part, Mapping):
        return part
    named = {key: _named_data(value, datasets, others) for key, value in part.items() if key != "data"}
    if "data" in part:
        there, values = {**others, **datasets}, part["data"]["values"]
        name = next((name for name, known in there.items() if known == values), f"data-{len(there) + 1}")
        if name not in there:
            datasets[name] = values
        named["data"] = {"name": name}
    return named


def _text(lines: object) -> str:
    """A title is one text or a list of lines."""
    return plain(in_one_line(map(str, lines)) if isinstance(lines, list | tuple) else lines, MAX_TITLE_CHARACTERS)
