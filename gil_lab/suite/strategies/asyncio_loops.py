"""Coroutines in several event loops, each in a thread of its own: parallel only without a GIL.

There is a loop for each usable core, and never one alone. Tasks are dealt out to the loops in turn before they begin:
loops have no queue in common, and one that all threads take from would need a lock.
"""

import os
from asyncio import new_event_loop, run_coroutine_threadsafe
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from contextlib import ExitStack, closing, contextmanager
from threading import Thread
from typing import Any

from gil_lab.suite.strategies import Run, Strategy
from gil_lab.suite.strategies.asyncio import Coroutines, in_flight


def number_of_loops(workers: int) -> int:
    """As many as there are usable cores, at least two, but none without a coroutine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(workers, max(2, cores))


def dealt_out(inputs: Sequence[Any], workers: int, loops: int) -> list[tuple[Sequence[Any], int]]:
    """For each loop its inputs, and how many of the workers it has."""
    given = list(inputs)
    return [(given[loop::loops], len(range(loop, workers, loops))) for loop in range(loops)]


def gathered(parts: Sequence[Sequence[Any]]) -> list[Any]:
    """The outputs of all loops in the order of the inputs."""
    outputs: list[Any] = [None] * sum(map(len, parts))
    for loop, part in enumerate(parts):
        outputs[loop :: len(parts)] = part
    return outputs


@contextmanager
def event_loops(workers: int) -> Iterator[Run]:
    with ExitStack() as stack:
        loops = [stack.enter_context(closing(new_event_loop())) for _ in range(number_of_loops(workers))]
        for loop in loops:
            thread = Thread(target=loop.run_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(loop.call_soon_threadsafe, loop.stop)

        def run(task: Coroutines, inputs: Sequence[Any]) -> list[Any]:
            shares = dealt_out(inputs, workers, len(loops))
            futures = [
                run_coroutine_threadsafe(in_flight(task, *share), loop)
                for share, loop in zip(shares, loops, strict=True)
            ]
            wait(futures)  # all of them: an error in one loop must not leave the others at work
            return gathered([future.result() for future in futures])

        yield run


STRATEGY = Strategy(
    summary="coroutines in several event loops, a thread for each",
    form="coroutine",
    open=event_loops,
    workers_are="coroutines",
    loops_in="threads",
)
