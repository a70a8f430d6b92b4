"""What workloads reported beside their answers, in words: one line a cell."""

from collections.abc import Sequence

from gil_lab.analysis.observations import Observed
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.model.language import clauses, gettext, listed
from gil_lab.model.records import Cell
from gil_lab.model.text import amount, number

HEADING = "What was observed beside the times"


def phrase(one: Observed) -> str:
    """`lost updates 12.0 % (3.00 to 40.0)`, `error TypingError: ...`; the range only where the rounds differ."""
    name = gettext(one.name)
    if one.value is None:
        return f"{name}: {clauses(map(gettext, one.text.split('; ')))}"
    unit = f" {gettext(one.unit)}" if one.unit else ""
    words = f" ({gettext(one.text)})" if one.text else ""
    if one.low is None or one.high is None or number(one.low) == number(one.high):
        return f"{name} {amount(one.value)}{unit}{words}"
    span = gettext("{least} to {most}").format(least=amount(one.low), most=amount(one.high))
    return f"{name} {amount(one.value)}{unit} ({span}){words}"


def lines(observed: Sequence[Observed]) -> list[tuple[str, str]]:
    """What each cell is called, and what was observed of it, in the order of `observed`; what is the same once."""
    by_cell: dict[Cell, list[str]] = {}
    for one in observed:
        by_cell.setdefault(one.cell, []).append(phrase(one))
    called = naming_everywhere(by_cell)
    alike: dict[str, list[str]] = {}
    for cell, all_ in by_cell.items():
        alike.setdefault(clauses(all_), []).append(called(cell))
    if len(alike) == 1 and len(by_cell) > 1:
        return [(gettext("all"), one) for one in alike]
    return [(listed(names), one) for one, names in alike.items()]
