"""What the pictures of summaries share: how cells are called in them, and what is said of them beside the picture."""

import math
from collections.abc import Callable, Sequence

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import UNDER, cell_name, naming
from gil_lab.model.language import gettext, in_a_row, listed, ngettext
from gil_lab.model.records import Status
from gil_lab.model.text import number, one_line
from gil_lab.report.drawing import panels
from gil_lab.report.drawing.labels import shortened, text_width
from gil_lab.report.drawing.picture import WIDTH
from gil_lab.report.tables import results as columns
from gil_lab.report.text.sentences import NO_RANKING, all_flagged, ratio

MAX_NAME_PX, MAX_NAME_WITH_PYTHON_PX = 190, 265
"""Pixels of a cell's name: `multiprocessing-forkserver x16*` fits, `multiprocessing x8 under 3.14+switch=0.5ms` too."""
NUMBER_PX = 26
NAMES_SHARE = 0.42
"""Of a picture's width, that names may take: what is left on a phone still shows the marks."""
MAX_NAMED = 8


def rounded(value: float | None) -> float | None:
    """As many digits as a picture shows; None for what cannot be drawn."""
    return None if value is None or not math.isfinite(value) else panels.rounded(value)


def sound(group: Sequence[Summary]) -> list[Summary]:
    """What a title may name: the cells that are not flagged, or all of them if there are no others."""
    return [each for each in group if not each.flagged] or list(group)


def headline(group: Sequence[Summary], title: Callable[[], str]) -> str:
    """The title of a picture of these cells; where every one is flagged, that it shows nothing to be believed."""
    if not all_flagged(group):
        return title()
    said = gettext(NO_RANKING)
    return f"{said[0].lower()}{said[1:]}"


Called = Callable[[Summary], str]
"""What a cell is called in a picture of some others."""


def calling(group: Sequence[Summary]) -> Called:
    """Strategy, workers and, of several, the interpreter, with a star if every round is flagged; cut if it is long."""
    called, width = _full(group), _widest(group)
    return lambda summary: shortened(called(summary), width)


def _full(group: Sequence[Summary]) -> Called:
    called = naming(each.cell for each in group)
    return lambda summary: called(summary.cell) + star(summary)


def short(text: str) -> str:
    """The name of a strategy or an interpreter, for a title."""
    return shortened(text, MAX_NAME_PX)


def star(summary: Summary) -> str:
    return "*" * summary.flagged


def _widest(group: Sequence[Summary]) -> float:
    return MAX_NAME_WITH_PYTHON_PX if columns.several_pythons(group) else MAX_NAME_PX


def labels(group: Sequence[Summary], among: Sequence[Summary] = (), width: float = WIDTH) -> list[str]:
    """What the rows of a picture of that width are called; `among` are all its cells, if `group` is a part of them."""
    called = _full(among or group)
    return unique_names([called(each) for each in group], room_for_names(_widest(among or group), width))


def row_labels(group: Sequence[Summary], among: Sequence[Summary] = (), width: float = WIDTH) -> list[str]:
    """As `labels`, for rows: they have room for a second line, for the interpreter, where one line is too short."""
    called, room = _full(among or group), room_for_names(_widest(among or group), width)
    names = [called(each) for each in group]
    # all of them in two lines, so that they are at the same height
    return unique_names(names, room, two_lines=any(text_width(name) > room for name in names))


def room_for_names(most: float, width: float) -> float:
    """Pixels: `most`, unless that would leave too little of a picture of that width."""
    return min(most, NAMES_SHARE * width)


def unique_names(names: Sequence[str], width: float, *, two_lines: bool = False) -> list[str]:
    """Names cut to `width` pixels a line, with a number where two would be the same: they identify rows and lines."""
    found = list[str]()
    for name in names:
        text, count = _fitted(name, width, two_lines), 1
        while text in found:
            count += 1
            text = f"{_fitted(name, width - NUMBER_PX, two_lines)} ({count})"
        found.append(text)
    return found


