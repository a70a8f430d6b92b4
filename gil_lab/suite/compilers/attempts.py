"""Experiments with Numba: how long the first call takes, which compiles, and how a call fails, in words."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.model.text import one_line

MAX_MESSAGE_LINES = 2
"""Of an error: the first line of nearly all of Numba's messages is the same."""


def attempt(function: Callable[..., Any], *arguments: Any) -> str:
    """The outcome of a call: the type of the error and the beginning of its message, or the answer."""
    try:
        answer = function(*arguments)
    except Exception as error:  # the type is the result
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return one_line(f"{type(error).__name__}: {', '.join(lines[:MAX_MESSAGE_LINES])}")
    return one_line(f"no error, answered {answer}")


class FirstCall:
    """A function that is built and compiled when first called: in the warm-up pass, not in a timed one."""

    def __init__(self, build: Callable[[], Callable[..., Any]]) -> None:
        self.build = build
        self.function: Callable[..., Any] | None = None
        self.took_s = 0.0

    def __call__(self, *arguments: Any) -> Any:
        if self.function is not None:
            return self.function(*arguments)
        begin = time.perf_counter()
        self.function = self.build()
        answer = self.function(*arguments)
        self.took_s = time.perf_counter() - begin
        return answer

    def observations(self) -> Iterator[Observation]:
        """The duration of the first call, if there was one."""
        if self.function is not None:
            yield Observation("first call", self.took_s, "s")
