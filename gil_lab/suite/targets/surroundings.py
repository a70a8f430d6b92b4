"""The globals that a function reads, and which of them it changes: other processes would change copies of their own."""

import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.suite.answers import same

WRAPPED = ("__wrapped__", "py_func", "__func__", "func")
"""The attributes in which decorators, Numba, bound methods and partials keep what they call."""
MOST_BYTES = 4 * 1024 * 1024
"""Of a global that is looked at, and of all of them: they are copied before the calls."""


@frozen
class Surroundings:
    """As they were."""

    before: dict[str, tuple[dict[str, Any], Any]]
    """By name, the module's names that it is among, and a copy of its value."""

    @property
    def changed(self) -> str:
        """The first one that is another now; empty if there is none."""
        for name, (names, value) in self.before.items():
            if not same(value, names.get(name)):
                return name
        return ""


def surroundings(function: Any) -> Surroundings:
    """Of those globals that can be copied and compared, also of the functions of its module that it calls."""
    before: dict[str, tuple[dict[str, Any], Any]] = {}
    room = MOST_BYTES
    for name, names in _read(_plain(function)):
        value = names.get(name)
        if name in before or value is None or isinstance(value, ModuleType | FunctionType | type):
            continue
        with suppress(Exception):  # of a lock, an open file, an object that cannot be compared
            pickled = pickle.dumps(value) if sys.getsizeof(value) <= room else b""
            copied = pickle.loads(pickled)  # noqa: S301 - of our own making
            if len(pickled) <= room and same(copied, value):
                before[name] = names, copied
                room -= len(pickled)
    return Surroundings(before)


def _plain(function: Any) -> Any:
    """What was wrapped, compiled, bound or made a partial of; of an object, how it is called."""
    for _ in range(10):
        inner = next((getattr(function, name) for name in WRAPPED if hasattr(function, name)), None)
        if inner is None:
            break
        function = inner
    return function if isinstance(function, FunctionType) else getattr(type(function), "__call__", None)  # noqa: B004


def _read(function: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names that its code and that of functions it calls refer to, each with the module's names."""
    seen: set[int] = set()
    waiting = [function]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, FunctionType) or id(one.__code__) in seen:
            continue
        seen.add(id(one.__code__))
        names = one.__globals__
        codes = [one.__code__]
        while codes:
            code = codes.pop()
            codes += [const for const in code.co_consts if isinstance(const, type(code))]
            for name in code.co_names:
                if name in names:
                    yield name, names
                    waiting.append(names[name])
