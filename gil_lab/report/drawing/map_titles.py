"""What the map says in its title: the cell that is concurrent beside the one that is parallel, or a change between."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import PARALLEL, Verdict
from gil_lab.model.cell_names import cell_name
from gil_lab.model.language import gettext, listed
from gil_lab.report.drawing import cells as of
from gil_lab.report.tables.results import several_pythons
from gil_lab.report.text.sentences import counted

MAX_NAMED = 3
TOGETHER = (Verdict.CONCURRENT, Verdict.WAITING)


def title(drawn: Sequence[Summary], group: Sequence[Summary]) -> str:
    """What shows best that it is not parallel, beside what shows best that it is; as far as there are such cells.

    Of several interpreters first of all a strategy that is parallel under some of them only.
    """
    return _turn(drawn) or _contrast(drawn, of.calling(group))


def _turn(drawn: Sequence[Summary]) -> str:
    """Of the first strategy, a plain one if there is one, that changes from one interpreter to the next; else empty."""
    alike: dict[str, list[Summary]] = {}
    for each in sorted(drawn, key=lambda each: not of.plain(each)):
        alike.setdefault(of.short(cell_name(each.cell)), []).append(each)
    for called, cells in alike.items():
        parallel = [each for each in cells if each.verdict is Verdict.PARALLEL]
        together = [each for each in cells if each.verdict is Verdict.CONCURRENT]
        if several_pythons(cells) and parallel and together:
            busy = counted(max(busy_of(each) for each in parallel), "core")
            if len(parallel) > len(together):
                text = gettext(
                    "{name} is concurrent, not parallel under {pythons}; under {others} it is parallel, with up to "
                    "{cores} busy"
                )
                return text.format(name=called, pythons=_listed(together), others=_others(parallel), cores=busy)
            text = gettext(
                "{name} is parallel under {pythons}, with {cores} busy; under {others} it is concurrent, not parallel"
            )
            return text.format(name=called, pythons=_listed(parallel), others=_others(together), cores=busy)
    return ""


def _listed(cells: Sequence[Summary]) -> str:
    names = [of.short(each.cell.interpreter) for each in cells]
    first = listed(names[:MAX_NAMED])
    if (more := len(names) - MAX_NAMED) <= 0:
        return first
    return gettext("{names} and {more} more").format(names=first, more=more)


def _others(cells: Sequence[Summary]) -> str:
    if len(cells) == 1:
        return of.short(cells[0].cell.interpreter)
    return gettext("{count} others").format(count=len(cells))


def _contrast(drawn: Sequence[Summary], called: of.Called) -> str:
    together = _most([each for each in drawn if each.verdict in TOGETHER], 0)
    parallel = _most([each for each in drawn if each.verdict in PARALLEL], 1)
    if together and parallel:
        busy = counted(busy_of(parallel), "core")
        text = gettext("{sentence}; {name} keeps {cores} busy: {verdict}")
        verdict = gettext(parallel.verdict or Verdict.PARALLEL)
        return text.format(sentence=_sentence(together, called), name=called(parallel), cores=busy, verdict=verdict)
    if together:
        unknown = any(each.verdict is Verdict.INCONCLUSIVE for each in drawn)
        text = gettext("{sentence}; nothing here is parallel")
        if unknown:
            text = gettext("{sentence}; there was no room to see what is parallel")
        return text.format(sentence=_sentence(together, called))
    if parallel:
        return _sentence(parallel, called)
    alone = _sentence(max(drawn, key=at), called)
    return gettext("{sentence}; nothing here runs at the same time").format(sentence=alone) if len(drawn) > 1 else alone


def at(summary: Summary) -> tuple[float, float]:
    """Tasks in flight and cores busy."""
    return summary.in_flight or 0.0, busy_of(summary)


def busy_of(summary: Summary) -> float:
    return summary.cores_busy or 0.0


def _most(alike: Sequence[Summary], which: int) -> Summary | None:
    """With the most tasks in flight (0) or cores busy (1), as shown: of the plain cells if there are any, the first."""
    plain = [each for each in alike if of.plain(each)]
    return max(plain or alike, key=lambda each: round(at(each)[which], 1), default=None)


def _sentence(summary: Summary, called: of.Called) -> str:
    in_flight, busy = at(summary)
    text = gettext("{name} keeps {tasks} in flight on {cores}: {verdict}")
    tasks, cores = counted(in_flight, "task"), counted(busy, "core")
    return text.format(
        name=called(summary), tasks=tasks, cores=cores, verdict=gettext(summary.verdict or Verdict.INCONCLUSIVE)
    )
