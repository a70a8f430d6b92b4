"""A function of the user's as a task of one input; picklable if the function is."""

import asyncio
import collections
import inspect
import itertools
import os
import random
import sys
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

SEED = 0


def is_coroutine(function: Any) -> bool:
    """Whether a call of it gives a coroutine: also of a partial, and of an object with an asynchronous `__call__`."""
    while isinstance(function, partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def takes_several(function: Any, one: Any) -> bool:
    """Whether the input is a tuple (or a dictionary) of its arguments: it requires more than one, or takes none."""
    if not isinstance(one, tuple | dict):
        return False
    try:
        parameters = inspect.signature(_plain(function)).parameters.values()
    except (TypeError, ValueError):  # not every built-in one has a signature
        return False
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    named = [each for each in parameters if each.kind is each.KEYWORD_ONLY] if isinstance(one, dict) else []
    required = [each for each in (*positional, *named) if each.default is each.empty]
    varying = any(each.kind is each.VAR_POSITIONAL for each in parameters)
    return len(required) > 1 or (not positional and not (varying and one)) or one == ()


def _plain(function: Any) -> Any:
    """What a compiled function was made of."""
    return getattr(function, "py_func", function)


class WithoutCache:
    """A function of `functools.lru_cache` without its cache, which would answer every pass but the first."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.function.__wrapped__(*arguments, **named)


def is_cached(function: Any) -> bool:
    """Whether it is one of `functools.lru_cache`, or of `functools.cache`."""
    return hasattr(function, "cache_clear") and hasattr(function, "__wrapped__")


class Unpacked:
    """A function of several arguments as one of a tuple or dictionary of them."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, item: Any) -> Any:
        return self.function(**item) if isinstance(item, dict) else self.function(*item)


class UnpackedCoroutine(Unpacked):
    """The same of a coroutine function."""

    async def __call__(self, item: Any) -> Any:
        return await (self.function(**item) if isinstance(item, dict) else self.function(*item))


def unpacked(function: Any) -> Unpacked:
    return UnpackedCoroutine(function) if is_coroutine(function) else Unpacked(function)


class Repeated:
    """So many calls of a task with the same input, whose answers are dropped."""

    def __init__(self, task: Any, times: int) -> None:
        self.task, self.times = task, times

    def __call__(self, item: Any) -> None:
        task, left = self.task, itertools.repeat(None, self.times)
        _LEFT[threading.get_ident()] = left
        for _ in left:
            task(item)


_LEFT: dict[int, Iterator[None]] = {}
"""Of each thread, the calls that it has left to make."""


def _leave_none() -> None:
    """In a copy of the process, if the task forks and returns there too: else it would fork as well, and its copies.

    Rejected: to look after each call whether this is a copy, which takes as long as a short call.
    """
    for left in _LEFT.values():
        collections.deque(left, maxlen=0)


os.register_at_fork(after_in_child=_leave_none)


class Seeded:
    """A task before each call of which the random generators of Python and NumPy are seeded."""

    def __init__(self, task: Any) -> None:
        self.task = task

    def __call__(self, item: Any) -> Any:
        seed()
        return self.task(item)


class SeededCoroutine(Seeded):
    """The same of a coroutine function."""

    async def __call__(self, item: Any) -> Any:
        seed()
        return await self.task(item)


def seeded(task: Any) -> Seeded:
    return SeededCoroutine(task) if is_coroutine(task) else Seeded(task)


def seed() -> None:
    """Python's generator, and NumPy's if it is there."""
    random.seed(SEED)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(SEED)


_LOOPS = threading.local()


class Awaited:
    """A coroutine function as a plain one: each thread has an event loop that stays open, as clients need it.

    Rejected: `asyncio.Runner`, which takes six times as long for a call that awaits nothing (91 against 15 us).
    """

    def __init__(self, awaited: Any) -> None:
        self.awaited = awaited

    def __call__(self, item: Any) -> Any:
        loop = getattr(_LOOPS, "loop", None)
        if loop is None:
            loop = _LOOPS.loop = asyncio.new_event_loop()
        return loop.run_until_complete(_as_coroutine(self.awaited, item))


async def _as_coroutine(awaited: Any, item: Any) -> Any:
    return await awaited(item)
