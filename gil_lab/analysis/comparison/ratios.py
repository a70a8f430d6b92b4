"""Ratios of two sessions with 95 % intervals. Their rounds were not neighbours in time, so nothing is paired here.

Sources: Welch 1947, The generalization of "Student's" problem when several different population variances are
involved, Biometrika 34; Satterthwaite 1946, An approximate distribution of estimates of variance components,
Biometrics Bulletin 2 (the degrees of freedom).
"""

import math
import statistics
from collections.abc import Sequence

from gil_lab.analysis.contrasts import Contrast
from gil_lab.analysis.estimates import T_95, Estimate

WIDEST = math.log(1e6)
"""Limit of ratios: beyond it lies an edited file, or two rounds that have nothing in common."""
ROUNDING = 1e-9
"""A whole number of degrees of freedom must not be rounded down to the one below."""


def of_walls(a: Sequence[float], b: Sequence[float]) -> Estimate | None:
    """How many times greater the wall times `a` are than `b`: the ratio of their medians and Welch's interval.

    The interval is that of the difference of the mean logarithms, stretched to hold the ratio of the medians. Degrees
    of freedom are rounded down, and 30 stand for more. None if there is a single round on either side: Student's t
    with one spread borrowed from the other session would be narrower than anybody knows it to be.
    """
    if min(len(a), len(b)) < 2:  # noqa: PLR2004 - a spread needs two
        return None
    logs_a, logs_b = ([math.log(value) for value in values] for values in (a, b))
    # of logarithms the median of two is their middle, so that the swapped sessions give the inverse
    middle = statistics.median(logs_a) - statistics.median(logs_b)
    center = statistics.fmean(logs_a) - statistics.fmean(logs_b)
    error_a, error_b = (statistics.variance(logs) / len(logs) for logs in (logs_a, logs_b))
    reach = 0.0
    if error_a + error_b > 0:
        freedom = _freedom(error_a / (error_a + error_b), len(a), len(b))
        reach = T_95[min(freedom, len(T_95)) - 1] * math.sqrt(error_a + error_b)
    return _estimate(middle, min(middle, center - reach), max(middle, center + reach))


def _freedom(share: float, count_a: int, count_b: int) -> int:
    """Welch and Satterthwaite's, of which `share` is A's part of the squared error; whole."""
    exact = 1 / (share**2 / (count_a - 1) + (1 - share) ** 2 / (count_b - 1))
    return math.floor(exact + ROUNDING)


def of_means(a: Sequence[float], b: Sequence[float]) -> Contrast | None:
    """How many times greater the wall times of A are, from the means of its generations and B's, all of logarithms.

    What is independent in a session is a generation: it has processes of its own. None if there is a single one on
    either side.
    """
    if min(len(a), len(b)) < 2:  # noqa: PLR2004 - a spread needs two
        return None
    error_a, error_b = (statistics.variance(means) / len(means) for means in (a, b))
    return _difference(
        statistics.fmean(a) - statistics.fmean(b), (error_a, len(a) - 1), (error_b, len(b) - 1), len(a) + len(b)
    )


def of_contrasts(a: Contrast, b: Contrast) -> Contrast | None:
    """How many times greater the speed-up `b` is than `a`; None where either has no error."""
    if a.error is None or b.error is None:
        return None
    errors = (b.error**2, b.freedom), (a.error**2, a.freedom)
    return _difference(b.log_ratio - a.log_ratio, *errors, a.generations + b.generations, a.rounds + b.rounds)


def _difference(
    log_ratio: float, one: tuple[float, float], other: tuple[float, float], generations: int, rounds: int = 0
) -> Contrast:
    """Of two independent values, each with its squared error and the degrees of freedom of that."""
    squared = one[0] + other[0]
    if not squared:
        return Contrast(log_ratio, 0.0, one[1] + other[1], rounds, generations)
    freedom = 1 / sum((error / squared) ** 2 / freedom for error, freedom in (one, other))
    return Contrast(log_ratio, math.sqrt(squared), freedom, rounds, generations)


def of_speedups(a: Estimate, b: Estimate) -> Estimate | None:
    """How many times greater the speed-up `b` is than `a`; None where either has no interval.

    They come from different rounds and are independent: the distances to the limits, of the logarithms, add in
    quadrature.
    """
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return None
    middle = _log(b.value, a.value)
    below = math.hypot(_log(b.value, b.low), _log(a.high, a.value))
    above = math.hypot(_log(b.high, b.value), _log(a.value, a.low))
    return _estimate(middle, middle - below, middle + above)


def _log(numerator: float, denominator: float) -> float:
    """Of a ratio that may be beyond what a float holds, where its parts are not."""
    return math.log(numerator) - math.log(denominator)


def _estimate(*logs: float) -> Estimate:
    value, low, high = (math.exp(min(WIDEST, max(-WIDEST, one))) for one in logs)
    return Estimate(value, low, high)
