"""The two panels of the speed-ups, which share their rows: overall as bars of parts, same form as points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.model.language import gettext
from gil_lab.model.text import number
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import balanced
from gil_lab.report.drawing.layers import Layer, as_given, legend_layout
from gil_lab.report.drawing.picture import FAINT, INK
from gil_lab.report.drawing.rows import BAR, Rows, names_width, over
from gil_lab.report.drawing.scales import FARTHER, Interval, Scale
from gil_lab.report.drawing.speedup_parts import ANOTHER_WAY, COMPILING, LOST, TOGETHER, UNSPLIT, parts
from gil_lab.report.tables.results import mark
from gil_lab.report.text.sentences import no_difference

NUMBERS, BETWEEN, LEFT_SHARE, LEAST_ROOM = 50, 20, 0.58, 200
"""Pixels: width of a column of numbers, between the panels; of the width that is left, the part of the left panel; the
least width for both: with less, the ticks of their scales would touch."""
LOOKS = {COMPILING: "#b9d1e5", ANOTHER_WAY: "#d9c7a3", TOGETHER: "#4682b4", UNSPLIT: "#a8a8a8", LOST: "#ffffff"}
EDGES = {COMPILING: "#7ea5c6", ANOTHER_WAY: "#a98f57", TOGETHER: "#2b6798", UNSPLIT: "#808080", LOST: "#b04a2f"}
TOOLTIP = of.tooltip(cell="strategy", overall="speed-up overall", same_form="against the same form", wall="wall")
LEGEND = {"offset": 6, "symbolType": "square", "symbolStrokeWidth": 1, "symbolStrokeColor": FAINT}
Estimates = Mapping[str, Estimate]


@dataclass(frozen=True)
class Panels:
    """Of one kind of work; `rows` are its cells but the baseline."""

    rows: Sequence[Summary]
    cores: int | None
    width: int
    """Pixels of both, labels and all."""

    @cached_property
    def named(self) -> dict[str, Summary]:
        return dict(zip(of.row_labels(self.rows, width=self.width), self.rows, strict=True))

    @cached_property
    def overall(self) -> dict[str, Estimate]:
        """By the name of the row; those that have none are missing."""
        return {name: found for name, row in self.named.items() if (found := row.speedup)}

    @cached_property
    def same_form(self) -> dict[str, Estimate]:
        """Without the references, which are compared with themselves."""
        found = {name: row.parallel_speedup for name, row in self.named.items()}
        return {name: one for name, one in found.items() if one and not one.of_itself}

    @cached_property
    def parts(self) -> list[dict[str, object]]:
        """Of all bars. Where no difference was seen there is none: neither a gain nor a loss."""
        return [
            {
                **_tooltip(name, self.named[name]),
                "part": gettext(part.what),
                "edge": EDGES[part.what],
                "x": of.rounded(part.begin),
                "end": of.rounded(part.end),
            }
            for name, overall in self.overall.items()
            if overall.shows_a_difference is not False
            for part in parts(overall.value, of.value(self.named[name].parallel_speedup), _by(self.named[name]))
        ]

    @cached_property
    def left_scale(self) -> Scale:
        ends = [float(str(part[end])) for part in self.parts for end in ("x", "end")]
        values = [each.value for each in self.overall.values()]
        return Scale.over([1.0, *ends, *values], _intervals(self.overall))

    @cached_property
    def right_scale(self) -> Scale:
        """From 0; as far as the cores only if that leaves the values room."""
        values = [each.value for each in self.same_form.values()]
        cores = [float(self.cores)] if self.cores and self.cores <= FARTHER * max([1.0, *values]) else []
        return Scale(0, Scale.over([1.0, *values, *cores], _intervals(self.same_form)).most)

    @property
    def cut(self) -> bool:
        """Whether an interval goes beyond its scale."""
        left = [(self.left_scale, end) for ends in _intervals(self.overall) for end in ends]
        right = [(self.right_scale, end) for ends in _intervals(self.same_form) for end in ends]
        return any(end is not None and not scale.holds(end) for scale, end in left + right)

    @property
    def intervals(self) -> bool:
        """Whether there are any: a single round gives none."""
        return any(each.low is not None for each in (*self.overall.values(), *self.same_form.values()))

    @property
    def hollow(self) -> str:
        """What hollow points are, in words; empty if there are none."""
        unseen = [*_unseen(self.overall).values(), *_unseen(self.same_form).values()]
        holds = gettext("{difference}, the interval holds 1")
        said = {
            holds.format(difference=no_difference(each)) if each.distinction is None else no_difference(each)
            for each in unseen
        }
        return gettext(", or ").join(sorted(said, reverse=True))

    @property
    def lost(self) -> bool:
        return any(part["part"] == gettext(LOST) for part in self.parts)

    def spec(self) -> dict[str, Any]:
        """Two views side by side, or below each other for lack of room; one where nothing ran at the same time."""
        alone = round(self.width - names_width(list(self.named)) - NUMBERS)
        room = alone - NUMBERS - BETWEEN
        left = round(LEFT_SHARE * room)
        beside = {"spacing": BETWEEN + NUMBERS, "bounds": "flush"}
        if not self.same_form:
            views = {"hconcat": [self._left(alone)], **beside}
        elif room >= LEAST_ROOM:
            views = {"hconcat": [self._left(left), self._right(room - left, named=False)], **beside}
        else:
            views = {"vconcat": [self._left(alone), self._right(alone, named=True)], "spacing": BETWEEN}
        return {
            **views,
            # workloads have parts of their own: with one scale for all, some would be drawn in the colours of others
            "resolve": {"scale": {"fill": "independent"}},
        }

    def _left(self, width: int) -> Layer:
        scale = self.left_scale
        title = balanced(gettext("overall: times as fast as sequential (logarithmic scale)"), width + NUMBERS)
        plot = Rows(
            list(self.named),
            width,
            {"type": "log", "domain": scale.domain, "nice": False},
            {"title": title, "values": scale.ticks(), "format": "~f", "grid": False},
        )
        there = [what for what in LOOKS if any(part["part"] == gettext(what) for part in self.parts)]
        legend = {
            "title": None,
            "orient": "bottom",
            **LEGEND,
            **legend_layout(list(map(gettext, there)), width + NUMBERS),
        }
        reasons = {name: str(row.status) for name, row in self.named.items() if row.wall_s is None}
        start = width * scale.share(1)
        return plot.spec(
            [
                plot.line(1),
                *plot.layer(
                    self.parts,
                    {"type": "bar", "height": BAR, "strokeWidth": 1},
                    x2={"field": "end"},
                    fill=_colours(there, LOOKS, legend),
                    # not by a scale, of which some versions of Vega-Lite draw a legend of its own, in black
                    stroke=as_given("edge"),
                    tooltip=TOOLTIP,
                ),
                *_whiskers(plot, self.overall, scale),
                *_points(plot, self.named, _unseen(self.overall)),
                *plot.words(width + NUMBERS - 2, _numbers(self.overall), align="right"),
                *plot.words(start + 5, reasons, align="left", fontStyle="italic", color=FAINT),
            ]
        )

    def _right(self, width: int, *, named: bool) -> Layer:
        scale = self.right_scale
        plot = Rows(
            list(self.named),
            width,
            {"type": "linear", "domain": scale.domain, "nice": False},
            {
                "title": balanced(gettext("against the same form, one task at a time"), width + NUMBERS),
                "tickCount": 4,
                "format": "~f",
                "grid": False,
            },
            named=named,
        )

        lines = {1.0: gettext("no gain")}
        if self.cores and self.cores > 1 and scale.holds(self.cores):
            lines[self.cores] = of.counted_cores(self.cores)
        return plot.spec(
            [
                *(plot.line(at, strokeDash=[] if at == 1 else [5, 3]) for at in lines),
                *over([(width * at / scale.most, text) for at, text in lines.items()], width + NUMBERS),
                *_whiskers(plot, self.same_form, scale),
                *_points(plot, self.named, self.same_form),
                *plot.words(width + NUMBERS - 2, _numbers(self.same_form), align="right"),
            ]
        )


def _intervals(estimates: Estimates) -> list[Interval]:
    return [(each.low, each.high) for each in estimates.values()]


def _tooltip(name: str, row: Summary) -> dict[str, object]:
    """Under the mouse."""
    same_form = gettext("a reference itself") if of.is_reference(row) else of.with_interval(row.parallel_speedup)
    return {
        "cell": name,
        "overall": of.with_interval(row.speedup),
        "same_form": same_form,
        "wall": of.seconds(row.wall_s),
    }


def _colours(there: Sequence[str], looks: Mapping[str, str], legend: Mapping[str, object]) -> dict[str, object]:
    scale = {"domain": list(map(gettext, there)), "range": [looks[what] for what in there]}
    return {"field": "part", "type": "nominal", "scale": scale, "legend": legend}


def _numbers(estimates: Estimates) -> dict[str, str]:
    """With the marks of the table."""
    return {name: f"{mark(each)}{number(each.value)}x" for name, each in estimates.items()}


def _unseen(estimates: Estimates) -> Estimates:
    """Those that show no difference."""
    return {name: each for name, each in estimates.items() if each.shows_a_difference is False}


def _points(plot: Rows, named: Mapping[str, Summary], estimates: Estimates) -> list[Layer]:
    """The values, hollow where no difference was seen."""
    unseen = _unseen(estimates)
    values = [
        {
            **_tooltip(name, named[name]),
            "x": of.rounded(each.value),
            "fill": "white" if name in unseen else EDGES[TOGETHER],
            "edge": EDGES[TOGETHER],
        }
        for name, each in estimates.items()
    ]
    mark = {"type": "point", "size": 60, "opacity": 1, "strokeWidth": 1.5}
    # an edge of the mark itself would be that of all symbols of the legend, too
    return plot.layer(values, mark, fill=as_given("fill"), stroke=as_given("edge"), tooltip=TOOLTIP)


def _whiskers(plot: Rows, estimates: Estimates, scale: Scale) -> list[Layer]:
    """The intervals, with an end or, where they are cut, an arrow; nothing for those that have none."""
    lines, ends, left, right = (list[dict[str, object]]() for _ in range(4))
    for name, each in estimates.items():
        if each.low is None or each.high is None:
            continue
        low, high = scale.cut(each.low), scale.cut(each.high)
        lines.append({"cell": name, "x": of.rounded(low), "end": of.rounded(high)})
        (ends if low == each.low else left).append({"cell": name, "x": of.rounded(low)})
        (ends if high == each.high else right).append({"cell": name, "x": of.rounded(high)})
    arrow = {"type": "point", "filled": True, "color": INK, "size": 45, "opacity": 1, "tooltip": None}
    return [
        *plot.layer(lines, {"type": "rule", "color": INK, "tooltip": None}, x2={"field": "end"}),
        *plot.layer(ends, {"type": "tick", "color": INK, "thickness": 1, "size": BAR - 3, "tooltip": None}),
        *plot.layer(left, {**arrow, "shape": "triangle-left"}),
        *plot.layer(right, {**arrow, "shape": "triangle-right"}),
    ]


def _by(row: Summary) -> str:
    """What a reference of the same form gains already: by being compiled, or by doing the work in another way."""
    return ANOTHER_WAY if row.cell.variant else COMPILING
