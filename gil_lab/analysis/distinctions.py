"""What is known of the difference between two cells, and from where on differences matter."""

from enum import StrEnum

THRESHOLD = 0.02
"""Smaller differences do not matter, unless the user has another threshold: a share, of which 0.02 is 2 %."""


class Distinction(StrEnum):
    """What is known of the difference between two cells."""

    DIFFERENT = "different"
    NEGLIGIBLE = "differs by less than the threshold"
    """The whole interval lies within the threshold."""
    NOT_SEEN = "no difference seen"
    """It may be there, and it may matter: the interval is too wide to tell."""
