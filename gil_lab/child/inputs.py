"""The inputs of each pass: the same ones, or fresh ones where tasks change them, made while no clock runs.

A task that sorts its list in place is timed on an unsorted list once, and on sorted ones from then on; in another
process, which gets copies, each time on an unsorted one.
"""

import math
import pickle
from collections.abc import Sequence
from typing import Any

ENOUGH_S, MOST_BYTES, MOST_COPIES = 0.2, 64 * 1024 * 1024, 1000
"""Copies are kept ready for passes of so long a turn, while they take no more memory than this."""
UNCHANGING = (int, float, complex, str, bytes, type(None), range)


class Inputs:
    """Changes are looked for after the warm-up pass, unless they are not `watched`.

    What cannot be pickled is taken to stay as it is.
    """

    def __init__(self, given: Sequence[Any], *, watched: bool = True) -> None:
        self.given = given
        """As they were before the first pass, as far as that is known."""
        self._pickled = _pickled(given) if watched and not all(map(unchanging, given)) else None
        self._copies: list[Sequence[Any]] = []
        self._wanted = 0

    def look_for_changes(self, pass_s: float) -> None:
        """After a pass that took so long."""
        if self._pickled is None or self._pickled == _pickled(self.given):
            self._pickled = None
            return
        self._wanted = min(MOST_COPIES, math.ceil(ENOUGH_S / max(pass_s, 1e-9)), 1 + MOST_BYTES // len(self._pickled))
        self.given = pickle.loads(self._pickled)  # noqa: S301 - it was pickled here
        self.refill()

    def refill(self) -> None:
        """Make copies for the next turn."""
        if self._pickled is not None:
            self._copies += [pickle.loads(self._pickled) for _ in range(self._wanted - len(self._copies))]  # noqa: S301

    def take(self) -> Sequence[Any]:
        """Those of the next pass."""
        return self._copies.pop() if self._copies else self.given

    @property
    def used_up(self) -> bool:
        """Whether there are none for another pass of this turn."""
        return self._pickled is not None and bool(self._wanted) and not self._copies


def unchanging(value: Any) -> bool:
    """Whether nothing can change it; tuples and frozen sets if that is so for all that is in them."""
    if type(value) in (tuple, frozenset):
        return all(map(unchanging, value))
    return type(value) in UNCHANGING


def _pickled(given: Sequence[Any]) -> bytes | None:
    try:
        return pickle.dumps(given, pickle.HIGHEST_PROTOCOL)
    except Exception:
        return None
