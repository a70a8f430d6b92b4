"""Variances moderated over many: how much they differ beyond chance, and so how much to trust each of them alone.

Source: Smyth 2004, Linear models and empirical Bayes methods for assessing differential expression in microarray
experiments, Statistical Applications in Genetics and Molecular Biology 3, section 6.2.
"""

import math
import statistics
from collections.abc import Sequence

from gil_lab.model.frozen import frozen

LEAST = 1e-6
"""A variance of 0 has no logarithm."""
MOST_FREEDOM = 1e6
SMALL = 6.0
"""Below it the asymptotic series are not precise, and the recurrences lead upward."""


@frozen
class Prior:
    """What is expected of a variance before it is seen."""

    scale: float
    freedom: float
    """Degrees of freedom that the expectation counts for: many if all variances are alike."""


def prior(variances: Sequence[float], freedoms: Sequence[int], correlation: float) -> Prior:
    """From at least two variances and their degrees of freedom.

    `correlation` is the mean one of two of the variances: where it is positive, they differ less than independent ones.
    """
    logs = [
        math.log(max(variance, LEAST)) - _digamma(freedom / 2) + math.log(freedom / 2)
        for variance, freedom in zip(variances, freedoms, strict=True)
    ]
    by_chance = statistics.fmean([_trigamma(freedom / 2) for freedom in freedoms])
    beyond_chance = statistics.variance(logs) / (1 - correlation) - by_chance
    mean = statistics.fmean(logs)
    if beyond_chance <= _trigamma(MOST_FREEDOM / 2):
        return Prior(math.exp(mean), MOST_FREEDOM)
    half = _inverse_trigamma(beyond_chance)
    return Prior(math.exp(mean + _digamma(half) - math.log(half)), 2 * half)


def _digamma(x: float) -> float:
    below = 0.0
    while x < SMALL:
        below -= 1 / x
        x += 1
    square = 1 / (x * x)
    return below + math.log(x) - 0.5 / x - square * (1 / 12 - square * (1 / 120 - square / 252))


def _trigamma(x: float) -> float:
    below = 0.0
    while x < SMALL:
        below += 1 / (x * x)
        x += 1
    square = 1 / (x * x)
    return below + 1 / x + square / 2 + square / x * (1 / 6 - square * (1 / 30 - square / 42))


def _inverse_trigamma(value: float) -> float:
    """By halving the range of the logarithm: it is done once a session."""
    low, high = -30.0, math.log(MOST_FREEDOM)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _trigamma(math.exp(middle)) > value else (low, middle)
    return math.exp(high)
