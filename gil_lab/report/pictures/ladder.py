"""What sharing costs: how many times as fast threads are as one, for each operation on an object that they share.

A row an operation, a dot for each Python, with its interval. Each is compared with itself in one thread, so that the
price of sharing is seen and not that of the operation. The dashed lines are the ceilings: threads that share nothing.
Two panels where there are several sizes of pools: the smallest and the largest. Workers that share nothing at all, such
as subinterpreters, have a colour of their own.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gil_lab.analysis.summaries import Summary
from gil_lab.model.cell_names import UNDER, strategy_name
from gil_lab.model.language import gettext, gettext_noop
from gil_lab.model.records import Status
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import Layer, legend_layout
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.rows import Rows, names_width
from gil_lab.report.tables.results import by_workload
from gil_lab.suite.catalogue import Catalogue

PLACE = 12

LEAST_RUNGS = 3
"""Fewer variants are no ladder."""
PLAIN = gettext_noop("nothing shared")
COLOURS = ("#0b4f8a", "#e39a1f", "#2f9e8f", "#d1495b", "#8f6bb3", "#767676")
"""Of the series, in their order, those without a GIL first."""
MAX_SERIES = len(COLOURS)
BETWEEN, APART = 10, 20
"""Pixels between a plot and what is said of its rows, and between two panels."""
LEAST_ROOM = 520
"""Pixels: in less, two panels stand below each other."""
LOST_FROM = 0.02
"""Share of the ceiling: less is no loss that could be seen."""
NO_LOSS = gettext_noop("no loss seen")
"""Or the intervals overlap."""
TOOLTIP = of.tooltip(
    cell="operation", series="Python", gain="times as fast as one", lost="of the ceiling lost", instead="instead"
)


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """Work of which several variants ran in threads. Raises NothingToDrawError if there is none."""
    titles, views = [], []
    for group in by_workload(source.rows):
        ladder = Ladder(group, [row for row in group if _has_gain(row)], width)
        if len(ladder.names) >= LEAST_RUNGS and _may_share_nothing(group[0]):
            titles.append(ladder.title)
            views.append(ladder.view(source.usable_cores))
    if not views:
        raise NothingToDrawError("no ladder of shared objects to draw; measure one: gil-lab run contention")
    return picture("ladder", titles, views)


def _has_gain(row: Summary) -> bool:
    """Against one thread with the same operation."""
    gain = row.parallel_speedup
    return row.cell.workers > 1 and gain is not None and not gain.of_itself


def _gain(row: Summary) -> float:
    return row.parallel_speedup.value if row.parallel_speedup else 1.0


def _name(row: Summary) -> str:
    return row.cell.variant.removeprefix("+") or gettext(PLAIN)


def _may_share_nothing(row: Summary) -> bool:
    """Whether its plain form may be the ceiling: of the lab's own work if variants of it say what to do instead."""
    catalogue = Catalogue()
    if row.cell.work not in catalogue.workload_names():
        return True
    return any(catalogue.workload(name).instead for name in catalogue.variant_names(row.cell.work))


def _is_below(row: Summary, other: Summary) -> bool:
    """Whether the whole interval of its gain is."""
    high = row.parallel_speedup.high if row.parallel_speedup else None
    low = other.parallel_speedup.low if other.parallel_speedup else None
    return high is not None and low is not None and high < low


def _instead(row: Summary) -> str:
    """What to do in its place; of work of the lab."""
    catalogue, name = Catalogue(), row.cell.workload
    known = row.cell.work in catalogue.workload_names() and name in catalogue.variant_names(row.cell.work)
    return catalogue.workload(name).instead if known else ""


def _kind(strategy: str) -> str:
    """What its workers are."""
    return gettext(Catalogue().strategy(strategy).workers_are or "workers")


def _without_gil(row: Summary) -> bool:
    return row.gil is not None and not row.gil.after_work


