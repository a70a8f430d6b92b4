"""What is known of the ratio of two cells, on the scale of logarithms."""

import math
from dataclasses import replace

from gil_lab.analysis.contrasts import student
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.frozen import frozen

WIDEST = math.log(1e6)
"""Limit of ratios: beyond it lies an edited file, or an interval that says nothing anyway."""


@frozen
class Contrast:
    """How much longer one cell takes than another; its error is None where there are too few rounds to know it."""

    log_ratio: float
    error: float | None
    """Standard error of `log_ratio`."""
    freedom: float
    """Degrees of freedom of that error."""
    rounds: int
    """The rounds that it comes from, in which both cells had a turn."""
    generations: int
    flagged: bool = False
    """Whether flagged turns were used, because too few others remained."""
    assumed: bool = False
    """Whether the variance between processes is an assumption: too few generations showed it."""

    @property
    def inverse(self) -> "Contrast":
        """The same with the two cells swapped."""
        return replace(self, log_ratio=0.0 - self.log_ratio)

    @property
    def p(self) -> float | None:
        """How often chance alone would show a difference at least as large; None without an error."""
        if self.error is None:
            return None
        if self.error == 0:
            return float(self.log_ratio == 0)
        return student.two_sided_p(self.log_ratio / self.error, self.freedom)

    def reach(self, level: float = 0.95) -> float | None:
        """How far the interval goes on either side of `log_ratio`; None without an error."""
        return None if self.error is None else student.quantile(self.freedom, level) * self.error

    def estimate(self, level: float = 0.95) -> Estimate:
        """The ratio with its interval."""
        reach = self.reach(level)
        if reach is None:
            return Estimate(_exp(self.log_ratio), None, None, flagged=self.flagged)
        low, high = _exp(self.log_ratio - reach), _exp(self.log_ratio + reach)
        return Estimate(_exp(self.log_ratio), low, high, flagged=self.flagged)


def _exp(log: float) -> float:
    """The exponential of the opposite is the exact inverse."""
    within = min(WIDEST, abs(log))
    return math.exp(within) if log >= 0 else 1 / math.exp(within)
