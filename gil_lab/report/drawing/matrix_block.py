"""Some columns of the picture `matrix` beside each other: a heading for each interpreter, and a field for each cell."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary, Verdict
from gil_lab.report.drawing import cells as of
from gil_lab.report.drawing.labels import shortened, text_width
from gil_lab.report.drawing.layers import Layer, Text, as_given, pixel, text_layers
from gil_lab.report.drawing.picture import FAINT, INK, WIDTH
from gil_lab.report.drawing.plane import LOOKS
from gil_lab.report.tables.matrix import Matrix, cores, in_seconds, speedup, times
from gil_lab.report.text.sentences import counted, milliseconds

NAME_SIZE, NUMBER_SIZE, SMALL_SIZE = 12, 14, 11
ROW, LINE, ABOVE, GAP = 46, 14, 6, 2
"""Pixels: of a row, of a line of the heading, above the first row, and white between fields."""
LEAST, MOST, BESIDE, MARK = 70, 118, 12, 13
"""Pixels: of a column at least and at most, beside its texts, and of the mark before a small text."""
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


def heading_of(python: str) -> list[str]:
    name, *settings = python.split("+")
    return [name, *(f"+{setting}" for setting in settings)]


def column_width(matrix: Matrix, python: str) -> float:
    """Pixels that all texts of this interpreter need, within limits."""
    cells = [row[python] for row in matrix.rows.values() if python in row]
    small = [_small(matrix, python, one) for one in cells]
    needed = [text_width(text, SMALL_SIZE) + MARK for text in small]
    needed += [text_width(_large(matrix, one), NUMBER_SIZE, bold=True) for one in cells]
    needed += [text_width(line, NAME_SIZE, bold=True) for line in heading_of(python)]
    return min(MOST, max(LEAST, BESIDE + max(needed, default=0)))


def _large(matrix: Matrix, summary: Summary) -> str:
    if summary.wall_s is None:
        return ""
    if summary.is_baseline or not matrix.compared:
        return f"{in_seconds(summary).removesuffix('*')} s{of.star(summary)}"
    told = speedup(summary)
    return told if " s" in told else f"{told.removesuffix('*')}x{of.star(summary)}"


def _small(matrix: Matrix, python: str, summary: Summary) -> str:
    if summary.wall_s is None:
        return str(summary.status)
    if summary.is_baseline:
        one = matrix.references.get(python)
        return f"{times(one.estimate)}x {one.reference}" if one else ""
    return _further_worker(matrix, summary) or counted(summary.cores_busy or 0, "core")


def _further_worker(matrix: Matrix, summary: Summary) -> str:
    """`+69.2 ms +11.2 MB`: what there is to be seen where nothing is compared with sequential work."""
    if matrix.compared or summary.further_worker_s is None:
        return ""
    told = f"{'+' if summary.further_worker_s >= 0 else ''}{milliseconds(summary.further_worker_s)}"
    if summary.further_worker_bytes is not None:
        told += f" {round(summary.further_worker_bytes / 1e6, 1) + 0.0:+.1f} MB"
    return told


@dataclass(frozen=True)
class Block:
    """The fields of some interpreters."""

    matrix: Matrix
    names: Mapping[str, str]
    """By row, as far as there is room."""
    widths: Mapping[str, float]
    """By interpreter, pixels of its column."""
    left: float
    """Pixels of the names."""
    most: float
    """Speed-up that has the full shade."""

    @property
    def pythons(self) -> Sequence[str]:
        return list(self.widths)

    @property
    def above(self) -> float:
        """Pixels of the headings, with a line for the GIL."""
        return LINE * (max(len(heading_of(python)) for python in self.pythons) + 1) + ABOVE

    def spec(self) -> dict[str, Any]:
        return {
            "width": WIDTH,
            "height": round(self.above + ROW * len(self.names)),
            "layer": [
                self._fields(),
                *text_layers(self._headings(), fontSize=NAME_SIZE, fontWeight="bold"),
                *text_layers(self._locks(), fontSize=SMALL_SIZE),
                *text_layers(self._names(), fontSize=NAME_SIZE, fontWeight="bold"),
                *text_layers(self._numbers(), fontSize=NUMBER_SIZE, fontWeight="bold"),
                *self._marks(),
                *text_layers(self._smalls(), fontSize=SMALL_SIZE),
            ],
        }

    def _x(self, column: float) -> float:
        """Of the left side of a column; with a half, of its middle."""
        whole = int(column)
        widths = list(self.widths.values())
        return self.left + sum(widths[:whole]) + (column - whole) * widths[min(whole, len(widths) - 1)]

    def _y(self, row: int) -> float:
        return self.above + ROW * row

    def _cells(self) -> Iterator[tuple[int, int, str, Summary]]:
        """Row, column, interpreter, cell."""
        for at, row in enumerate(self.matrix.rows.values()):
            for column, python in enumerate(self.pythons):
                if python in row:
                    yield at, column, python, row[python]

    def _fields(self) -> Layer:
        values = [
            {
                "x": round(self._x(column), 1),
                "x2": round(self._x(column + 1) - GAP, 1),
                "y": round(self._y(row), 1),
                "y2": round(self._y(row + 1) - GAP, 1),
                "colour": self._colour(python, one),
                **self._told(python, one),
            }
            for row, column, python, one in self._cells()
        ]
        encoding = {
            "x": pixel("x"),
            "x2": {"field": "x2"},
            "y": pixel("y"),
            "y2": {"field": "y2"},
            "color": as_given("colour"),
            "tooltip": TOOLTIP,
        }
        mark = {"type": "rect", "stroke": FRAME, "strokeWidth": 0.6}
        return {"data": {"values": values}, "mark": mark, "encoding": encoding}

    def _told(self, python: str, summary: Summary) -> dict[str, object]:
        one = self.matrix.references.get(python) if summary.is_baseline else None
        return {
            "cell": of.calling(self._all())(summary),
            "speedup": of.told(summary.against_sequential),
            "across": f"{of.told(one.estimate)} as fast as under {one.reference}" if one else of.UNTOLD,
            "wall": of.seconds(summary.wall_s),
            "in_flight": of.UNTOLD if summary.in_flight is None else f"{summary.in_flight:.1f}",
            "busy": cores(summary).lstrip("|") or of.UNTOLD,
            "verdict": summary.verdict or summary.status,
        }

    def _all(self) -> list[Summary]:
        return [one for row in self.matrix.rows.values() for one in row.values()]

    def _colour(self, python: str, summary: Summary) -> str:
        if summary.wall_s is None:
            return EMPTY
        if summary.is_baseline:
            one = self.matrix.references.get(python)
            return shade(one.estimate if one else None)
        return shade(summary.against_sequential, self.most)

    def _headings(self) -> Iterator[Text]:
        for column, python in enumerate(self.pythons):
            lines = heading_of(python)
            first = self.above - ABOVE - LINE * (len(lines) + 0.5)
            for at, line in enumerate(lines):
                text = shortened(line, self.widths[python] - GAP, NAME_SIZE)
                yield Text(text, self._x(column + 0.5), first + LINE * at, "center")

    def _locks(self) -> Iterator[Text]:
        for column, python in enumerate(self.pythons):
            if lock := self.matrix.gil(python):
                yield Text(f"GIL {lock}", self._x(column + 0.5), self.above - ABOVE - LINE / 2, "center", FAINT)

    def _names(self) -> Iterator[Text]:
        return (Text(name, 0, self._y(row) + ROW / 2) for row, name in enumerate(self.names.values()))

    def _numbers(self) -> Iterator[Text]:
        for row, column, _, one in self._cells():
            if text := _large(self.matrix, one):
                yield Text(text, self._x(column + 0.5) - GAP / 2, self._y(row) + 15, "center")

    def _smalls(self) -> Iterator[Text]:
        for row, column, python, one in self._cells():
            if text := shortened(_small(self.matrix, python, one), self.widths[python] - GAP, SMALL_SIZE):
                failed = one.wall_s is None
                y = self._y(row) + (ROW / 2 if failed else 32)
                x = self._x(column + 0.5) + (MARK / 2 if self._has_a_mark(one) else 0)
                yield Text(text, x - GAP / 2, y, "center", FAINT if failed else INK)

    def _has_a_mark(self, summary: Summary) -> bool:
        return summary.verdict is not None and not summary.is_baseline and not _further_worker(self.matrix, summary)

    def _marks(self) -> list[Layer]:
        """Those of the map, so that what is parallel can be told without colour."""
        values = [
            {
                "x": round(self._x(column + 0.5) - text_width(_small(self.matrix, python, one), SMALL_SIZE) / 2 - 1, 1),
                "y": round(self._y(row) + 31.5, 1),
                "shape": LOOKS[one.verdict or Verdict.ONE_AT_A_TIME].shape,
                "fill": LOOKS[one.verdict or Verdict.ONE_AT_A_TIME].colour,
            }
            for row, column, python, one in self._cells()
            if self._has_a_mark(one)
        ]
        if not values:
            return []
        mark = {"type": "point", "size": 55, "opacity": 1, "strokeWidth": 0, "tooltip": None}
        encoding = {"x": pixel("x"), "y": pixel("y"), "shape": as_given("shape"), "fill": as_given("fill")}
        return [{"data": {"values": values}, "mark": mark, "encoding": encoding}]


def shade(estimate: Estimate | None, most: float = 2.0) -> str:
    """The greater the ratio the darker, on a logarithmic scale; white where no difference was seen."""
    if estimate is None or estimate.shows_a_difference is False or not 0 < estimate.value < math.inf:
        return PLAIN
    part = min(1.0, abs(math.log(estimate.value)) / math.log(most))
    end = FASTER if estimate.value > 1 else SLOWER
    return "#" + "".join(f"{round(255 + part * (channel - 255)):02x}" for channel in end)
