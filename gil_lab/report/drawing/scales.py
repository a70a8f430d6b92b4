"""Scales: how far they go, and which numbers are written beside them."""

import math
from collections.abc import Sequence

from gil_lab.model.frozen import frozen

FARTHER = 2.0
"""How many times beyond the values a scale follows the intervals: after few rounds they can be absurdly wide."""
ROOM = 1.05
"""Beyond the ends."""
MAX_TICKS = 6
Interval = tuple[float | None, float | None]


@frozen
class Scale:
    """From the least to the greatest number that is drawn; an interval that goes beyond is cut."""

    least: float
    most: float

    @classmethod
    def over(cls, values: Sequence[float], intervals: Sequence[Interval] = ()) -> "Scale":
        """For the values, and the intervals as far as they are not out of all proportion."""
        least, most = min(values), max(values)
        lows = [low for low, _ in intervals if low is not None]
        highs = [high for _, high in intervals if high is not None]
        low, high = max(least / FARTHER, min([least, *lows])), min(most * FARTHER, max([most, *highs]))
        return cls(low / ROOM, high * ROOM)

    @property
    def domain(self) -> list[float]:
        """As Vega-Lite has it."""
        return [float(f"{end:.4g}") for end in (self.least, self.most)]

    def share(self, value: float) -> float:
        """How far along a logarithmic scale a value lies: 0 to 1."""
        return math.log(value / self.least) / math.log(self.most / self.least)

    def cut(self, value: float) -> float:
        return min(max(value, self.least), self.most)

    def holds(self, value: float) -> bool:
        return self.least <= value <= self.most

    def ticks(self) -> list[float]:
        """1, 2, 5, 10 and so on, of many only the powers of ten, of those every second or third."""
        powers = range(math.floor(math.log10(self.least)), math.ceil(math.log10(self.most)) + 1)
        fine = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
        for ticks in (fine, fine[::3]):
            shown = [tick for tick in ticks if self.holds(tick)]
            if len(shown) <= MAX_TICKS:
                return shown
        return shown[:: math.ceil(len(shown) / MAX_TICKS)]
