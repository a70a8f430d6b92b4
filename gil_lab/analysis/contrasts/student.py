"""Student's t for any number of degrees of freedom, whole or not; scipy would take a second to import.

Sources: NIST Digital Library of Mathematical Functions, 8.17 (the incomplete beta function and its continued
fraction, https://dlmf.nist.gov/8.17#v); Lentz 1976, Generating Bessel functions in Mie scattering calculations using
continued fractions, Applied Optics 15 (how to add it up).
"""

import math
from statistics import NormalDist

MOST_FREEDOM = 1e4
"""Beyond it the distribution is normal for all that is shown here."""
PRECISION = 1e-10
TINY = 1e-300
MOST_STEPS = 1000


def two_sided_p(t: float, freedom: float) -> float:
    """How often chance alone brings a value at least as far from 0 as `t`."""
    freedom = min(freedom, MOST_FREEDOM)
    return incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


def quantile(freedom: float, level: float = 0.95) -> float:
    """The distance from 0 within which this share of the values lies.

    Newton's steps from the normal quantile: it is smaller, and from there on the share outside is convex, so that no
    step leads too far.
    """
    freedom = min(freedom, MOST_FREEDOM)
    outside = 1 - level
    t = NormalDist().inv_cdf((1 + level) / 2)
    for _ in range(MOST_STEPS):
        step = (two_sided_p(t, freedom) - outside) / (2 * _density(t, freedom))
        t += step
        if abs(step) < PRECISION * t:
            break
    return t


def _density(t: float, freedom: float) -> float:
    scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(math.pi * freedom) / 2
    return math.exp(scale - (freedom + 1) / 2 * math.log1p(t * t / freedom))


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Regularised."""
    if x >= 1:
        return 1.0
    if x <= 0:
        return 0.0
    if x > (a + 1) / (a + b + 2):  # there the fraction converges slowly
        return 1 - incomplete_beta(1 - x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(scale) / a / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """Continued: 1 + d1 / (1 + d2 / (1 + ...))."""
    value = numerator = 1.0
    denominator = 0.0
    for step in range(1, MOST_STEPS):
        m, odd = divmod(step, 2)
        coefficient = -(a + m) * (a + b + m) * x if odd else m * (b - m) * x
        coefficient /= (a + step - 1) * (a + step)
        denominator = 1 / ((1 + coefficient * denominator) or TINY)
        numerator = (1 + coefficient / numerator) or TINY
        value *= numerator * denominator
        if abs(numerator * denominator - 1) < PRECISION:
            break
    return value
