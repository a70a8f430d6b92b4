"""What the map says in its title: the cell that is concurrent beside the one that is parallel, or a change between."""

from collections.abc import Sequence

from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import PARALLEL, Verdict
from gil_lab.model.cell_names import cell_name
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
                return (
                    f"{called} is {Verdict.CONCURRENT} under {_listed(together)}; "
                    f"under {_others(parallel)} it is parallel, with up to {busy} busy"
                )
            return (
                f"{called} is parallel under {_listed(parallel)}, with {busy} busy; "
                f"under {_others(together)} it is {Verdict.CONCURRENT}"
            )
    return ""


def _listed(cells: Sequence[Summary]) -> str:
    names = [of.short(each.cell.interpreter) for each in cells]
    return ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")


def _others(cells: Sequence[Summary]) -> str:
    return of.short(cells[0].cell.interpreter) if len(cells) == 1 else f"{len(cells)} others"


def _contrast(drawn: Sequence[Summary], called: of.Called) -> str:
    together = _most([each for each in drawn if each.verdict in TOGETHER], 0)
    parallel = _most([each for each in drawn if each.verdict in PARALLEL], 1)
    if together and parallel:
        busy = counted(busy_of(parallel), "core")
        return f"{_sentence(together, called)}; {called(parallel)} keeps {busy} busy: {parallel.verdict}"
    if together:
        unknown = any(each.verdict is Verdict.INCONCLUSIVE for each in drawn)
        rest = "there was no room to see what is parallel" if unknown else "nothing here is parallel"
        return f"{_sentence(together, called)}; {rest}"
    if parallel:
        return _sentence(parallel, called)
    return _sentence(max(drawn, key=at), called) + "; nothing here runs at the same time" * (len(drawn) > 1)


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
    together = f"{counted(in_flight, 'task')} in flight on {counted(busy, 'core')}"
    return f"{called(summary)} keeps {together}: {summary.verdict}"
