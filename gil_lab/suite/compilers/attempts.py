"""Trying things out with Numba: what a first call takes, which compiles, and how a call fails, in words."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.model.text import one_line

LINES = 2
"""Of a message: the first of Numba's is the same for nearly all of its errors."""


def attempt(function: Callable[..., Any], *arguments: Any) -> str:
    """What becomes of a call: the type of the error and the beginning of its message, or what it answered."""
    try:
        answer = function(*arguments)
    except Exception as error:  # which one is the question
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return one_line(f"{type(error).__name__}: {', '.join(lines[:LINES])}")
    return one_line(f"no error, answered {answer}")


class FirstCall:
    """A function that is made and compiled when it is first called: in the warm-up pass, not in a timed one."""

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

    def told(self) -> Iterator[Observation]:
        """What the first call took; nothing if there was none."""
        if self.function is not None:
            yield Observation("first call", self.took_s, "s")
