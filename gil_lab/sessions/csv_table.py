"""One CSV file whose columns are the fields of one dataclass: encoding a row, and reading rows back with suspicion.

Rows are read column by column, a thousand together: that takes half the time of reading them one by one.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, lru_cache
from itertools import compress
from typing import Any, get_args, get_type_hints

from gil_lab.model.errors import StoreError
from gil_lab.model.text import one_line
from gil_lab.sessions.csv_values import as_text, reader, spread

MAX_NOTED = 5
TOGETHER = 1000
"""Lines that are read together. If one of them is unreadable, each is read alone, so that only that one is lost."""
UNREADABLE = (ValueError, csv.Error)
MOST_ROWS = 1_000_000
"""Of one file that are read: more than a long session has, and no more than memory holds."""

Columns = Sequence[Sequence[str]]


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
    csv.writer(out, lineterminator="\n").writerow([as_text(value) for value in cells])
    return out.getvalue()


def encoded_row(row: Any) -> str:
    return encoded(values(row))


@dataclass(frozen=True)
class Table:
    """The readable rows of one file, and what had to be left out."""

    rows: list[Any]
    notes: list[str]


def decoded(text: str, kind: Any, name: str, most: int = MOST_ROWS) -> Table:
    """Rows from the text of a file called `name`.

    Lines are told apart before anything else, so that a torn quote costs one row and not all that follow. A line that
    is cut short or holds something else than its columns say is left out with a note, and so is what follows `most`
    lines. Raises StoreError if the header is missing or lacks a column.
    """
    header, *lines = text.removeprefix("\ufeff").split("\n")
    if not header.strip():
        raise StoreError(f"{name} has no header; it is not a file of gil-lab, or was emptied")
    try:
        given = next(csv.reader([header.rstrip("\r")]))
    except csv.Error as error:
        raise StoreError(
            f"{name} has no readable header ({error}); it is not a file of gil-lab, or was edited"
        ) from None
    if missing := [column for column in columns(kind) if column not in given]:
        separator = next((sign for sign in ";\t" if sign in header), None)
        hint = f"looks re-saved with {separator!r}" if separator else "made by another version?"
        hint = "not a UTF-8 text" if "\x00" in header or "\ufffd" in header else hint
        raise StoreError(f"{name} lacks the column {missing[0]} ({hint})")
    if len(set(given)) < len(given):
        raise StoreError(f"{name} has two columns of one name; was it edited?")
    notes = []
    if unknown := [column for column in given if column not in columns(kind)]:
        notes.append(f"{name} has {len(unknown)} column(s) unknown to this version ({one_line(unknown[0], 40)})")
    torn = lines.pop() if lines else ""
    if torn:
        notes.append(f"the last row of {name} is incomplete and left out")
    if len(lines) > most:
        notes.append(f"{name} has {len(lines)} rows, of which the first {most} are read")
        del lines[most:]
    rows, bad = _read(lines, kind, tuple(given))
    if bad:
        where = ", ".join(map(str, bad[:MAX_NOTED])) + (" ..." if len(bad) > MAX_NOTED else "")
        notes.append(f"{len(bad)} unreadable row(s) of {name} left out (line {where})")
    return Table(rows, notes)


def _read(lines: Sequence[str], kind: Any, given: tuple[str, ...]) -> tuple[list[Any], list[int]]:
    """The rows in the lines below the header `given`, and the numbers of the lines that are unreadable."""
    rows, bad, records = [], [], _records(kind, given)
    for begin in range(0, len(lines), TOGETHER):
        together = lines[begin : begin + TOGETHER]
        try:
            rows += records(_split(together, len(given)))
        except UNREADABLE:
            for number, line in enumerate(together, begin + 2):
                try:
                    rows += records(_split([line], len(given)))
                except UNREADABLE:
                    bad.append(number)
    return rows, bad


def _split(lines: Sequence[str], width: int) -> Columns:
    """The columns of all lines that are not blank; raises ValueError if one of them has not `width` values."""
    stripped = [line.rstrip("\r") for line in lines if line.strip()]
    rows = [next(csv.reader([line])) if '"' in line else line.split(",") for line in stripped]
    if any(len(row) != width for row in rows):
        raise ValueError(rows)
    return list(zip(*rows, strict=True)) or [()] * width


@lru_cache(maxsize=64)
def _records(kind: Any, given: tuple[str, ...]) -> Callable[[Columns], list[Any]]:
    """A function from columns, in the order of the header `given`, to instances of `kind`, or it raises ValueError."""
    optional = {name for name, hint in get_type_hints(kind).items() if _record_in(hint)}
    parts: list[Callable[[Columns], list[Any]]] = []
    for name, hint in _hints(kind):
        if not _is_record(hint):
            parts.append(_at(given.index(name), reader(hint)))
        elif name in optional:
            parts.append(_if_any([given.index(column) for column in columns(hint)], _records(hint, given)))
        else:
            parts.append(_records(hint, given))
    return lambda texts: list(map(kind, *(part(texts) for part in parts)))


def _at(place: int, read: Callable[[Sequence[str]], list[Any]]) -> Callable[[Columns], list[Any]]:
    return lambda texts: read(texts[place])


def _if_any(places: Sequence[int], read: Callable[[Columns], list[Any]]) -> Callable[[Columns], list[Any]]:
    """None for the rows in which all of these places are empty."""

    def read_some(texts: Columns) -> list[Any]:
        there = list(map(any, zip(*(texts[place] for place in places), strict=True)))
        return spread(there, read([list(compress(column, there)) for column in texts]))

    return read_some
