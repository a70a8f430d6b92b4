"""Estimates with 95 % intervals: of ratios that are paired within rounds, and of plain numbers."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import field, replace
from typing import Annotated, Self

from gil_lab.analysis.distinctions import THRESHOLD, Distinction
from gil_lab.model.columns import in_columns
from gil_lab.model.frozen import frozen
from gil_lab.model.text import number

# Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom (Student 1908; any table).
T_95 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
WIDEST = math.log(1e300)
"""Half an interval on logarithms; floats hold little more."""


@frozen
class Estimate:
    """A ratio with its 95 % interval; without one if there was a single round."""

    value: float
    low: float | None
    high: float | None
    distinction: Annotated[Distinction | None, in_columns()] = field(default=None, compare=False)
    """What is known of the difference among all those that are looked at together; None where its own interval tells,
    as in sessions of an older gil-lab."""
    threshold: Annotated[float, in_columns()] = field(default=THRESHOLD, compare=False)
    """Of that distinction: from where on a difference matters."""
    flagged: Annotated[bool, in_columns()] = field(default=False, compare=False)
    """Whether flagged rounds were used, on either side, because too few others remained."""

    def __repr__(self) -> str:
        """As reports have it: `<1.93 [1.90, 1.96]>`."""
        numbers = f"{number(self.value)}"
        if self.low is not None and self.high is not None:
            numbers += f" [{number(self.low)}, {number(self.high)}]"
        return f"<{numbers}{', flagged' * self.flagged}>"

    def within(self, least: float, most: float | None) -> Self:
        """Without the part of the interval where the number cannot be: the rest covers it as often."""
        if self.low is None or self.high is None:
            return self
        return replace(self, low=max(least, self.low), high=self.high if most is None else min(most, self.high))

    @property
    def of_itself(self) -> bool:
        """Whether a reference was compared with itself: then each ratio is exactly 1."""
        return self.value == 1 and self.low in (1, None)

    @property
    def shows_a_difference(self) -> bool | None:
        """Whether the interval excludes 1, or what is known beyond it; None if there is no interval."""
        if self.low is None or self.high is None:
            return None
        if self.distinction is not None:
            return self.distinction is Distinction.DIFFERENT
        return not self.low <= 1 <= self.high

    @property
    def is_negligible(self) -> bool:
        """Whether the difference is known to be smaller than one that matters."""
        return self.distinction is Distinction.NEGLIGIBLE

    @property
    def half_width(self) -> float | None:
        """How far the interval reaches either way, as a part of the value: 0.05 is 5 %; None if there is no interval.

        From the middle of the interval it is as many times up as down: 0.05 stands for 1.05 times and 1 / 1.05 times.
        """
        if self.low is None or self.high is None:
            return None
        if self.low <= 0 or self.high == math.inf:
            return math.inf
        return math.expm1(min(WIDEST, (math.log(self.high) - math.log(self.low)) / 2))

    @property
    def reach(self) -> float | None:
        """How far the interval reaches from the value, on the side where it reaches further, as a part of the value:
        that much less and more than the value holds all of it. None if there is no interval.
        """
        if self.low is None or self.high is None:
            return None
        return max(self.high - self.value, self.value - self.low) / self.value if self.value > 0 else math.inf


def estimate(ratios: Sequence[float]) -> Estimate:
    """Median and interval of paired ratios, one a round.

    The interval is Student's for the mean of the logarithms, stretched to hold the median. Rejected: the bootstrap,
    which is too narrow for the three to ten rounds that people have the patience for.
    """
    logs = [math.log(ratio) for ratio in ratios]
    middle = math.sqrt(statistics.median_low(ratios) * statistics.median_high(ratios))  # a ratio's own middle
    center, reach = _mean_and_reach(logs)
    if reach is None:
        return Estimate(middle, None, None)
    return Estimate(middle, min(middle, math.exp(center - reach)), max(middle, math.exp(center + reach)))


def interval(values: Sequence[float]) -> Estimate:
    """Median and interval of values that may be 0: Student's for their mean, stretched to hold the median."""
    middle = float(statistics.median(values))
    center, reach = _mean_and_reach(values)
    return (
        Estimate(middle, None, None)
        if reach is None
        else Estimate(middle, min(middle, center - reach), max(middle, center + reach))
    )


def _mean_and_reach(values: Sequence[float]) -> tuple[float, float | None]:
    """The mean, and how far the 95 % interval reaches from it; None for a single value."""
    count = len(values)
    center = statistics.fmean(values)
    if count < 2:  # noqa: PLR2004 - a spread needs two
        return center, None
    freedom = count - 1
    quantile = T_95[freedom - 1] if freedom <= len(T_95) else 1.96 + 2.4 / freedom
    spread = math.dist(values, [center] * count) / math.sqrt(freedom)  # statistics.stdev is exact, and 20 times slower
    return center, quantile * spread / math.sqrt(count)
