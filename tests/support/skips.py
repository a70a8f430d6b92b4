"""Which skips are expected, and which are not."""

import re
from collections import Counter

from places import TESTS

EXPECTED = TESTS / "skips_expected.txt"
WITHOUT_OTHER_PYTHONS = ".*GIL_LAB_PYTHONS.*"
"""Where that variable names none, each test that needs one is skipped."""


def listed(text, pythons):
    """Patterns, each of a whole reason: the lines that are no comments."""
    lines = [line.strip() for line in text.splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    return patterns if pythons else [*patterns, WITHOUT_OTHER_PYTHONS]


def unlisted(reasons, patterns):
    """The reasons that no pattern describes, and how often each was given."""
    return {
        reason: number
        for reason, number in Counter(reasons).items()
        if not any(re.fullmatch(pattern, reason) for pattern in patterns)
    }
