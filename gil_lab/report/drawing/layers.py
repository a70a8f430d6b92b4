"""Layers of a view whose places are pixels and not data: text, and lines that lead to it."""

from collections.abc import Iterable, Sequence
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.report.drawing.labels import text_width
from gil_lab.report.drawing.picture import FAINT, INK
from gil_lab.report.drawing.placement import Label, Spot

Layer = dict[str, Any]
SYMBOL = 26
"""Pixels of a legend's symbol, with what is beside it."""


@frozen
class Text:
    """One line; x is that of the side it is aligned at, y that of its middle. Pixels from the plot's upper left."""

    text: str
    x: float
    y: float
    align: str = "left"
    colour: str = INK


def pixel(field: str) -> dict[str, Any]:
    """A channel whose numbers are pixels."""
    return {"field": field, "type": "quantitative", "scale": None}


def as_given(field: str) -> dict[str, Any]:
    """A channel whose values are what is drawn: a colour, a shape, a text."""
    return {"field": field, "type": "nominal", "scale": None}


def text_layers(found: Iterable[Text], **style: object) -> list[Layer]:
    """A layer for each alignment: that is no channel in Vega-Lite."""
    by_align: dict[str, list[dict[str, object]]] = {}
    for one in found:
        value = {"x": round(one.x, 1), "y": round(one.y, 1), "text": one.text, "colour": one.colour}
        by_align.setdefault(one.align, []).append(value)
    return [
        {
            "data": {"values": values},
            "mark": {"type": "text", "align": align, "baseline": "middle", "tooltip": None, **style},
            "encoding": {
                "x": pixel("x"),
                "y": pixel("y"),
                "text": {"field": "text", "type": "nominal"},
                "color": as_given("colour"),
                "description": {"field": "text", "type": "nominal"},  # else those who hear it hear places and colours
            },
        }
        for align, values in by_align.items()
    ]


def legend_layout(labels: Sequence[str], width: float) -> dict[str, Any]:
    """Of a legend: in one line if that fits into so many pixels, else in as many columns as do."""
    fit = int(width // (max(map(text_width, labels), default=0) + SYMBOL))
    line = sum(text_width(label) + SYMBOL for label in labels)
    return {"direction": "horizontal", **({} if line <= width else {"columns": max(1, fit)})}


def leader_layers(lines: Iterable[tuple[float, float, float, float]], **style: object) -> list[Layer]:
    """Thin lines from marks to labels that stand away from them."""
    values = [dict(zip(("x", "y", "x2", "y2"), (round(at, 1) for at in line), strict=True)) for line in lines]
    if not values:
        return []
    mark = {"type": "rule", "color": FAINT, "strokeWidth": 0.7, "tooltip": None, **style}
    encoding = {"x": pixel("x"), "y": pixel("y"), "x2": {"field": "x2"}, "y2": {"field": "y2"}}
    return [{"data": {"values": values}, "mark": mark, "encoding": encoding}]


def beside(spots: Sequence[Spot], placed: Sequence[Label | None]) -> list[Layer]:
    """The labels of marks, each aligned at the side of its mark, and the lines to them."""
    labels = [(spot, label) for spot, label in zip(spots, placed, strict=True) if label]
    lines = [label.leader for _, label in labels if label.leader]
    return [*leader_layers(lines), *text_layers(_text(spot, label) for spot, label in labels)]


def _text(spot: Spot, label: Label) -> Text:
    box = label.box
    if box.left >= spot.x:
        return Text(label.text, box.left, box.middle)
    if box.right <= spot.x:
        return Text(label.text, box.right, box.middle, "right")
    return Text(label.text, (box.left + box.right) / 2, box.middle, "center")
