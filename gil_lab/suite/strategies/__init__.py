"""Strategies: how tasks are run at the same time. One file a strategy; its name is the file's name with dashes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

Run = Callable[[Callable[..., Any], Sequence[Any]], list[Any]]
"""`run(task, inputs)` runs the task on every input and returns the outputs in the order of the inputs."""


BASELINE = "sequential"
"""Plain Python, one task after the other: the strategy that every overall speed-up is told against."""


def _nothing_against_it() -> str | None:
    return None


@dataclass(frozen=True)
class Strategy:
    """The contract of a strategy file, which defines exactly one `STRATEGY`.

    `form` and `open` are all in which strategies differ: nothing else in the lab asks which one it has.

    `open(workers)` is a context manager that yields `run`. On entry all workers are started, not only asked for: a pool
    that starts workers on demand would hide its start-up in the first pass. On exit they are gone.
    """

    summary: str
    form: str
    open: Callable[[int], AbstractContextManager[Run]]
    workers_are: Literal["threads", "processes", "interpreters", "coroutines"] | None
    """None: there are none to choose. One task runs at a time, or, on a GPU, all of them."""
    reference: str = BASELINE
    """The strategy that runs the same form (or its nearest) one task at a time."""
    requires: tuple[str, ...] = ()
    """Modules beyond the standard library; whether they work is found out by importing them."""
    since: tuple[int, int] = (3, 11)
    refuses: Callable[[], str | None] = _nothing_against_it
    """Asked inside the interpreter that is to run it: why it cannot work there, and the remedy; None if it can."""
