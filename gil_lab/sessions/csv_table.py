"""One CSV file whose columns are the fields of one dataclass: encoding a row, and reading rows back with suspicion.

Rows are read column by column, a thousand together: that takes half the time of reading them one by one.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import compress
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from gil_lab.model.columns import ColumnNames
from gil_lab.model.errors import StoreError
from gil_lab.model.frozen import frozen
from gil_lab.model.text import one_line
from gil_lab.sessions.csv_values import as_text, reader, spread

MAX_NOTED = 5
TOGETHER = 1000
"""Lines that are read together. If one of them is unreadable, each is read alone, so that only that one is lost."""
UNREADABLE = (ValueError, csv.Error)
MAX_ROWS = 1_000_000
"""Of one file that are read: more than a long session has, and no more than memory holds."""

Texts = Sequence[Sequence[str]]
"""Of each column, what stands in its rows."""


@frozen
class RecordField:
    """One field of a record, and the columns that it fills."""

    name: str
    kind: Any
    """Its type; of `X | None`, where X is a record, X."""
    is_record: bool
    may_be_missing: bool
    """Whether it is a record that may be None: then its columns are empty."""
    columns: tuple[str, ...]
    later: tuple[str, ...]
    """Of the columns, those that older files may lack, where they read as empty: their field is None unless given."""


@cache
def columns(kind: Any) -> tuple[str, ...]:
    """Names of the fields of a dataclass; in the place of a field that is a dataclass, the names of its fields.

    Either is called otherwise where its annotation says so (`gil_lab.model.columns`).
    """
    return tuple(column for field in layout(kind) for column in field.columns)


@cache
def later_columns(kind: Any) -> frozenset[str]:
    """The columns of a record that older files may lack."""
    return frozenset(column for field in layout(kind) for column in field.later)


@cache
def layout(kind: Any) -> tuple[RecordField, ...]:
    """The fields of a dataclass that have columns; of a generic one (`Both[int]`), with its parameter filled in."""
    record, parameters = get_origin(kind) or kind, get_args(kind)
    hints = get_type_hints(record, include_extras=True)
    if parameters:
        hints = {name: hint[parameters] if hasattr(hint, "__parameters__") else hint for name, hint in hints.items()}
    kept = [field for field in fields(record) if ColumnNames() not in get_args(hints[field.name])]
    return tuple(_field(field.name, hints[field.name], late=field.default is None) for field in kept)


def _field(name: str, annotation: Any, *, late: bool) -> RecordField:
    hint, *extras = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
    choices = get_args(hint) if get_origin(hint) in (UnionType, Union) else (hint,)
    record: Any = next((choice for choice in choices if is_dataclass(get_origin(choice) or choice)), None)
    own = (name,) if record is None else columns(record)
    called = next((extra for extra in extras if isinstance(extra, ColumnNames)), own)
    if len(called) != len(own):
        raise TypeError(f"{name} has {len(own)} columns, and {len(called)} names for them")
    added = [late or (record is not None and column in later_columns(record)) for column in own]
    late_columns = tuple(compress(called, added))
    return RecordField(
        name, record or hint, record is not None, record not in (None, hint), tuple(called), late_columns
    )


def values(row: Any) -> list[object]:
    """What stands in the columns; a record that is None leaves its columns empty."""
    flat: list[object] = []
    for field in layout(row.__class__):
        value = getattr(row, field.name)
        if not field.is_record:
            flat.append(value)
        else:
            flat += [None] * len(field.columns) if value is None else values(value)
    return flat


def column_value(row: Any, column: str) -> Any:
    """What stands in one column. Raises AttributeError if there is no such column."""
    for field in layout(row.__class__):
        if column in field.columns:
            value = getattr(row, field.name)
            if not field.is_record or value is None:
                return value
            return column_value(value, columns(field.kind)[field.columns.index(column)])
    raise AttributeError(f"no column {column!a} among {', '.join(columns(row.__class__))}")


def encoded(cells: Iterable[object]) -> str:
    """One line of CSV with its newline, of which no field contains another one."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([as_text(value) for value in cells])
    return out.getvalue()


def encoded_row(row: Any) -> str:
    return encoded(values(row))


@frozen
class CsvTable:
    """The readable rows of one file, and what had to be left out."""

    rows: list[Any]
    notes: list[str]
    unreadable: int
    """Whole rows that were left out; not the one that a stop cut short."""


def decoded(text: str, kind: Any, name: str, most: int = MAX_ROWS) -> CsvTable:
    """Rows from the text of a file called `name`.

    Lines are split before anything else, so that a torn quote costs one row and not all that follow. A line that
    is cut short or holds something else than its columns say is left out with a note, and so is what follows `most`
    lines. Raises StoreError if the header is missing or lacks a column that is not one of the `later_columns`.
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
    if missing := [column for column in columns(kind) if column not in given and column not in later_columns(kind)]:
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
    return CsvTable(rows, notes, len(bad))


def _read(lines: Sequence[str], kind: Any, given: tuple[str, ...]) -> tuple[list[Any], list[int]]:
    """The rows in the lines below the header `given`, and the numbers of the lines that are unreadable."""
    places = [given.index(column) if column in given else None for column in columns(kind)]
    rows, bad, records = [], [], _records(kind)

    def read(some: Sequence[str]) -> list[Any]:
        texts = _split(some, len(given))
        nothing = [""] * len(texts[0])
        return records([nothing if place is None else texts[place] for place in places])

    for begin in range(0, len(lines), TOGETHER):
        together = lines[begin : begin + TOGETHER]
        try:
            rows += read(together)
        except UNREADABLE:
            for number, line in enumerate(together, begin + 2):
                try:
                    rows += read([line])
                except UNREADABLE:
                    bad.append(number)
    return rows, bad


def _split(lines: Sequence[str], width: int) -> Texts:
    """The columns of all lines that are not blank; raises ValueError if one of them has not `width` values."""
    stripped = [line.rstrip("\r") for line in lines if line.strip()]
    rows = [next(csv.reader([line])) if '"' in line else line.split(",") for line in stripped]
    if any(len(row) != width for row in rows):
        raise ValueError(rows)
    return list(zip(*rows, strict=True)) or [()] * width


@cache
def _records(kind: Any) -> Callable[[Texts], list[Any]]:
    """A function from the texts of the columns of `kind` to its instances, or it raises ValueError."""
    parts: list[tuple[slice, Callable[[Texts], list[Any]]]] = []
    begin = 0
    for field in layout(kind):
        read = _records(field.kind) if field.is_record else _single(reader(field.kind))
        where = slice(begin, begin := begin + len(field.columns))
        parts.append((where, _if_any(read) if field.may_be_missing else read))
    return lambda texts: list(map(kind, *(read(texts[where]) for where, read in parts)))


def _single(read: Callable[[Sequence[str]], list[Any]]) -> Callable[[Texts], list[Any]]:
    return lambda texts: read(texts[0])


def _if_any(read: Callable[[Texts], list[Any]]) -> Callable[[Texts], list[Any]]:
    """None for the rows in which all columns are empty."""

    def read_some(texts: Texts) -> list[Any]:
        there = list(map(any, zip(*texts, strict=True)))
        return spread(there, read([list(compress(column, there)) for column in texts]))

    return read_some