def _fitted(name: str, width: float, two_lines: bool) -> str:
    cell, under, python = name.partition(gettext(UNDER))
    if under and two_lines:
        return f"{shortened(cell, width)}\n{shortened(under.lstrip() + python, width)}"
    return shortened(f"{cell}, {python}" if under and text_width(name) > width else name, width)


def plain(summary: Summary) -> bool:
    """Whether it runs the form that sequential work has: then both speed-ups are the same number."""
    return summary.parallel_speedup is not None and summary.parallel_speedup == summary.speedup


def is_reference(summary: Summary) -> bool:
    """Whether others are compared with it, and it with itself."""
    same_form = summary.parallel_speedup
    return same_form is not None and same_form.of_itself


def unknown() -> str:
    """What stands for a number that is not known."""
    return gettext("unknown")


def seconds(value: float | None) -> str:
    return unknown() if value is None else f"{number(value)} s"


def percent(share: float | None) -> str:
    return unknown() if share is None else f"{100 * share:.0f} %"


def value(estimate: Estimate | None) -> float | None:
    """Without its interval."""
    return None if estimate is None else estimate.value


def with_interval(estimate: Estimate | None) -> str:
    """An estimate with its interval, for a tooltip."""
    if estimate is None:
        return unknown()
    if estimate.shows_a_difference is None:
        return gettext("{speedup}: too few rounds for an interval").format(speedup=ratio(estimate))
    return ratio(estimate)


def subtitle(group: Sequence[Summary], cores: int | None, *notes: str) -> str:
    """What a picture is of, and notes that are not empty."""
    machine = [counted_cores(cores)] if cores is not None else []
    of_what = gettext("{sentence}.").format(sentence=listed([one_line(columns.title(group)), *machine]))
    star = gettext("* too few rounds without a flag.") if any(each.flagged for each in group) else ""
    return in_a_row([of_what, *notes, star])


def some_drawn(drawn: int, there: int) -> str:
    """A note where not all of them are."""
    text = gettext("{drawn} of {count} cells are drawn.")
    return text.format(drawn=drawn, count=there) if drawn < there else ""


def without_numbers(failed: Sequence[Summary]) -> str:
    """A note on cells that have none."""
    text = ngettext("{count} cell without numbers.", "{count} cells without numbers.", len(failed))
    return text.format(count=len(failed)) if failed else ""


def counted_cores(cores: int) -> str:
    return ngettext("{count} core", "{count} cores", cores).format(count=cores)


def not_drawn(group: Sequence[Summary], rows: Sequence[Summary] = ()) -> str:
    """A note on the cells without numbers and without a row; what several interpreters share is said once."""
    several, alike = columns.several_pythons(group), dict[tuple[str, str], list[str]]()
    for each in group:
        if each.wall_s is None and each not in rows:
            called = shortened(cell_name(each.cell), MAX_NAME_PX)
            alike.setdefault((called, each.status), []).append(shortened(each.cell.interpreter, MAX_NAME_PX))
    where = {key: f"{gettext(UNDER)}{', '.join(pythons)}" if several else "" for key, pythons in alike.items()}
    names = [f"{called}{under} ({status})" for (called, status), under in where.items()]
    return named(gettext("Not drawn: {names}."), names)


def worth_a_row(group: Sequence[Summary]) -> list[Summary]:
    """The cells that pictures with a row a cell show: where several interpreters fill them, none that was skipped."""
    skipped = Status.SKIPPED if columns.several_pythons(group) else None
    return [each for each in group if each.status is not skipped or each.wall_s is not None]


def named(what: str, names: Sequence[str]) -> str:
    """`Not drawn: joblib (timeout).`, of many only the first ones; empty for none. `what` has a place for `{names}`."""
    if not names:
        return ""
    first = listed(names[:MAX_NAMED])
    if (more := len(names) - MAX_NAMED) > 0:
        first = gettext("{names} and {more} more").format(names=first, more=more)
    return what.format(names=first)


def tooltip(**titles: str) -> list[dict[str, str]]:
    """Fields of the data and what they are called under the mouse."""
    return [{"field": field, "title": gettext(title), "type": "nominal"} for field, title in titles.items()]
