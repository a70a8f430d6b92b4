"""The inputs of each pass: the same ones, or fresh ones where tasks change them, made while no clock runs.

A task that sorts its list in place is timed on an unsorted list once, and on sorted ones from then on; in another
process, which gets copies, each time on an unsorted one.
"""

import copy
import math
import pickle
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any

from gil_lab.suite.answers import DEEPEST, same

ENOUGH_S, MOST_BYTES, MOST_COPIES = 0.2, 64 * 1024 * 1024, 1000
"""Copies are kept ready for passes of so long a turn, while they take no more memory than this."""
UNCHANGING = (int, float, complex, bool, str, bytes, type(None), range)
CONTAINERS = (list, tuple, dict, set, frozenset, deque, OrderedDict, defaultdict, Counter)
HIDDEN_STATE = {("random", "Random"), ("_io", "StringIO"), ("_io", "BytesIO"), ("numpy", "Generator")}
"""Types of which only a pickle tells whether something has changed: where a stream stands, what comes next. As here,
the name of their top module and their own."""
COPIED_AS_MEANT = HIDDEN_STATE | {("array", "array"), ("pandas", "DataFrame"), ("pandas", "Series")}
"""Types with code of their own for copying, which does that and nothing else."""
OWN_COPYING = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__deepcopy__", "__getnewargs_ex__")


class Inputs:
    """Changes are looked for after the warm-up pass, unless they are not `watched`.

    What would run code of its own to be copied is taken to stay as it is.
    """

    def __init__(self, given: Sequence[Any], *, watched: bool = True) -> None:
        self.given = given
        """As they were before the first pass, as far as that is known."""
        self._watched = watched
        self._copyable = copyable(given)
        copied = watched and self._copyable and not all(map(unchanging, given))
        self._original = copy.deepcopy(given) if copied else None
        self._copies: list[Sequence[Any]] = []
        self._wanted = 0

    def look_for_changes(self, pass_s: float) -> None:
        """After a pass that took so long."""
        if self._original is None or self._unchanged(self._original):
            self._original = None
            return
        self.given = self._original
        fitting = 1 + MOST_BYTES // size_bytes(self.given)
        self._wanted = min(MOST_COPIES, math.ceil(ENOUGH_S / max(pass_s, 1e-9)), fitting)
        self.refill()

    def _unchanged(self, original: Sequence[Any]) -> bool:
        if not same(original, self.given):
            return False
        if not hides_state(self.given):
            return True
        return pickle.dumps(original) == pickle.dumps(copy.deepcopy(self.given))  # copies are pickled alike

    @property
    def uncopied(self) -> str:
        """The type of an input that cannot be copied, so that changes of it go unseen; empty if there is none."""
        if not self._watched or self._copyable:
            return ""
        return next((type(one).__name__ for one in self.given if not copyable(one)), "")

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
    if kind(value) in COPIED_AS_MEANT:
        return True
    if depth == DEEPEST:  # it may contain itself
        return False
    if type(value) in CONTAINERS:
        return all(copyable(each, depth + 1) for each in _contents(value))
    kinds = type(value).__mro__[:-1]
    plain = all(kind.__module__ != "builtins" and not set(OWN_COPYING) & vars(kind).keys() for kind in kinds)
    if not plain or callable(value):
        return False
    slots = [getattr(value, name) for name in slot_names(value) if hasattr(value, name)]
    held = [*slots, *getattr(value, "__dict__", {}).values()]
    return (bool(slots) or hasattr(value, "__dict__")) and all(copyable(each, depth + 1) for each in held)


def slot_names(value: Any) -> list[str]:
    """Of the attributes that are not in its dictionary."""
    named = (getattr(kind, "__slots__", ()) for kind in type(value).__mro__)
    return [name for names in named for name in ([names] if isinstance(names, str) else names)]


def kind(value: Any) -> tuple[str, str]:
    """Its top module and the name of its type, which need not be imported to be known."""
    return type(value).__module__.partition(".")[0], type(value).__name__


def hides_state(value: Any) -> bool:
    """Whether there is something in it that `==` knows too little of."""
    if kind(value) in HIDDEN_STATE:
        return True
    return type(value) in CONTAINERS and any(map(hides_state, _contents(value)))


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
