"""The pictures of a session, one file each.

A file is a picture if it has `PLACE`, where it is shown among the others, and `draw(source, width)`, which gives a
`Picture` of so many pixels, titled with what to look at in the data of that session. The first line of its docstring
says what it shows. Commands, notebooks, the page and the documentation find it by its name.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

from gil_lab.model.errors import UsageError
from gil_lab.model.text import one_line

if TYPE_CHECKING:
    from gil_lab.report.drawing.picture import Picture, PictureSource

MOST_SHOWN = 120
"""Characters of why a cell was not measured."""


def files() -> list[str]:
    """The names of the pictures that there are, without loading one: for the help of a command."""
    return [module.name.replace("_", "-") for module in iter_modules(__path__)]


def names() -> tuple[str, ...]:
    """The same in the order in which they are shown."""
    return tuple(sorted(files(), key=lambda name: int(_module(name).PLACE)))


def description(name: str) -> str:
    """What the picture shows, in one line."""
    return (_module(name).__doc__ or "").partition("\n")[0]


def draw(name: str, source: "PictureSource", width: int | None = None) -> "Picture":
    """The picture of that name, so many pixels wide, labels and all; by default as a page has room for.

    Raises UsageError if there is none, NothingToDrawError if `source` lacks its data.
    """
    if name not in names():
        raise UsageError(f"no picture is called {name!a}; there are {', '.join(names())}")
    from gil_lab.report.drawing.picture import NothingToDrawError

    try:
        made: Picture = _module(name).draw(source, *[width] if width else [])
    except NothingToDrawError as error:
        if any(row.wall_s is not None for row in source.rows):
            raise
        first = next((f"{row.status}: {one_line(row.detail, MOST_SHOWN)}" for row in source.rows if row.detail), "")
        if first:
            raise NothingToDrawError(
                "no cell of this session was measured ({reason}); measure something first: gil-lab run cpu-bound",
                reason=first,
            ) from error
        raise NothingToDrawError(
            "no cell of this session was measured; measure something first: gil-lab run cpu-bound"
        ) from error
    return made


def _module(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name.replace('-', '_')}")
