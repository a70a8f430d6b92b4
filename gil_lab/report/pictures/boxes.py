"""Rectangles in pixels, and which of a plot's pixels they take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gil_lab.report.pictures.labels import LINE, SIZE, text_width

GRAIN = 2
"""Pixels of the squares in which it is noted what is taken."""

Line = tuple[float, float, float, float]
"""x and y of its beginning, x and y of its end."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half-way down."""
        return (self.top + self.bottom) / 2

    def overlaps(self, other: "Box") -> bool:
        apart = self.left >= other.right or other.left >= self.right
        return not (apart or self.top >= other.bottom or other.top >= self.bottom)

    def inside(self, other: "Box") -> bool:
        beside = other.left <= self.left and self.right <= other.right
        return beside and other.top <= self.top and self.bottom <= other.bottom

    def pushed_into(self, other: "Box") -> "Box":
        """Moved by what it sticks out of `other`, if it fits in there at all."""
        right = max(0, other.left - self.left) + min(0, other.right - self.right)
        down = max(0, other.top - self.top) + min(0, other.bottom - self.bottom)
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Its point that is nearest to (x, y)."""
        return min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)


def around(x: float, y: float, reach: float) -> Box:
    """The square of a mark that reaches so many pixels to each side of its middle."""
    return Box(x - reach, y - reach, x + reach, y + reach)


def along(line: Line, reach: float = 1) -> list[Box]:
    """Small boxes that a line runs through."""
    x, y, to_x, to_y = line
    steps = max(1, math.ceil(math.dist((x, y), (to_x, to_y)) / reach / 2))
    return [around(x + (to_x - x) * k / steps, y + (to_y - y) * k / steps, reach) for k in range(steps + 1)]


class Squares:
    """Which parts of a plot are taken: a bit a square, an integer a row. Much faster than asking each box."""

    def __init__(self, plot: Box, boxes: Sequence[Box] = ()) -> None:
        self._plot = plot
        self._rows = [0] * (math.ceil((plot.bottom - plot.top) / GRAIN) + 1)
        for box in boxes:
            self.fill(box)

    def copy(self) -> "Squares":
        same = Squares(self._plot)
        same._rows = self._rows.copy()
        return same

    def fill(self, box: Box) -> None:
        rows, bits = self._of(box)
        for row in rows:
            self._rows[row] |= bits

    def hit(self, box: Box) -> bool:
        """Whether the box lies over anything, to the next square: touching may count."""
        rows, bits = self._of(box)
        for row in rows:  # noqa: SIM110 - twice as fast as any()
            if self._rows[row] & bits:
                return True
        return False

    def crossed(self, line: Line) -> int:
        """How much of a line within the plot lies over anything: points of it, two squares apart."""
        x, y, to_x, to_y = line
        steps = max(1, round(math.dist((x, y), (to_x, to_y)) / GRAIN / 2))
        left, top = x - self._plot.left, y - self._plot.top
        right, down = (to_x - x) / steps, (to_y - y) / steps
        return sum(
            self._rows[int((top + down * step) / GRAIN)] >> int((left + right * step) / GRAIN) & 1
            for step in range(steps + 1)
        )

    def _of(self, box: Box) -> tuple[range, int]:
        left = max(0, math.floor((box.left - self._plot.left) / GRAIN))
        right = max(left, math.ceil((box.right - self._plot.left) / GRAIN))
        top = max(0, math.floor((box.top - self._plot.top) / GRAIN))
        bottom = min(len(self._rows), math.ceil((box.bottom - self._plot.top) / GRAIN))
        return range(top, bottom), ((1 << (right - left)) - 1) << left


def text_box(text: str, x: float, y: float, size: float = SIZE, *, bold: bool = False) -> Box:
    """What a line of text covers that begins at x, and whose middle is at height y."""
    half = size * LINE / 2
    return Box(x, y - half, x + text_width(text, size, bold=bold), y + half)
