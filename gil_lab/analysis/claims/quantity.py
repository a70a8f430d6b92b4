"""A measured number with its 95 % interval, and how a claim about it is judged."""

from dataclasses import replace

from gil_lab.analysis.claims.judgement import Judgement, Outcome
from gil_lab.analysis.estimates import Estimate
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext, gettext_noop
from gil_lab.model.text import amount, number

RATIO = "x"
"""The unit of how many times as much one is as the other."""
SINGLE_ROUND = gettext_noop("one round has no interval")
TOO_NOISY = gettext_noop("too noisy, the interval holds the limit: use {remedy}")
TOO_FEW = gettext_noop("too few, the interval holds the limit: measure {remedy}")
"""Of a share of things that were counted: however exact, a few tell little of others like them."""


@frozen
class Quantity:
    """What was measured, over the rounds of a session."""

    value: float
    low: float | None
    """The 95 % interval; None if there was a single round."""
    high: float | None
    unit: str = ""
    of: str = ""
    """What it was measured of."""
    factor: float = 1.0
    """From the number to what is shown in that unit."""
    remedy: str = "more --rounds"
    """What a user asks for so that it is known better."""
    without_interval: str = SINGLE_ROUND
    """Why it has no interval, if it has none."""
    undecided: str = TOO_NOISY
    """Why its interval may be too wide, with what to do."""

    def __str__(self) -> str:
        called = f"{self.of} " if self.of else ""
        if self.low == self.value == self.high and self.factor == 1 and self.unit != RATIO:
            return f"{called}{amount(self.value)}{self.unit}"  # what is counted
        if self.low is None or self.high is None or self.low == self.value == self.high:
            return f"{called}{self._shown(self.value)}{self.unit}"
        return f"{called}{self._shown(self.value)}{self.unit} [{self._shown(self.low)}, {self._shown(self.high)}]"

    def lost_of(self, ceiling: "Quantity", of: str) -> "Quantity":
        """Which part of a ceiling this speed-up lacks: 0.4 where it is six tenths of it, below 0 where it is more.

        They are of different cells, so their errors are independent. `of` says what this speed-up was measured of.
        """
        from gil_lab.analysis.comparison.ratios import of_speedups

        low: float | None = None
        high: float | None = None
        part = of_speedups(
            Estimate(ceiling.value, ceiling.low, ceiling.high), Estimate(self.value, self.low, self.high)
        )
        if part is not None and part.low is not None and part.high is not None:
            low, high = 1 - part.high, 1 - part.low
        return replace(
            ceiling if ceiling.low is None else self,  # whichever says why there is no interval
            value=1 - self.value / ceiling.value,
            low=low,
            high=high,
            unit=" " + gettext("% of {ceiling}x lost").format(ceiling=number(ceiling.value)),
            of=of,
            factor=100,
        )

    def _shown(self, value: float) -> str:
        return number(self.factor * value)

    def _limit(self, limit: float) -> str:
        """As it was claimed: with the digits that were written."""
        return f"{self.factor * limit:.4g}"

    def below(self, limit: float) -> Judgement:
        """Whether it is; holds if the whole interval is below, does not hold if none of it is."""
        return self._judged(None, limit, gettext("claimed below {limit}").format(limit=self._limit(limit)))

    def above(self, limit: float) -> Judgement:
        return self._judged(limit, None, gettext("claimed above {limit}").format(limit=self._limit(limit)))

    def between(self, low: float, high: float) -> Judgement:
        claimed = gettext("claimed {low} to {high}").format(low=self._limit(low), high=self._limit(high))
        return self._judged(low, high, claimed)

    def _judged(self, least: float | None, most: float | None, claimed: str) -> Judgement:
        measured = f"{self} ({claimed})"
        if self.low is None or self.high is None:
            seen = (least is None or self.value > least) and (most is None or self.value < most)
            look = gettext("{claimed}, and so it looks") if seen else gettext("{claimed}, and it does not look so")
            measured = f"{self} ({look.format(claimed=claimed)})"
            return Judgement(Outcome.INCONCLUSIVE, measured, gettext(self.without_interval))
        if (least is None or self.low > least) and (most is None or self.high < most):
            return Judgement(Outcome.HOLDS, measured)
        if (least is not None and self.high <= least) or (most is not None and self.low >= most):
            return Judgement(Outcome.FAILS, measured)
        reason = gettext(self.undecided).format(remedy=gettext(self.remedy))
        return Judgement(Outcome.INCONCLUSIVE, measured, reason)
