"""Reports in GitHub's dialect of Markdown, every text escaped."""

import html
import re
from collections.abc import Iterable

from gil_lab.report.tables.blocks import Block, Drawing, Heading, Note, Pairs
from gil_lab.report.tables.table import Table


def as_markdown(blocks: Iterable[Block]) -> str:
    paragraphs = [text for block in blocks for text in _paragraphs(block)]
    return "\n\n".join(paragraphs) + "\n" * bool(paragraphs)


def _paragraphs(block: Block) -> list[str]:
    match block:
        case str() | Note():
            text = escaped(block if isinstance(block, str) else block.text).strip()
            return [text] if text else []
        case Heading(text):
            return [f"**{escaped(text.strip())}**"]
        case Pairs():
            return ["\n".join(_bullets(block))]
        case Table():
            title = [f"**{escaped(block.title)}**"] if block.title else []
            return [*title, _table(block), *map(escaped, block.notes)]
        case Drawing():
            return []


def _bullets(pairs: Pairs) -> Iterable[str]:
    lines: list[str] = []
    for *names, text in pairs.rows:
        if any(names):
            lines.append(f"- {escaped(' '.join(filter(None, names)))}: {escaped(text)}")
        else:
            lines[-1] += f", {escaped(text)}"
    return lines


def _table(table: Table) -> str:
    places = range(len(table.columns))
    lines = [
        [escaped(column.title) for column in table.columns],
        ["--:" if column.right else ":--" for column in table.columns],
        *([escaped(text) for text in table.cells(row, places)] for row in table.rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Harmless in Markdown, also within a table: a backslash before a bar would take away the one that we put there."""
    plain = html.escape(text, quote=False).replace("\\", "&#92;")
    return re.sub(r"[|~*]", r"\\\g<0>", plain)
