"""Reports in HTML, every text escaped: for notebooks, and the tables of the page, which its script can sort."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any

from gil_lab.model.language import gettext
from gil_lab.model.text import one_line
from gil_lab.report.code_spans import with_code
from gil_lab.report.tables.blocks import Block, Drawing, Heading, Note, Pairs
from gil_lab.report.tables.table import Column, Row, Table

NUMBER = re.compile(r"~?(-?[0-9]+(?:\.[0-9]+)?)")
"""At the beginning of a cell: `~0.849 ±24%` is sorted as 0.849, as precisely as it is shown."""
MAX_CELL_CHARACTERS = 1000
"""Characters of a text."""


def as_html(blocks: Iterable[Block]) -> str:
    """For a notebook."""
    return "\n".join(text for block in blocks for text in _elements(block))


def _elements(block: Block) -> Iterator[str]:
    match block:
        case str() | Note():
            text = (block if isinstance(block, str) else block.text).strip()  # a terminal has empty lines between them
            if text:
                yield f"<p>{_text(text)}</p>"
        case Heading(text):
            yield f"<p><strong>{_text(text.strip())}</strong></p>"
        case Pairs(rows):
            yield from (f"<p>{_text(': '.join(filter(None, row)))}</p>" for row in rows)
        case Table():
            caption = f"<caption>{_text(block.title)}</caption>" if block.title else ""
            yield f"<table>{caption}{table_body(block)}</table>"
            yield from (f"<p>{_text(note)}</p>" for note in block.notes)
        case Drawing():
            pass


def table_body(table: Table, *, sortable: bool = False, meaning: Callable[[str], str] = lambda _: "") -> str:
    """Head and rows; with buttons to sort by if it is `sortable`. `meaning` explains a column by its title."""
    head = "".join(_heading(column, meaning(column.title), sortable=sortable) for column in table.columns)
    rows = "\n".join(_row(table, row) for row in table.rows)
    return f"<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody>"


def _heading(column: Column[Any], meaning: str, *, sortable: bool) -> str:
    number, title = ' class="number"' if column.right else "", gettext(column.title)
    number += f' title="{escape(meaning)}"' if meaning else ""
    if sortable:
        words = " ".join(f"<span>{_text(word)}</span>" for word in title.split())
        return f'<th scope="col"{number} aria-sort="none"><button type="button">{words}</button></th>'
    return f'<th scope="col"{number}>{_text(title)}</th>' if title else "<td></td>"


def _row(table: Table, row: Row) -> str:
    kinds = {"failed": row.detail, "flagged": row.flagged, "continued": row.continued}
    kind = next((f' class="{name}"' for name, applies in kinds.items() if applies), "")
    places = [place for place in table.naming if row.texts[place]] if row.detail else range(len(table.columns))
    cells = [_cell(row.texts[place], table.columns[place], first=not number) for number, place in enumerate(places)]
    if row.detail:
        cells.append(f'<td colspan="{len(table.columns) - len(cells)}">{_text(row.detail)}</td>')
    return f"<tr{kind}>{''.join(cells)}</tr>"


def _cell(text: str, column: Column[Any], *, first: bool) -> str:
    if first:
        return f'<th scope="row">{_text(text)}</th>'
    if not column.right:
        return f"<td>{_text(text)}</td>"
    number = NUMBER.match(text)
    return f'<td class="number" data-number="{number[1] if number else ""}">{_text(text)}</td>'


def _text(text: str) -> str:
    return with_code(one_line(text[: MAX_CELL_CHARACTERS + 1], MAX_CELL_CHARACTERS))
