"""Which of many pairs differ, by how much it matters, and with few false discoveries among those that are named.

Source: Benjamini and Hochberg 1995, Controlling the false discovery rate: a practical and powerful approach to multiple
testing, Journal of the Royal Statistical Society B 57. Pairs that share a cell depend on each other positively, which
keeps the rate (Benjamini and Yekutieli 2001, Annals of Statistics 29).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from gil_lab.analysis.contrasts.contrast import Contrast
from gil_lab.analysis.distinctions import THRESHOLD, Distinction
from gil_lab.analysis.estimates import Estimate

Key = TypeVar("Key")
RATE = 0.05


def family(contrasts: Mapping[Key, Contrast], threshold: float = THRESHOLD) -> dict[Key, Estimate]:
    """The ratios of pairs that are looked at together, each with what is known of its difference."""
    found = distinguish({key: one for key, one in contrasts.items() if one.error is not None}, threshold)
    return {
        key: replace(contrast.estimate(), distinction=found.get(key), threshold=threshold)
        for key, contrast in contrasts.items()
    }


def distinguish(
    contrasts: Mapping[Key, Contrast], threshold: float = THRESHOLD, rate: float = RATE
) -> dict[Key, Distinction]:
    """Of all the pairs that are looked at together; at most `rate` of those called different are so by chance."""
    discovered = dict(zip(contrasts, discoveries([each.p for each in contrasts.values()], rate), strict=True))
    return {
        key: Distinction.NEGLIGIBLE
        if _within(contrast, threshold)
        else Distinction.DIFFERENT
        if discovered[key]
        else Distinction.NOT_SEEN
        for key, contrast in contrasts.items()
    }


def discoveries(ps: Sequence[float | None], rate: float = RATE) -> list[bool]:
    """Which of these to call discoveries; None is none, and does not count."""
    known = sorted(p for p in ps if p is not None)
    limit = max((p for rank, p in enumerate(known, 1) if p <= rate * rank / len(known)), default=-1.0)
    return [p is not None and p <= limit for p in ps]


def _within(contrast: Contrast, threshold: float) -> bool:
    reach = contrast.reach()
    return reach is not None and abs(contrast.log_ratio) + reach <= math.log1p(threshold)
