"""What sharing costs: how many times as fast threads are as one, for each operation on an object that they share.

A row an operation, a dot for each Python, with its interval. Each is compared with itself in one thread, so that the
price of sharing is seen and not that of the operation. The dashed lines are the ceilings: threads that share nothing.
"""

from collections.abc import Sequence
from typing import Any

from gil_lab.analysis.summaries import Summary
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.layers import legend_layout
from gil_lab.report.drawing.picture import WIDTH, NothingToDrawError, Picture, PictureSource, heading, picture
from gil_lab.report.drawing.rows import Rows, names_width
from gil_lab.report.tables.results import by_workload
from gil_lab.suite.strategies import BASELINE

PLACE = 12

LEAST_RUNGS = 3
"""Fewer variants are no ladder."""
PLAIN = "nothing shared"
COLOURS = ("#0b4f8a", "#2f9e8f", "#d1495b", "#8f6bb3", "#767676")
"""Of the Pythons, in their order, those without a GIL first."""
MAX_PYTHONS = len(COLOURS)
BETWEEN = 10
LOST_FROM = 0.02
"""Share of the ceiling: less is no loss that could be seen."""
TOOLTIP = of.tooltip(cell="operation", python="Python", gain="threads against one", lost="of the ceiling lost")


def draw(source: PictureSource, width: int = WIDTH) -> Picture:
    """Work of which several variants ran in threads. Raises NothingToDrawError if there is none."""
    views, titles = [], []
    for group in by_workload(source.rows):
        rungs = _rungs(group)
        if len({row.cell.variant for row in rungs}) >= LEAST_RUNGS:
            titles.append(_title(rungs))
            views.append(_view(titles[-1], group, rungs, source.usable_cores, width))
    if not views:
        raise NothingToDrawError("no ladder of shared objects to draw; measure one: gil-lab run contention")
    return picture("ladder", titles, views)


def _rungs(group: Sequence[Summary]) -> list[Summary]:
    """Of the strategy that ran most variants: the smallest pool of each variant and Python that has a gain to show."""
    by_strategy: dict[str, dict[tuple[str, str], Summary]] = {}
    for row in group:
        gain = row.parallel_speedup
        if row.cell.workers > 1 and gain is not None and not gain.of_itself:
            found = by_strategy.setdefault(row.cell.strategy, {})
            key = row.cell.variant, row.cell.interpreter
            if key not in found or row.cell.workers < found[key].cell.workers:
                found[key] = row
    return list(max(by_strategy.values(), key=len, default={}).values())


def _gain(row: Summary) -> float:
    return row.parallel_speedup.value if row.parallel_speedup else 1.0


def _without_gil(row: Summary) -> bool:
    return row.gil is not None and not row.gil.after_work


def _pythons(rungs: Sequence[Summary]) -> list[str]:
    """Those without a GIL first."""
    ordered = sorted(rungs, key=lambda row: not _without_gil(row))
    return list(dict.fromkeys(row.cell.interpreter for row in ordered))[:MAX_PYTHONS]


def _ceilings(rungs: Sequence[Summary]) -> dict[str, float]:
    """Of each Python what threads gain that share nothing."""
    return {row.cell.interpreter: _gain(row) for row in rungs if not row.cell.variant}


def _name(row: Summary) -> str:
    return row.cell.variant.removeprefix("+") or PLAIN


def _lost(row: Summary, ceilings: dict[str, float]) -> float | None:
    """Share of the ceiling."""
    ceiling = ceilings.get(row.cell.interpreter)
    return None if ceiling is None else max(0.0, 1 - _gain(row) / ceiling)


def _title(rungs: Sequence[Summary]) -> str:
    """What shares nothing, and what is worst, under the first Python without a GIL."""
    first = _pythons(rungs)[0]
    of_first = [row for row in rungs if row.cell.interpreter == first]
    plain = next((row for row in of_first if not row.cell.variant), None)
    worst = min(of_first, key=_gain)
    workers = worst.cell.workers
    nothing = (
        "" if plain is None else f"{workers} threads that share nothing are {number(_gain(plain))} times as fast as one"
    )
    return "; ".join(
        filter(None, (nothing, f"that share one {_name(worst)}, {number(_gain(worst))} times (Python {first})"))
    )


def _view(
    title: str, group: Sequence[Summary], rungs: Sequence[Summary], cores: int | None, width: int
) -> dict[str, Any]:
    pythons, ceilings = _pythons(rungs), _ceilings(rungs)
    shown = [row for row in rungs if row.cell.interpreter in pythons]
    names = list(dict.fromkeys(_name(row) for row in sorted(shown, key=lambda row: bool(row.cell.variant))))
    losses = {_name(row): _said(row, ceilings) for row in shown if row.cell.interpreter == pythons[0]}
    right = max(map(text_width, losses.values()), default=0.0)
    plot_width = round(width - names_width(names) - BETWEEN - right)
    highest = max((row.parallel_speedup.high or 0.0) if row.parallel_speedup else 0.0 for row in shown)
    plot = Rows(
        names,
        plot_width,
        {"type": "linear", "domain": [0, max(1.2, min(highest, 2 * max(map(_gain, shown))))], "clamp": True},
        {"title": "times as fast as one thread", "tickCount": 5, "grid": False},
    )
    scale = {"domain": pythons, "range": list(COLOURS[: len(pythons)])}
    legend = {"title": None, "orient": "bottom", **legend_layout(pythons, plot_width), "symbolType": "circle"}
    colour = {"field": "python", "type": "nominal", "scale": scale, "legend": legend}
    values = [_value(row, ceilings) for row in shown]
    with_interval = [value for value in values if value["low"] is not None]
    failed = [row for row in group if row.wall_s is None and row.cell.strategy != BASELINE]
    notes = (
        f"Each operation against itself in one thread. At the right: lost of the ceiling, under Python {pythons[0]}.",
        f"{len(failed)} cell{'s' * (len(failed) > 1)} without numbers." if failed else "",
    )
    return {
        "title": heading(title, of.subtitle(group, cores, *notes), width),
        **plot.spec(
            [
                plot.line(1.0, strokeWidth=0.8),
                *(
                    plot.line(at, strokeDash=[4, 3], color=COLOURS[pythons.index(python)])
                    for python, at in ceilings.items()
                    if python in pythons
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
                *plot.words(plot_width + BETWEEN, losses, align="left"),
            ]
        ),
    }


def _value(row: Summary, ceilings: dict[str, float]) -> dict[str, object]:
    gain, lost = row.parallel_speedup, _lost(row, ceilings)
    return {
        "cell": _name(row),
        "x": of.rounded(_gain(row)),
        "low": of.rounded(gain.low) if gain and gain.low is not None else None,
        "high": of.rounded(gain.high) if gain and gain.high is not None else None,
        "python": row.cell.interpreter,
        "gain": f"{number(_gain(row))}x",
        "lost": "" if lost is None else of.percent(lost),
    }


def _said(row: Summary, ceilings: dict[str, float]) -> str:
    lost = _lost(row, ceilings)
    if not row.cell.variant or lost is None:
        return ""
    return f"{of.percent(lost)} lost" if lost >= LOST_FROM else "none lost"
