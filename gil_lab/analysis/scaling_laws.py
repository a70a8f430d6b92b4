"""Laws of scaling, fitted to the wall times of the same work with ever more workers.

    Amdahl                      T(N) = p / N + s
    Gustafson                   1 / T(N) = p N + s
    universal scalability law   T(N) = p / N + s + k (N - 1)

p is what the workers share out, s what one does while the others wait, k by how much each further worker makes the work
longer: what it has to agree on with every other one (crosstalk, or coherency). None of them is negative. Divided by
T(1) they are the parameters of the papers: with the serial share s / (p + s) and the crosstalk k / (p + s) the speed-up
of the universal law is N / (1 + serial (N - 1) + crosstalk N (N - 1)), and it is fastest with sqrt(p / k) workers.
Gustafson's law is of work that grows with the workers; of work that is always the same, as here, it is a straight line
through the speed-ups.

Sources: Amdahl 1967, Validity of the single processor approach to achieving large scale computing capabilities, AFIPS
30; Gustafson 1988, Reevaluating Amdahl's law, Communications of the ACM 31; Gunther 1993, A simple capacity model of
massively parallel transaction systems, CMG Proceedings, and 2007, Guerrilla Capacity Planning, Springer, chapter 4.

All are linear in p, s and k, so they are fitted by linear least squares, to relative deviations: noise is a part of the
time that it disturbs. Intervals are Student's over what the fit leaves, and of ratios of parameters Fieller's (1954,
Some problems in interval estimation, Journal of the Royal Statistical Society B 16), which are exact also where a
parameter may be 0. Rejected: the intervals of the speed-ups themselves, which know the noise but not how far the law is
from the truth; resampled rounds, for the same reason; the fit to Gunther's transformed speed-ups, in which the largest
pools outweigh the others.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from gil_lab.analysis.contrasts import student
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.frozen import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.floating]

REWEIGHTED = 3
"""Times: deviations are relative to what is fitted, which is not known before the fit."""
EXACT = 1e-12
"""A relative deviation that is only of rounding."""


@frozen
class Law:
    name: str
    terms: tuple[Callable[[float], float], ...]
    """What p, s and, if there is one, k are multiplied by, with so many workers."""
    of_speed: bool = False
    """Whether they add up to the speed, and not to its inverse, the wall time."""

    def row(self, workers: float) -> list[float]:
        return [term(workers) for term in self.terms]


AMDAHL = Law("Amdahl", (lambda workers: 1 / workers, lambda _: 1.0))
GUSTAFSON = Law("Gustafson", (lambda workers: workers, lambda _: 1.0), of_speed=True)
UNIVERSAL = Law("universal", (*AMDAHL.terms, lambda workers: workers - 1))
LAWS = (UNIVERSAL, AMDAHL, GUSTAFSON)


@frozen
class Fit:
    law: Law
    parameters: tuple[float, ...]
    """p, s and, if the law has it, k: those that are at least 0 and fit best."""
    free: tuple[float, ...]
    """The same if they may be negative, which the intervals are made of."""
    covariance: tuple[tuple[float, ...], ...]
    """Of these."""
    deviation: float
    """Standard deviation of a measured value from the law, as a part of it."""
    freedom: int

    @property
    def serial(self) -> Estimate:
        """The share of the work of one worker that only one can do at a time."""
        found = self._ratio((0, 1), (1, 1))
        return replace(found, high=min(1.0, found.high or 1.0))

    @property
    def crosstalk(self) -> Estimate | None:
        """What each pair of workers adds to the work, as a share of it; None if the law has none."""
        return self._ratio((0, 0, 1), (1, 1, 0)) if len(self.parameters) == len(UNIVERSAL.terms) else None

    @property
    def fastest(self) -> Estimate | None:
        """The number of workers with which it is fastest, infinite if more always gain; None if no law can say."""
        if len(self.parameters) < len(UNIVERSAL.terms):
            return None
        squared = self._ratio((1, 0, 0), (0, 0, 1))
        low, high = squared.low, squared.high
        assert low is not None
        assert high is not None
        value, low, high = (max(1.0, math.sqrt(each)) for each in (squared.value, low, high))
        return Estimate(value, low, high)

    def wall(self, workers: float) -> float:
        """In the unit of the times that it was fitted to."""
        value = _dot(self.law.row(workers), self.parameters)
        return 1 / value if self.law.of_speed else value

    def predicted(self, workers: int) -> Estimate:
        """The wall time, with the interval within which 95 of 100 measured ones would lie."""
        row = self.law.row(workers)
        middle, value = _dot(row, self.free), _dot(row, self.parameters)
        error = math.sqrt(self._covariance(row, row) + (self.deviation * value) ** 2)
        reach = student.quantile(self.freedom) * error
        ends = min(value, middle - reach), max(value, middle + reach)
        if self.law.of_speed:
            high, low = (1 / end if end > 0 else math.inf for end in ends)
            return Estimate(1 / value, low, high)
        return Estimate(value, max(0.0, ends[0]), ends[1])

    def _covariance(self, first: "tuple[float, ...] | list[float]", second: "tuple[float, ...] | list[float]") -> float:
        return sum(a * b * self.covariance[i][j] for i, a in enumerate(first) for j, b in enumerate(second))

    def _ratio(self, over: tuple[float, ...], under: tuple[float, ...]) -> Estimate:
        """Of two sums of parameters, with the factors of each; neither it nor its interval is negative."""
        above, below = _dot(over, self.parameters), _dot(under, self.parameters)
        value = above / below if below > 0 else math.inf
        low, high = self._fieller(over, under)
        return Estimate(value, min(value, max(0.0, low)), max(value, high))

    def _fieller(self, over: tuple[float, ...], under: tuple[float, ...]) -> tuple[float, float]:
        """All ratios that are not contradicted, which is no bounded interval where the divisor may be 0."""
        squared = student.quantile(self.freedom) ** 2
        above, below = _dot(over, self.free), _dot(under, self.free)
        a = below**2 - squared * self._covariance(under, under)
        b = above * below - squared * self._covariance(over, under)
        c = above**2 - squared * self._covariance(over, over)
        inside = b * b - a * c
        if a > 0:
            reach = math.sqrt(max(0.0, inside))
            return (b - reach) / a, (b + reach) / a
        if a == 0 or inside < 0:
            return 0.0, math.inf
        first, second = sorted(((b - math.sqrt(inside)) / a, (b + math.sqrt(inside)) / a))
        # what lies between the two is contradicted
        return (second, math.inf) if first < 0 < second else (0.0, math.inf)


def fit(law: Law, walls: Mapping[int, float]) -> Fit:
    """The law that fits these wall times best, by the number of workers, of which it takes more than it has terms.

    Raises ValueError for fewer.
    """
    import numpy as np

    freedom = len(walls) - len(law.terms)
    if freedom < 1:
        raise ValueError(f"{law.name} takes more than {len(law.terms)} numbers of workers, not {len(walls)}")
    rows = np.array([law.row(workers) for workers in walls])
    values = np.array([1 / wall if law.of_speed else wall for wall in walls.values()])
    weights = 1 / values
    for _ in range(REWEIGHTED):
        free = _least_squares(rows, values, weights)
        fitted = rows @ free
        weights = 1 / np.where(fitted > 0, fitted, values)
    variance = float(np.sum(np.square((values - rows @ free) * weights))) / freedom
    weighted = rows * weights[:, None]
    covariance = variance * np.linalg.pinv(weighted.T @ weighted)  # as rounding may make it singular
    return Fit(
        law,
        tuple(map(float, _at_least_0(rows, values, weights))),
        tuple(map(float, free)),
        tuple(tuple(map(float, line)) for line in covariance),
        math.sqrt(variance) if variance > EXACT**2 else 0.0,
        freedom,
    )


def _least_squares(rows: "Numbers", values: "Numbers", weights: "Numbers") -> "Numbers":
    import numpy as np

    found: Numbers = np.linalg.lstsq(rows * weights[:, None], values * weights, rcond=None)[0]
    return found


def _at_least_0(rows: "Numbers", values: "Numbers", weights: "Numbers") -> "Numbers":
    """The best of the fits in which some parameters are 0 and no other one is negative: there are six at most.

    p and s are not both 0: one worker takes some time.
    """
    import numpy as np

    count = rows.shape[1]
    best, least = np.zeros(count), math.inf
    for size in range(1, count + 1):
        for kept in map(list, combinations(range(count), size)):
            if min(kept) > 1:
                continue
            found = np.zeros(count)
            found[kept] = _least_squares(rows[:, kept], values, weights)
            distance = float(np.sum(np.square((values - rows @ found) * weights)))
            if np.all(found >= 0) and distance < least:
                best, least = found, distance
    return best


def _dot(factors: "tuple[float, ...] | list[float]", parameters: tuple[float, ...]) -> float:
    return sum(factor * parameter for factor, parameter in zip(factors, parameters, strict=False))
