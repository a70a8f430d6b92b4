"""Which calls let go of the GIL, by name, in sentences."""

from collections.abc import Iterator, Sequence

from gil_lab.analysis.calls import LEAST_CALLS, calls_of, release
from gil_lab.analysis.gil_release import GilRelease
from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import gettext, gettext_noop, listed
from gil_lab.report.tables.results import by_workload, several_pythons
from gil_lab.report.tables.size_units import variant_unit_of
from gil_lab.suite.catalogue import are_same_work

SAID = {
    GilRelease.YES: gettext_noop("Let go of the GIL ({count} of {all} calls): {names}."),
    GilRelease.PARTLY: gettext_noop("Let go of it in part ({count} of {all}): {names}."),
    GilRelease.NO: gettext_noop("Hold it all the time ({count} of {all}): {names}."),
}


def lines(rows: Sequence[Summary], most: int | None = None) -> Iterator[str]:
    """A sentence for each answer, and one for calls of which too few rounds can be used; of each the first `most`.

    Only of variants that are different work, named by words, and differ in this: else it is not what was asked.
    """
    for group in by_workload(rows):
        work = group[0].cell.work
        made = [row for row in calls_of(group) if row.cell.variant]
        if len(made) < LEAST_CALLS or are_same_work(work) or variant_unit_of(work):
            continue
        clear = [row for row in made if not row.flagged]
        named = {kind: [_name(row) for row in clear if release(row) is kind] for kind in SAID}
        if sum(map(bool, named.values())) > 1:
            python = f"Python {made[0].cell.interpreter}: " * several_pythons(rows)
            for kind, names in named.items():
                if names:
                    said = gettext(SAID[kind]).format(count=len(names), all=len(made), names=_listed(names, most))
                    yield f"{python}{said}"
            if disturbed := [_name(row) for row in made if row.flagged]:
                text = gettext("Not known of {names}: too few rounds are without a flag.")
                yield text.format(names=_listed(disturbed, most))


def _listed(names: Sequence[str], most: int | None) -> str:
    more = 0 if most is None else max(0, len(names) - most)
    first = listed(names[: len(names) - more])
    return gettext("{names} and {more} more").format(names=first, more=more) if more else first


def _name(row: Summary) -> str:
    return row.cell.variant.removeprefix("+")
