"""Coroutines in several event loops, each in an interpreter of its own and so with a GIL of its own (PEP 734).

As many loops as `asyncio-loops` has. Tasks are dealt out to them in the same way, and sent there a share at a time.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies import Run, Strategy
from gil_lab.suite.strategies.asyncio import Coroutines, in_flight
from gil_lab.suite.strategies.asyncio_loops import dealt_out, gathered, number_of_loops
from gil_lab.suite.strategies.subinterpreters import interpreter_pool


class LoopOfShare:
    """Runs one share of the tasks in an event loop; sent to an interpreter, as the task is."""

    def __init__(self, task: Coroutines) -> None:
        self.task = task

    def __call__(self, share: tuple[Sequence[Any], int]) -> list[Any]:
        return asyncio.run(in_flight(self.task, *share))


@contextmanager
def event_loops(workers: int) -> Iterator[Run]:
    loops = number_of_loops(workers)
    with interpreter_pool(loops) as run_shares:

        def run(task: Coroutines, inputs: Sequence[Any]) -> list[Any]:
            return gathered(run_shares(LoopOfShare(task), dealt_out(inputs, workers, loops)))

        yield run


STRATEGY = Strategy(
    summary="coroutines in several event loops, an interpreter with its own GIL for each",
    form="coroutine",
    open=event_loops,
    workers_are="coroutines",
    loops_in="interpreters",
    since=(3, 14),
)
