"""In what the cells of one work differ, number by number and name by name: what a reader may change one at a time."""

from collections.abc import Callable, Sequence

from gil_lab.model.chunks import AUTO, SHARE
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop, ngettext
from gil_lab.model.records import CHUNK_SEPARATOR, VARIANT_SEPARATOR, Cell
from gil_lab.report.tables.size_units import BYTES, sized, unit_of, variant_unit_of

OWN = gettext_noop("as its API does")
"""A chunk that is left to the strategy."""
IN_WORDS = {SHARE: gettext_noop("each worker's whole share"), AUTO: gettext_noop("as predicted to be best")}
Value = int | str


@frozen
class Factor:
    """`at` is the place of a cell among the values; None where the cell has none, and is the same at each of them."""

    name: str
    values: tuple[Value, ...]
    """As they were measured: numbers in ascending order, names in that of the cells."""
    of: Callable[[Cell], Value | None]
    labels: tuple[tuple[str, str], ...]
    """Of each value, alone and with its unit."""

    @property
    def is_number(self) -> bool:
        """Whether there is an order in which a slider can move."""
        return all(isinstance(value, int) for value in self.values)

    def at(self, cell: Cell) -> int | None:
        value = self.of(cell)
        return None if value is None else self.values.index(value)


def factors(cells: Sequence[Cell]) -> list[Factor]:
    """What varies among these cells of one work.

    A strategy without a pool, or without chunks, has no such number, and stands beside those that have one. The number
    of tasks is left out where all else tells it, as in an experiment that chooses it by the size.
    """
    work = cells[0].work
    unit, counted = unit_of(work), variant_unit_of(work)
    pooled = {without_chunk(cell) for cell in cells if cell.workers > 1}
    chunked = {without_chunk(cell) for cell in cells if _chunk(cell)}

    def variant(cell: Cell) -> Value:
        return _number(cell.variant.removeprefix(VARIANT_SEPARATOR)) if numbered else cell.workload

    def chunk(cell: Cell) -> Value | None:
        word = _chunk(cell) or OWN
        return _number(IN_WORDS.get(word, word)) if without_chunk(cell) in chunked else None

    def workers(cell: Cell) -> Value | None:
        return cell.workers if without_chunk(cell) in pooled else None

    numbered = bool(counted) and all(
        isinstance(_number(cell.variant.removeprefix(VARIANT_SEPARATOR)), int) for cell in cells
    )
    made = [
        _factor("size", cells, lambda cell: cell.size, lambda size: sized(int(size), unit), with_unit=unit == BYTES),
        _factor("variant", cells, variant, lambda value: f"{value} {gettext(counted)}" if numbered else str(value)),
        _factor("workers", cells, workers, lambda value: _counted("worker", value)),
        _factor("tasks", cells, lambda cell: cell.tasks, lambda value: _counted("task", value)),
        _factor("chunk", cells, chunk, _handed),
        _factor("Python", cells, lambda cell: cell.interpreter, lambda value: f"Python {value}"),
    ]
    varying = [one for one in made if len(one.values) > 1]
    others = [one for one in varying if one.name != "tasks"]
    without_tasks = len({(without_chunk(cell), *(one.at(cell) for one in others)) for cell in cells})
    return others if without_tasks == len(cells) else varying


def without_chunk(cell: Cell) -> str:
    """The strategy, however many tasks it hands over at a time."""
    return cell.strategy.partition(CHUNK_SEPARATOR)[0]


def _factor(
    name: str,
    cells: Sequence[Cell],
    of: Callable[[Cell], Value | None],
    said: Callable[[Value], str],
    *,
    with_unit: bool = False,
) -> Factor:
    """`said` is a value with its unit; `with_unit` where it makes no sense without one, as 10 of `10 MB`."""
    values = list(dict.fromkeys(value for value in map(of, cells) if value is not None))
    numbers = sorted(value for value in values if isinstance(value, int))
    ordered: tuple[Value, ...] = (*numbers, *(value for value in values if isinstance(value, str)))
    labels = tuple((said(one) if with_unit else gettext(str(one)), said(one)) for one in ordered)
    return Factor(name, ordered, of, labels)


def _chunk(cell: Cell) -> str:
    return cell.strategy.partition(CHUNK_SEPARATOR)[2]


def _number(text: str) -> Value:
    """The number that it is, or the text."""
    return int(text) if text.isascii() and text.isdecimal() else text


def _handed(value: Value) -> str:
    if not isinstance(value, int):
        return gettext(value)
    return ngettext("{count} task at a time", "{count} tasks at a time", value).format(count=value)


def _counted(thing: str, value: Value) -> str:
    count = int(value)
    text = ngettext("{count} task", "{count} tasks", count)
    if thing == "worker":
        text = ngettext("{count} worker", "{count} workers", count)
    return text.format(count=count)
