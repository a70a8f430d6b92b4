"""Coroutines in one thread: many tasks in flight, one of them running at a time."""

from asyncio import AbstractEventLoop, CancelledError, Runner, TaskGroup
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies import Run, Strategy

Coroutines = Callable[[Any], Coroutine[Any, Any, Any]]


async def in_flight(task: Coroutines, inputs: Sequence[Any], workers: int) -> list[Any]:
    """Run `task` on every input, at most `workers` of them in flight: all workers take inputs from one queue."""
    outputs: list[Any] = [None] * len(inputs)
    queue = iter(enumerate(inputs))
    raised: list[CancelledError] = []

    async def worker() -> None:
        for number, item in queue:
            try:
                outputs[number] = await task(item)
            except CancelledError as error:
                raised.append(error)  # a group takes a worker that ends so for one that was cancelled, and goes on
                raise

    async with TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker())
    if raised:
        raise raised[0]
    return outputs


@contextmanager
def event_loop(workers: int, loop_factory: Callable[[], AbstractEventLoop] | None = None) -> Iterator[Run]:
    """`loop_factory` makes the loop; None: the one of the standard library."""
    with Runner(loop_factory=loop_factory) as runner:
        runner.get_loop()  # a Runner creates its loop on first use

        def run(task: Coroutines, inputs: Sequence[Any]) -> list[Any]:
            return runner.run(in_flight(task, inputs, workers))

        yield run


CODE = """\
import asyncio
{imports}

async def gather(inputs):
    free = asyncio.Semaphore({workers})

    async def one(item):
        async with free:
            return await {function}(item)

    return await asyncio.gather(*map(one, inputs))


def run(inputs):
    return asyncio.run(gather(inputs))
"""
STRATEGY = Strategy(
    summary="coroutines in one event loop, one thread",
    form="coroutine",
    open=event_loop,
    workers_are="coroutines",
    code=CODE,
)