@dataclass(frozen=True)  # without slots, which have no room for what is cached
class Ladder:
    """One workload's."""

    group: Sequence[Summary]
    rows: Sequence[Summary]
    """Those that have a gain."""
    width: int

    @cached_property
    def _strategy(self) -> str:
        """The one that is meant where a series names none."""
        return Counter(row.cell.strategy for row in self.rows).most_common(1)[0][0]

    def _series_of(self, row: Summary) -> str:
        python, strategy = row.cell.interpreter, row.cell.strategy
        return python if strategy == self._strategy else f"{strategy_name(strategy)}{gettext(UNDER)}{python}"

    @cached_property
    def _all_series(self) -> list[str]:
        """Those without a GIL first, then those that have an object each."""
        ordered = sorted(self.rows, key=lambda row: (not _without_gil(row), row.cell.strategy == self._strategy))
        return list(dict.fromkeys(map(self._series_of, ordered)))

    @property
    def series(self) -> list[str]:
        """Those for which there are colours."""
        return self._all_series[:MAX_SERIES]

    @cached_property
    def pools(self) -> list[int]:
        """The smallest and the largest number of workers."""
        sizes = {row.cell.workers for row in self.rows}
        return sorted({min(sizes), max(sizes)}) if sizes else []

    @cached_property
    def names(self) -> list[str]:
        """Of the operations, what shares nothing first."""
        return list(dict.fromkeys(map(_name, sorted(self.rows, key=lambda row: bool(row.cell.variant)))))

    def _shown(self, workers: int) -> list[Summary]:
        return [row for row in self.rows if row.cell.workers == workers and self._series_of(row) in self.series]

    def _ceilings(self, workers: int) -> dict[str, Summary]:
        """Of each series the workers that share nothing."""
        return {self._series_of(row): row for row in self._shown(workers) if not row.cell.variant}

    def _lost(self, row: Summary) -> float | None:
        """Share of the ceiling."""
        ceiling = self._ceilings(row.cell.workers).get(self._series_of(row))
        return None if ceiling is None else max(0.0, 1 - _gain(row) / _gain(ceiling))

    @cached_property
    def title(self) -> str:
        """What shares nothing, and what is worst, in the first series."""
        first = [row for row in self._shown(self.pools[0]) if self._series_of(row) == self.series[0]]
        return of.headline(first, lambda: self._title(of.sound(first)))

    def _title(self, first: Sequence[Summary]) -> str:
        worst = min(first, key=_gain)
        plain = next((row for row in first if not row.cell.variant), None)
        text = gettext("{count} {kind} that share one {operation}, {times} times (Python {python})")
        if plain is not None:
            text = gettext(
                "{count} {kind} that share nothing are {most} times as fast as one; that share one {operation}, "
                "{times} times (Python {python})"
            )
            if not _is_below(worst, plain):
                text = gettext(
                    "{count} {kind} that share nothing are {most} times as fast as one; no operation is known to lose "
                    "any of it (Python {python})"
                )
        return text.format(
            count=worst.cell.workers,
            kind=_kind(worst.cell.strategy),
            most=number(_gain(plain)) if plain else "",
            operation=_name(worst),
            times=number(_gain(worst)),
            python=worst.cell.interpreter,
        )

    def view(self, cores: int | None) -> dict[str, Any]:
        failed = [
            row for row in self.group if row.wall_s is None and not row.is_baseline and row.status is not Status.SKIPPED
        ]
        notes = (
            gettext(
                "Each operation against itself in one thread. At the right: lost of the ceiling, under {python}."
            ).format(python=self.series[0]),
            of.without_numbers(failed),
            of.named(gettext("Not drawn: {names}."), self._all_series[MAX_SERIES:]),
        )
        title = heading(self.title, of.subtitle(self.group, cores, *notes), self.width)
        alone = round(self.width - names_width(self.names) - BETWEEN - self._losses_width)
        if len(self.pools) == 1:
            return {"title": title, **self._panel(self.pools[0], alone, named=True)}
        room = alone - APART - BETWEEN - self._losses_width
        if room < LEAST_ROOM / 2:
            panels = [self._panel(workers, alone, named=True) for workers in self.pools]
            return {"title": title, "vconcat": panels, "spacing": APART}
        panels = [self._panel(workers, round(room / 2), named=place == 0) for place, workers in enumerate(self.pools)]
        spacing = APART + BETWEEN + round(self._losses_width)
        return {"title": title, "hconcat": panels, "spacing": spacing, "bounds": "flush"}

    def _losses(self, workers: int) -> dict[str, str]:
        """What is said of each row."""
        found, ceiling = {}, self._ceilings(workers).get(self.series[0])
        for row in self._shown(workers):
            lost = self._lost(row)
            if ceiling and self._series_of(row) == self.series[0] and row.cell.variant and lost is not None:
                known = lost >= LOST_FROM and _is_below(row, ceiling)
                text = gettext("{percent} lost") if known else gettext(NO_LOSS)
                found[_name(row)] = text.format(percent=of.percent(lost))
        return found

    @cached_property
    def _losses_width(self) -> float:
        return max((text_width(text) for workers in self.pools for text in self._losses(workers).values()), default=0.0)

    def _panel(self, workers: int, width: int, *, named: bool) -> Layer:
        shown = self._shown(workers)
        highest = max((row.parallel_speedup.high or 0.0) if row.parallel_speedup else 0.0 for row in shown)
        faster = gettext("{count} {kind}: times as fast as one").format(count=workers, kind=_kind(self._strategy))
        plot = Rows(
            self.names,
            width,
            {"type": "linear", "domain": [0, max(1.2, min(highest, 2 * max(map(_gain, shown))))], "clamp": True},
            {"title": faster, "tickCount": 5, "grid": False},
            named=named,
        )
        scale = {"domain": self.series, "range": list(COLOURS[: len(self.series)])}
        legend = {"title": None, "orient": "bottom", **legend_layout(self.series, self.width), "symbolType": "circle"}
        colour = {"field": "series", "type": "nominal", "scale": scale, "legend": legend}
        values = [self._value(row) for row in shown]
        with_interval = [value for value in values if value["low"] is not None]
        ceilings = self._ceilings(workers)
        return plot.spec(
            [
                plot.line(1.0, strokeWidth=0.8),
                *(
                    plot.line(_gain(row), strokeDash=[4, 3], color=COLOURS[self.series.index(series)])
                    for series, row in ceilings.items()
                ),
                *plot.layer(
                    with_interval,
                    {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6},
                    x={**plot.x("low")},
                    x2={"field": "high"},
                    color=colour,
                ),
                *plot.layer(
                    values, {"type": "point", "filled": True, "size": 55, "opacity": 0.9}, color=colour, tooltip=TOOLTIP
                ),
                *plot.words(width + BETWEEN, self._losses(workers), align="left"),
            ]
        )

    def _value(self, row: Summary) -> dict[str, object]:
        gain, lost = row.parallel_speedup, self._lost(row)
        return {
            "cell": _name(row),
            "x": of.rounded(_gain(row)),
            "low": of.rounded(gain.low) if gain and gain.low is not None else None,
            "high": of.rounded(gain.high) if gain and gain.high is not None else None,
            "series": self._series_of(row),
            "gain": f"{number(_gain(row))}x",
            "lost": "" if lost is None else of.percent(lost),
            "instead": gettext(_instead(row)),
        }
