"""How large a share of many is, with its 95 % interval.

The interval is that of Clopper and Pearson 1934, The use of confidence or fiducial limits illustrated in the case of
the binomial, Biometrika 26, with the beta distribution, so that numbers of successes may be fractions. It is rather too
wide than too narrow. Rejected: Wilson's, which is narrower on average but holds too little near 0.
"""

from gil_lab.analysis.contrasts.student import incomplete_beta
from gil_lab.model.frozen import frozen

NOMINAL = 0.05
"""Of intervals that hold 95 % of the time."""
HALVINGS = 60


@frozen
class Proportion:
    """With its 95 % interval."""

    value: float
    low: float
    high: float


def proportion(value: float, independent: int) -> Proportion:
    """With the interval of so many independent trials."""
    successes = min(float(independent), value * independent)
    failures = independent - successes
    low = _beta_quantile(NOMINAL / 2, successes, failures + 1) if successes else 0.0
    high = _beta_quantile(1 - NOMINAL / 2, successes + 1, failures) if failures else 1.0
    return Proportion(value, min(low, value), max(high, value))


def _beta_quantile(share: float, a: float, b: float) -> float:
    """By halving: it is done a few times a report at most."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if incomplete_beta(middle, a, b) < share else (low, middle)
    return (low + high) / 2
