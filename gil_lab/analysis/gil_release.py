"""Whether what ran lets go of the GIL, by the share of its time in which it does not hold it."""

from enum import StrEnum

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
    NO_GIL = "no GIL"
    UNKNOWN = "unknown"


def release_of(released_share: float) -> GilRelease:
    if released_share < HARDLY:
        return GilRelease.NO
    return GilRelease.YES if released_share >= MOSTLY else GilRelease.PARTLY
