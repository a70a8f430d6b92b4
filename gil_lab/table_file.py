"""One CSV file whose columns are the fields of one dataclass: encoding a row, and reading rows back with suspicion."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from gil_lab.errors import StoreError
from gil_lab.text import one_line

WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
FORMULA = re.compile(r"[\"'\s]*[=+\-@]")
"""Spreadsheets run a cell that begins so (OWASP, CSV injection)."""
MAX_NOTED = 5


@cache
def columns(kind: Any) -> tuple[str, ...]:
    """Names of the fields of a dataclass; in the place of a field that is a dataclass, the names of its fields."""
    return tuple(column for name, hint in _hints(kind) for column in (columns(hint) if _is_record(hint) else (name,)))


def _is_record(hint: Any) -> bool:
    return is_dataclass(hint)


@cache
def _hints(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Name and type of each field; of `X | None`, where X is a dataclass, X."""
    hints = get_type_hints(kind)
    return tuple((field.name, _record_in(hints[field.name]) or hints[field.name]) for field in fields(kind))


def _record_in(hint: Any) -> Any:
    return next((choice for choice in get_args(hint) if _is_record(choice)), None)


def values(row: Any) -> list[object]:
    """What stands in the columns; a record that is None leaves its columns empty."""
    flat: list[object] = []
    for name, hint in _hints(row.__class__):
        value = getattr(row, name)
        if not _is_record(hint):
            flat.append(value)
        else:
            flat += [None] * len(columns(hint)) if value is None else values(value)
    return flat


def encoded(cells: Iterable[object]) -> str:
    """One line of CSV with its newline, of which no field contains another one."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([_cell(value) for value in cells])
    return out.getvalue()


def _cell(value: object) -> str:
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


def encoded_row(row: Any) -> str:
    return encoded(values(row))


@dataclass(frozen=True)
class Table:
    """The readable rows of one file, and what had to be left out."""

    rows: list[Any]
    notes: list[str]


def decoded(text: str, kind: Any, name: str) -> Table:
    """Rows from the text of a file called `name`.

    Lines are told apart before anything else, so that a torn quote costs one row and not all that follow. A line that
    is cut short or holds something else than its columns say is left out with a note. Raises StoreError if the header
    is missing or lacks a column.
    """
    header, *lines = text.removeprefix("\ufeff").split("\n")
    if not header.strip():
        raise StoreError(f"{name} has no header; it is not a file of gil-lab, or was emptied")
    given = next(csv.reader([header.rstrip("\r")]))
    if missing := [column for column in columns(kind) if column not in given]:
        separator = next((sign for sign in ";\t" if sign in header), None)
        hint = f"looks re-saved with {separator!r}" if separator else "made by another version?"
        raise StoreError(f"{name} lacks the column {missing[0]} ({hint})")
    if len(set(given)) < len(given):
        raise StoreError(f"{name} has two columns of one name; was it edited?")
    rows, notes = [], []
    if unknown := [column for column in given if column not in columns(kind)]:
        notes.append(f"{name} has {len(unknown)} column(s) unknown to this version ({one_line(unknown[0], 40)})")
    torn = lines.pop() if lines else ""
    if torn:
        notes.append(f"the last row of {name} is incomplete and left out")
    bad, read = [], _reader(kind, given)
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        try:
            texts = next(csv.reader([line.rstrip("\r")])) if '"' in line else line.rstrip("\r").split(",")
            rows.append(read(_complete(texts, len(given))))
        except (ValueError, csv.Error, StopIteration):
            bad.append(number)
    if bad:
        where = ", ".join(map(str, bad[:MAX_NOTED])) + (" ..." if len(bad) > MAX_NOTED else "")
        notes.append(f"{len(bad)} unreadable row(s) of {name} left out (line {where})")
    return Table(rows, notes)


def _complete(texts: list[str], count: int) -> list[str]:
    if len(texts) != count:
        raise ValueError(texts)
    return texts


def _reader(kind: Any, given: Sequence[str]) -> Callable[[Sequence[str]], Any]:
    """A function from the texts of one line, in the order of the header `given`, to an instance of `kind`."""
    optional = {name for name, hint in get_type_hints(kind).items() if _record_in(hint)}
    parts: list[Callable[[Sequence[str]], Any]] = []
    for name, hint in _hints(kind):
        if not _is_record(hint):
            parts.append(_at(given.index(name), _parser(hint)))
            continue
        inner = _reader(hint, given)
        places = [given.index(column) for column in columns(hint)] if name in optional else []
        parts.append(_if_any(places, inner) if places else inner)
    return lambda texts: kind(*[part(texts) for part in parts])


def _at(place: int, parse: Callable[[str], Any]) -> Callable[[Sequence[str]], Any]:
    return lambda texts: parse(texts[place])


def _if_any(places: Sequence[int], inner: Callable[[Sequence[str]], Any]) -> Callable[[Sequence[str]], Any]:
    return lambda texts: inner(texts) if any(texts[place] for place in places) else None


@cache
def _parser(hint: Any) -> Callable[[str], Any]:
    if get_origin(hint) is UnionType:
        (inner,) = (_parser(choice) for choice in get_args(hint) if choice is not NoneType)
        return lambda text: inner(text) if text else None
    if get_origin(hint) is tuple:
        item = _parser(get_args(hint)[0])
        return lambda text: tuple(item(part) for part in text.split(";") if part)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return _PARSERS[hint]


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> float:
    if not DECIMAL.fullmatch(text) or not math.isfinite(value := float(text)):
        raise ValueError(text)
    return value


def _yes_or_no(text: str) -> bool:
    return {"yes": True, "no": False}[text] if text in ("yes", "no") else _refuse(text)


def _refuse(text: str) -> bool:
    raise ValueError(text)


def _text(text: str) -> str:
    """Without the quote that keeps spreadsheets from running it, and harmless to a terminal: files can be edited."""
    plain = text[1:] if text.startswith("'") and FORMULA.match(text[1:]) else text
    return plain if plain.isprintable() else one_line(plain)


_PARSERS: dict[Any, Callable[[str], Any]] = {int: _whole, float: _decimal, bool: _yes_or_no, str: _text}
