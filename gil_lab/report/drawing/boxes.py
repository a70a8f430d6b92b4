"""Rectangles and lines in pixels."""

from gil_lab.model.frozen import frozen
from gil_lab.report.drawing.labels import LINE, SIZE, text_width

Line = tuple[float, float, float, float]
"""x and y of its beginning, x and y of its end."""


@frozen
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
        beside = self.left >= other.right or other.left >= self.right
        return not (beside or self.top >= other.bottom or other.top >= self.bottom)

    def inside(self, other: "Box") -> bool:
        beside = other.left <= self.left and self.right <= other.right
        return beside and other.top <= self.top and self.bottom <= other.bottom

    def crossed(self, line: Line) -> bool:
        """Whether the line runs through it (Liang and Barsky 1984)."""
        x, y, to_x, to_y = line
        left, top, right, bottom = self.left, self.top, self.right, self.bottom
        # Most lie beside it, of the hundreds of thousands that are looked at for a plot: no call of a function yet.
        if (x <= left and to_x <= left) or (x >= right and to_x >= right):
            return False
        if (y <= top and to_y <= top) or (y >= bottom and to_y >= bottom):
            return False
        first, last = 0.0, 1.0
        for at, step, low, high in ((x, to_x - x, left, right), (y, to_y - y, top, bottom)):
            if step:
                ends = ((low - at) / step, (high - at) / step)
                first, last = max(first, min(ends)), min(last, max(ends))
            elif not low < at < high:
                return False
        return first < last

    def grown(self, pixels: float) -> "Box":
        return Box(self.left - pixels, self.top - pixels, self.right + pixels, self.bottom + pixels)

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


def text_box(text: str, x: float, y: float, size: float = SIZE, *, bold: bool = False) -> Box:
    """What a line of text covers that begins at x, and whose middle is at height y."""
    half = size * LINE / 2
    return Box(x, y - half, x + text_width(text, size, bold=bold), y + half)
