"""From which size of a task on it pays to run tasks at the same time, in words."""

from collections.abc import Sequence

from gil_lab.analysis.break_even import by_work, crossings, pays
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import naming
from gil_lab.model.language import gettext, in_a_row, listed
from gil_lab.report.tables.size_units import sized, unit_of


def lines(rows: Sequence[Summary]) -> list[str]:
    """Of each work that was compared with sequential work at several sizes: each verdict, and whom it is true of."""
    return [line for ways in by_work(rows) if (line := _line(ways))]


def _line(ways: Sequence[Sequence[Summary]]) -> str:
    compared = [way for way in ways if not way[0].is_baseline and any(row.speedup for row in way)]
    if not compared:
        return ""
    called = naming(row.cell for way in compared for row in way)
    alike: dict[str, list[str]] = {}
    for way in sorted(compared, key=_sizes_that_pay, reverse=True):
        alike.setdefault(verdict(way), []).append(called(way[0].cell))
    return in_a_row(f"{said[0].upper()}{said[1:]}: {', '.join(names)}." for said, names in alike.items())


def _sizes_that_pay(way: Sequence[Summary]) -> int:
    return sum(pays(row) is True for row in way)


def verdict(way: Sequence[Summary]) -> str:
    """`pays at 1 kB to 100 MB`, `ceases to pay between 1 MB and 10 MB`: what is known of one way, by size."""
    unit = unit_of(way[0].cell.work)
    if found := crossings(way):
        begins, ceases = gettext("begins to pay {between}"), gettext("ceases to pay {between}")
        return listed(
            (begins if each.begins else ceases).format(between=between(each.below, each.above, unit)) for each in found
        )
    known = [row for row in way if pays(row) is not None]
    if not known:
        return gettext("not known to pay or not")
    span = gettext(" to ").join(dict.fromkeys(sized(row.cell.size, unit) for row in (known[0], known[-1])))
    text = gettext("pays at {span}") if pays(known[0]) else gettext("does not pay at {span}")
    return text.format(span=span)


def between(below: Summary, above: Summary, unit: str) -> str:
    text = gettext("between {least} and {most}")
    return text.format(least=sized(below.cell.size, unit), most=sized(above.cell.size, unit))
