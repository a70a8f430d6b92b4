"""Reports for a terminal: whatever its width, no number is cut, and no text is taken for markup."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from gil_lab.report.tables.blocks import Block, Drawing, Heading, Note, Pairs
from gil_lab.report.tables.table import Row, Table, split


def as_rich(blocks: Iterable[Block]) -> Iterator[RenderableType]:
    for block in blocks:
        match block:
            case str():
                yield Words(block)
            case Heading(text):
                yield Words(text, "bold")
            case Note(text):
                yield Words(text, "dim")
            case Pairs():
                yield NamedWords(block)
            case Table():
                yield Fitted(block)
                yield from (Words(note, "dim") for note in block.notes)
            case Drawing():
                yield DrawnLines(block)


def plain_text(blocks: Iterable[Block], width: int) -> str:
    """As a terminal of that width shows them, without colours.

    In a notebook too, where rich would show what is printed a second time, below an empty output.
    """
    plain = Console(
        width=width,
        no_color=True,
        force_terminal=False,
        force_jupyter=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    with plain.capture() as captured:
        for part in as_rich(blocks):
            plain.print(part)
    return captured.get()


IN_ASCII = str.maketrans({"±": "+-", "µ": "u", "…": "..."})
"""For output that can have nothing else, which would show question marks in their place."""


class Words:
    """A text, in signs that the output can have."""

    def __init__(self, text: str, style: str = "") -> None:
        self.text, self.style = text, style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.text.translate(IN_ASCII) if options.ascii_only else self.text, self.style)


class DrawnLines:
    """As wide as there is room."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.drawing.lines(options.max_width, options.ascii_only):
            yield Text(line, no_wrap=True, overflow="crop")


LEAST_BESIDE = 24
"""Columns of a text beside its name: in fewer, of which a line has three words, it stands below the name."""


class NamedWords:
    """Names, and what is said of each beside it; below it in a narrow terminal."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        names = [[cell_len(name) + 2 for name in row[:-1]] for row in self.pairs.rows]
        widths = [max(column) for column in zip(*names, strict=True)]
        beside = sum(widths[:-1]) + (self.pairs.width or widths[-1])
        if options.max_width - beside >= min(LEAST_BESIDE, max(cell_len(row[-1]) for row in self.pairs.rows)):
            yield _grid(self.pairs)
            return
        for *called, text in self.pairs.rows:
            if name := " ".join(filter(None, called)):
                yield Text(name, self.pairs.styles.get(called[-1], ""))
            yield Padding(Text(text), (0, 0, 0, 2))


def _grid(pairs: Pairs) -> RichTable:
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    last = len(pairs.rows[0]) - 1
    for place in range(last + 1):
        grid.add_column(width=pairs.width if place == last - 1 else None, overflow="fold")
    for *names, text in pairs.rows:
        style = "dim" if pairs.styles and not any(names) else ""
        grid.add_row(*(Text(name, pairs.styles.get(name, "")) for name in names), Text(text, style))
    return grid


class Fitted:
    """A table, divided where it is wider than the terminal."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = _in_ascii(self.table) if options.ascii_only else self.table
        if table.title:
            yield Text(table.title, style="bold")
        for number, places in enumerate(_parts(table, options.max_width)):
            if number and not table.in_blocks:
                yield ""
            yield _rich_table(_with_breaks(table, places, options.max_width), places, further=number > 0)


def _with_breaks(table: Table, places: Sequence[int], room: int) -> Table:
    """Names that have to be folded are so before a setting or a variant: `3.11` above `+switch=0.1ms`."""
    widths = {place: _width(table, place) for place in places}
    too_much = sum(widths.values()) - table.apart - room
    if too_much <= 0:
        return table
    room_of = {place: widths[place] - table.apart - too_much for place in table.naming if place in widths}

    def texts(row: Row) -> list[str]:
        return [
            JOINED.sub("\n+", text) if place in room_of and cell_len(text) > room_of[place] else text
            for place, text in enumerate(row.texts)
        ]

    return replace(table, rows=[replace(row, texts=texts(row)) for row in table.rows])


JOINED = re.compile(r"(?<=\S)\+")


def _in_ascii(table: Table) -> Table:
    rows = [replace(row, texts=[text.translate(IN_ASCII) for text in row.texts]) for row in table.rows]
    return replace(table, rows=rows)


def _parts(table: Table, room: int) -> list[list[int]]:
    """The places of the columns of each part: all in one, if they fit or if there is no other way."""
    everything, naming = list(range(len(table.columns))), table.naming
    widths = [_width(table, place) for place in everything]
    if sum(widths) - table.apart <= room:
        return [everything]
    if table.in_blocks:
        rest = [place for place in everything if place not in naming]
        left = room + table.apart - sum(widths[place] for place in naming)
        blocks = split([widths[place] for place in rest], left)
        return [[*naming, *(rest[at] for at in block)] for block in blocks]
    parts = [everything]
    for least in sorted({column.second for column in table.columns} - {0}, reverse=True):
        second = [place for place in everything if table.columns[place].second >= least]
        parts = [[place for place in everything if place not in second], [*naming, *second]]
        if all(sum(widths[place] for place in part) - table.apart <= room for part in parts):
            break
    return parts


def _width(table: Table, place: int) -> int:
    texts = [_shown(table, row, range(len(table.columns)))[place] for row in table.rows]
    return max(map(cell_len, (*table.columns[place].heading, *texts))) + table.apart


def _shown(table: Table, row: Row, places: Sequence[int]) -> list[str]:
    """What a row that belongs to the one above it is called is indented."""
    indented = [row.continued and table.columns[place].naming for place in places]
    texts = table.cells(row, places)
    return [f"  {text}" if text and indent else text for text, indent in zip(texts, indented, strict=True)]


def _rich_table(table: Table, places: Sequence[int], *, further: bool) -> RichTable:
    padding = (0, table.apart - 1, 0, 0)
    made = RichTable(box=box.SIMPLE_HEAD, padding=padding, show_edge=False, pad_edge=False)
    for place in places:
        column = table.columns[place]
        heading = Text("\n".join(column.heading))
        # Of a table that is too wide the names are folded, and never a number.
        made.add_column(heading, justify="right" if column.right else "left", no_wrap=column.right, overflow="fold")
    numbers = [place for place in places if place not in table.naming]
    for row in table.rows:
        if any(row.texts[place] for place in numbers) or not (further or row.continued):
            made.add_row(*map(Text, _shown(table, row, places)), style="dim" if row.flagged or row.continued else None)
    return made
