"""Some columns of the picture `matrix` beside each other: a heading for each interpreter, and a field for each cell."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.analysis.verdicts import Verdict
from gil_lab.model.language import gettext
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import shortened, text_width
from gil_lab.report.drawing.layers import Layer, as_given
from gil_lab.report.drawing.picture import FAINT
from gil_lab.report.drawing.plane import LOOKS
from gil_lab.report.tables.matrix import Matrix, cores, heading, in_seconds, speedup, times
from gil_lab.report.text.sentences import counted, milliseconds

NAME_SIZE, NUMBER_SIZE, SMALL_SIZE = 12, 14, 11
ROW, LINE, BESIDE, MARK, GAP = 46, 14, 12, 13, 2
"""Pixels: of a row, of a line of a heading, beside texts, of the mark before a small one, white between fields."""
MIN_FIELD_PX, MAX_FIELD_PX = 70, 118
"""Pixels of a column."""
MAX_LINES = 7
"""Of a heading: a name and three settings of two lines each; a session can name many."""
FASTER, SLOWER, PLAIN, EMPTY = (139, 187, 224), (244, 190, 120), "#ffffff", "#f4f4f4"
FRAME = "#c9c9c9"
TOOLTIP = of.tooltip(
    cell="strategy",
    speedup="speed-up overall",
    across="against another Python",
    wall="wall",
    in_flight="tasks in flight",
    busy="cores busy",
    verdict="verdict",
)


def column_width(matrix: Matrix) -> float:
    """Pixels that all texts need, within limits."""
    needed = [text_width(line, NAME_SIZE, bold=True) for python in matrix.pythons for line in heading(python)]
    for row in matrix.rows.values():
        for one in row.values():
            needed.append(text_width(_large(matrix, one), NUMBER_SIZE, bold=True))
            needed.append(text_width(_small(matrix, one), SMALL_SIZE) + MARK)
    return round(min(MAX_FIELD_PX, max(MIN_FIELD_PX, BESIDE + max(needed))))


def block(matrix: Matrix, names: Mapping[str, str], pythons: Sequence[str], width: float, most: float) -> Layer:
    """The fields of some interpreters; `names` of the rows are as long as there is room, `most` has the full shade."""
    fields = [
        {"row": names[name], "column": column, **_value(matrix, row[python], width, most)}
        for name, row in matrix.rows.items()
        for column, python in enumerate(pythons)
        if python in row
    ]
    headings = [
        {
            "column": column,
            "names": _heading_lines(python, width)[:MAX_LINES],
            "lock": f"GIL {lock}" if (lock := matrix.gil(python)) else "",
        }
        for column, python in enumerate(pythons)
    ]
    marked = [{key: field[key] for key in ("row", "column", "shape", "fill")} for field in fields if field["beside"]]
    left = max((text_width(str(field["beside"]), SMALL_SIZE) for field in fields), default=0) / 2
    point = {"type": "point", "size": 55, "opacity": 1, "strokeWidth": 0, "xOffset": -left, "yOffset": 8.5}
    return {
        "width": width * len(pythons),
        "height": ROW * len(names),
        "data": {"values": fields},
        "encoding": {"x": _x(len(pythons), width), "y": _y(list(names.values()))},
        "layer": [
            {
                "mark": {"type": "rect", "stroke": FRAME, "strokeWidth": 0.6},
                "encoding": {"color": as_given("colour"), "tooltip": TOOLTIP},
            },
            _text("large", dy=-8, fontSize=NUMBER_SIZE, fontWeight="bold"),
            _text("small", dy=9),
            _text("beside", dx=MARK / 2, dy=9),
            _text("status", color=FAINT),
            *(
                [
                    {
                        "data": {"values": marked},
                        "mark": {**point, "tooltip": None},
                        "encoding": {"shape": as_given("shape"), "fill": as_given("fill")},
                    }
                ]
                if marked
                else []
            ),
            *_names(headings),
            _heading(headings, "lock", dy=-6, color=FAINT),
        ],
    }


def _heading_lines(python: str, width: float) -> list[str]:
    """Its name, and each setting: what does not fit is broken behind its sign, and only then cut."""
    lines: list[str] = []
    for name in heading(python):
        setting, sign, value = name.partition("=")
        fits = text_width(name, NAME_SIZE, bold=True) <= width - BESIDE
        lines += [name] if fits or not sign else [setting + sign, value]
    return [shortened(line, width - BESIDE, NAME_SIZE) for line in lines]


def _names(headings: Sequence[Mapping[str, Any]]) -> list[Layer]:
    """A layer for each number of lines, as Vega places a text by its first line. Rejected: empty ones before it, which
    take no room in an SVG.
    """
    style: dict[str, Any] = {"fontSize": NAME_SIZE, "lineHeight": LINE, "fontWeight": "bold"}
    counts = sorted({len(each["names"]) for each in headings})
    return [
        _heading([each for each in headings if len(each["names"]) == count], "names", dy=-6 - LINE * count, **style)
        for count in counts
    ]


def _text(field: str, **style: object) -> Layer:
    mark = {"type": "text", "align": "center", "baseline": "middle", "fontSize": SMALL_SIZE, "tooltip": None, **style}
    return {"mark": mark, "encoding": {"text": {"field": field, "type": "nominal"}}}


def _heading(values: Sequence[Mapping[str, object]], field: str, **style: object) -> Layer:
    layer = _text(field, baseline="bottom", **style)
    return {**layer, "data": {"values": list(values)}, "encoding": {**layer["encoding"], "y": {"value": 0}}}


def _x(columns: int, width: float) -> dict[str, Any]:
    scale = {"type": "band", "domain": list(range(columns)), "paddingInner": GAP / width}
    return {"field": "column", "type": "nominal", "scale": scale, "axis": None}


def _y(names: Sequence[str]) -> dict[str, Any]:
    extent = round(max(text_width(name, NAME_SIZE, bold=True) for name in names)) + 8
    axis = {
        "title": None,
        "labelFontSize": NAME_SIZE,
        "labelFontWeight": "bold",
        "labelLimit": 2 * extent,  # a browser's font may be wider than the one that was measured: never cut a name
        "labelPadding": 8,
        "minExtent": extent,
        "maxExtent": extent,
        "ticks": False,
        "domain": False,
    }
    scale = {"type": "band", "domain": list(names), "paddingInner": GAP / ROW}
    return {"field": "row", "type": "nominal", "scale": scale, "axis": axis}


def _value(matrix: Matrix, summary: Summary, width: float, most: float) -> dict[str, object]:
    """What stands in a field, its shade, and what stands under the mouse.

    A small text has the mark of the map before it, so that what is parallel can be seen without colour.
    """
    one = matrix.references.get(summary.cell) if summary.is_baseline else None
    small = shortened(_small(matrix, summary), width - GAP, SMALL_SIZE)
    alone = summary.is_baseline or summary.verdict is None or _marginal_cost(matrix, summary)
    place = "status" if summary.wall_s is None else "small" if alone else "beside"
    across = gettext("{ratio} as fast as under {python}")
    look = LOOKS[summary.verdict or Verdict.ONE_AT_A_TIME]
    everything = [each for row in matrix.rows.values() for each in row.values()]
    return {
        "large": _large(matrix, summary),
        "small": "",
        "beside": "",
        "status": "",
        place: small,
        "shape": look.shape,
        "fill": look.colour,
        "colour": _colour(matrix, summary, most),
        "cell": of.calling(everything)(summary),
        "speedup": of.with_interval(summary.speedup),
        "across": across.format(ratio=of.with_interval(one.estimate), python=one.reference) if one else of.unknown(),
        "wall": of.seconds(summary.wall_s),
        "in_flight": of.unknown() if summary.in_flight is None else f"{summary.in_flight:.1f}",
        "busy": cores(summary).lstrip("|") or of.unknown(),
        "verdict": gettext(summary.verdict or summary.status),
    }


def _large(matrix: Matrix, summary: Summary) -> str:
    if summary.wall_s is None:
        return ""
    if summary.is_baseline or not matrix.compared:
        return f"{in_seconds(summary).removesuffix('*')} s{of.star(summary)}"
    text = speedup(summary)
    return text if " s" in text else f"{text.removesuffix('*')}x{of.star(summary)}"


def _small(matrix: Matrix, summary: Summary) -> str:
    if summary.wall_s is None:
        return str(summary.status)
    if summary.is_baseline:
        one = matrix.references.get(summary.cell)
        return f"{times(one.estimate)}x {one.reference}" if one else ""
    return _marginal_cost(matrix, summary) or counted(summary.cores_busy or 0, "core")


def _marginal_cost(matrix: Matrix, summary: Summary) -> str:
    """`+69.2 ms +11.2 MB`: what there is to be seen where nothing is compared with sequential work."""
    further_s, further_bytes = summary.marginal_cost.start_up_s, summary.marginal_cost.memory_bytes
    if matrix.compared or further_s is None:
        return ""
    text = f"{'+' if further_s >= 0 else ''}{milliseconds(further_s)}"
    if further_bytes is not None:
        text += f" {round(further_bytes / 1e6, 1) + 0.0:+.1f} MB"
    return text


def _colour(matrix: Matrix, summary: Summary, most: float) -> str:
    if summary.wall_s is None:
        return EMPTY
    if summary.is_baseline:
        one = matrix.references.get(summary.cell)
        return shade(one.estimate if one else None)
    return shade(summary.speedup, most)


def shade(estimate: Estimate | None, most: float = 2.0) -> str:
    """The greater the ratio the darker, on a logarithmic scale; white where no difference was seen."""
    if estimate is None or estimate.shows_a_difference is False or not 0 < estimate.value < math.inf:
        return PLAIN
    part = min(1.0, abs(math.log(estimate.value)) / math.log(most))
    end = FASTER if estimate.value > 1 else SLOWER
    return "#" + "".join(f"{round(255 + part * (channel - 255)):02x}" for channel in end)
