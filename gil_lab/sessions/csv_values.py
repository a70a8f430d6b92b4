"""What stands in a column of a CSV file: a value as text, and the texts of a whole column back as values."""

import math
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from gil_lab.model.text import one_line

# Numbers below each other: no text in a column holds a newline, and one match for all of them is fast.
WHOLES = re.compile(r"(?:-?[0-9]{1,19}(?:\n|\Z))*+", re.ASCII)
DECIMALS = re.compile(r"(?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?(?:\n|\Z))*+", re.ASCII)
FORMULA = re.compile(r"[\"'\s]*[=+\-@]")
"""Spreadsheets run a cell that begins so (OWASP, CSV injection)."""


def as_text(value: object) -> str:
    """One value, without quotes of CSV. None is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, int):
        return str(value)
    text = one_line(str(value))
    return f"'{text}" if FORMULA.match(text) else text


@cache
def reader(hint: Any) -> Callable[[Sequence[str]], list[Any]]:
    """A function from texts to values of the type `hint`; it raises ValueError if any of them is none."""
    if get_origin(hint) in (UnionType, Union):
        (read,) = (reader(choice) for choice in get_args(hint) if choice is not NoneType)
        return lambda texts: spread(texts, read([text for text in texts if text]))
    if get_origin(hint) is tuple:
        items = reader(get_args(hint)[0])
        return partial(_words, lambda text: tuple(items([part for part in text.split(";") if part])))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return partial(_words, hint)
    return _READERS[hint]


def spread(there: Sequence[object], values: list[Any]) -> list[Any]:
    """The next of `values` in each place where something is there, None in the others."""
    if len(values) == len(there):
        return values
    rest = iter(values)
    return [next(rest) if one else None for one in there]


def _numbers(kind: type[float], form: re.Pattern[str], texts: Sequence[str]) -> list[Any]:
    """`int` and `float` also take what is no number of ours ("1_0", " 1"), so the form is checked first."""
    if not form.fullmatch("\n".join(texts)):
        raise ValueError(texts)
    numbers = list(map(kind, texts))
    if not all(map(math.isfinite, numbers)):  # 1e999 is well formed
        raise ValueError(texts)
    return numbers


def _words(parse: Callable[[str], Any], texts: Sequence[str]) -> list[Any]:
    """A word stands in many rows, and is read once."""
    known = {text: parse(text) for text in set(texts)}
    return [known[text] for text in texts]


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(text)
    return text == "yes"


def _text(text: str) -> str:
    """Without the quote that keeps spreadsheets from running it, and harmless to a terminal: files can be edited."""
    plain = text[1:] if text.startswith("'") and FORMULA.match(text[1:]) else text
    return plain if plain.isprintable() else one_line(plain)


_READERS: dict[Any, Callable[[Sequence[str]], list[Any]]] = {
    int: partial(_numbers, int, WHOLES),
    float: partial(_numbers, float, DECIMALS),
    bool: partial(_words, _yes_or_no),
    str: partial(_words, _text),
}
