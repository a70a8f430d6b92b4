"""Whether what ran lets go of the GIL, by the share of its time in which it does not hold it."""

from enum import StrEnum

from gil_lab.analysis.estimates import Estimate

HARDLY = 0.05
"""Of its time: who lets go for less lets two threads be 1.03 times as fast, for they gain 2 / (1 + held) at most
(Amdahl 1967): less than what a busy machine hides."""
MOSTLY = 0.8
"""Of its time: who lets go for so much lets two threads be 1.7 times as fast."""


class GilRelease(StrEnum):
    """In the order in which they are shown."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    INCONCLUSIVE = "inconclusive"
    NO_GIL = "no GIL"
    UNKNOWN = "unknown"


def release_of(released_share: float) -> GilRelease:
    if released_share < HARDLY:
        return GilRelease.NO
    return GilRelease.YES if released_share >= MOSTLY else GilRelease.PARTLY


def releases_within(released: Estimate) -> tuple[GilRelease, ...]:
    """All that its interval allows, from the least to the most; without an interval, any."""
    order = (GilRelease.NO, GilRelease.PARTLY, GilRelease.YES)
    if released.low is None or released.high is None:
        return order
    return order[order.index(release_of(released.low)) : order.index(release_of(released.high)) + 1]


def with_ready(released: Estimate, ready_share: float) -> Estimate:
    """With an interval that allows for anything in the share of its time in which the thread waited for a core.

    It then goes on holding the GIL, or not: so a share that is seen is that of the call only if both would have taken
    longer alike.
    """
    if released.low is None or released.high is None:
        return released
    ran = 1 - ready_share
    if ran <= 0:
        return Estimate(released.value, 0.0, 1.0)
    low, high = 1 - (1 - released.low) / ran, 1 - (1 - released.high - ready_share) / ran
    return Estimate(released.value, max(0.0, low), min(1.0, high))
