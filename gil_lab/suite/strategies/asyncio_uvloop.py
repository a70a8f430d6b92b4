"""Coroutines in one thread, as with `asyncio`, in an event loop that is written in C (libuv)."""

from collections.abc import Iterator
from contextlib import contextmanager

from gil_lab.suite.strategies import Run, Strategy
from gil_lab.suite.strategies.asyncio import event_loop


@contextmanager
def loop_of_uvloop(workers: int) -> Iterator[Run]:
    import uvloop

    with event_loop(workers, uvloop.new_event_loop) as run:
        yield run


STRATEGY = Strategy(
    summary="coroutines in one event loop of uvloop, one thread",
    form="coroutine",
    open=loop_of_uvloop,
    workers_are="coroutines",
    requires=("uvloop",),
)
