"""The inputs of each pass: the same ones, or fresh ones where tasks change them, made while no clock runs.

A task that sorts its list in place is timed on an unsorted list once, and on sorted ones from then on; in another
process, which gets copies, each time on an unsorted one.
"""

import copy
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from gil_lab.suite.answers import DEEPEST, same

ENOUGH_S, MOST_BYTES, MOST_COPIES = 0.2, 64 * 1024 * 1024, 1000
"""Copies are kept ready for passes of so long a turn, while they take no more memory than this."""
UNCHANGING = (int, float, complex, bool, str, bytes, type(None), range)
CONTAINERS = (list, tuple, dict, set, frozenset)
OWN_COPYING = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__deepcopy__", "__getnewargs_ex__")


class Inputs:
    """Changes are looked for after the warm-up pass, unless they are not `watched`.

    What would run code of its own to be copied is taken to stay as it is.
    """

    def __init__(self, given: Sequence[Any], *, watched: bool = True) -> None:
        self.given = given
        """As they were before the first pass, as far as that is known."""
        watched = watched and copyable(given) and not all(map(unchanging, given))
        self._original = copy.deepcopy(given) if watched else None
        self._copies: list[Sequence[Any]] = []
        self._wanted = 0

    def look_for_changes(self, pass_s: float) -> None:
        """After a pass that took so long."""
        if self._original is None or same(self._original, self.given):
            self._original = None
            return
        self.given = self._original
        fitting = 1 + MOST_BYTES // size_bytes(self.given)
        self._wanted = min(MOST_COPIES, math.ceil(ENOUGH_S / max(pass_s, 1e-9)), fitting)
        self.refill()

    def refill(self) -> None:
        """Make copies for the next turn."""
        self._copies += [copy.deepcopy(self.given) for _ in range(self._wanted - len(self._copies))]

    def take(self) -> Sequence[Any]:
        """Those of the next pass."""
        return self._copies.pop() if self._copies else self.given

    @property
    def used_up(self) -> bool:
        """Whether there are none for another pass of this turn."""
        return bool(self._wanted) and not self._copies


def unchanging(value: Any) -> bool:
    """Whether nothing can change it; tuples and frozen sets if that is so for all that is in them."""
    if type(value) in (tuple, frozenset):
        return all(map(unchanging, value))
    return type(value) in UNCHANGING


def copyable(value: Any, depth: int = 0) -> bool:
    """Whether copying it runs no code but Python's and NumPy's: what people write there may do anything."""
    if type(value) in UNCHANGING or type(value) is bytearray or _is_plain_array(value):
        return True
    if depth == DEEPEST:  # it may contain itself
        return False
    if type(value) in CONTAINERS:
        return all(copyable(each, depth + 1) for each in _contents(value))
    kinds = type(value).__mro__[:-1]
    plain = all(kind.__module__ != "builtins" and not set(OWN_COPYING) & vars(kind).keys() for kind in kinds)
    return plain and not callable(value) and hasattr(value, "__dict__") and copyable(vars(value), depth + 1)


def size_bytes(value: Any) -> int:
    """About how much memory a copy takes."""
    if type(value) in CONTAINERS:
        return sys.getsizeof(value) + sum(map(size_bytes, _contents(value)))
    return sys.getsizeof(value) + sum(map(size_bytes, getattr(value, "__dict__", {}).values()))


def _contents(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    else:
        yield from value


def _is_plain_array(value: Any) -> bool:
    return (type(value).__module__, type(value).__name__) == ("numpy", "ndarray") and value.dtype.kind in "biufcSUmM"
