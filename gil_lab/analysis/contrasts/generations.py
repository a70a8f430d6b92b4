"""The mean of each generation, in which single turns that went wrong weigh little.

Source: Huber 1964, Robust estimation of a location parameter, Annals of Mathematical Statistics 35 (the mean of values
that are cut at a multiple of their spread, and its variance). No value is removed: one that is cut still pulls.
Rejected, by simulation: the plain mean, twice as wide with one outlier in twenty; the median, a tenth wider
where there is none; the minimum and rank tests, which compare something else than typical times.
"""

import math
import statistics
from collections.abc import Sequence

from gil_lab.model.frozen import frozen

CUT = 1.345
"""Standard deviations: normal values lose a twentieth of their efficiency (Huber's own choice for that)."""
NORMAL = 1.4826
"""Standard deviations in a median absolute deviation of normal values."""
ITERATIONS = 4


@frozen
class GenerationMeans:
    means: tuple[float, ...]
    counts: tuple[int, ...]
    """Rounds of each."""
    variance: float
    """Of a round, within generations; 0 if every generation has a single round."""

    @property
    def rounds(self) -> int:
        return sum(self.counts)

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the variance within generations."""
        return self.rounds - len(self.counts)

    @property
    def freedom_between(self) -> int:
        return len(self.counts) - 1

    @property
    def variance_of_a_mean(self) -> float:
        """What the variance within generations adds to the variance of their means, on average."""
        return self.variance * statistics.fmean([1 / count for count in self.counts])


def generation_means(generations: Sequence[Sequence[float]]) -> GenerationMeans:
    counts = tuple(map(len, generations))
    rounds = sum(counts)
    freedom = rounds - len(counts)
    centers = [statistics.median(values) for values in generations]
    if not freedom:
        return GenerationMeans(tuple(centers), counts, 0.0)
    away = [
        abs(value - center)
        for values, center in zip(generations, centers, strict=True)
        if len(values) > 1
        for value in values
    ]
    # each generation's center is its own: the spread around it is smaller by as many degrees of freedom
    reach = CUT * NORMAL * statistics.median(away) * math.sqrt(len(away) / freedom) or math.inf
    for _ in range(ITERATIONS):
        centers = [
            sum([min(max(value, center - reach), center + reach) for value in values]) / len(values)
            for values, center in zip(generations, centers, strict=True)
        ]
    away = [abs(value - center) for values, center in zip(generations, centers, strict=True) for value in values]
    inside = sum([distance < reach for distance in away]) / rounds
    variance = sum([min(distance, reach) ** 2 for distance in away]) / freedom / inside**2
    return GenerationMeans(tuple(centers), counts, variance)
