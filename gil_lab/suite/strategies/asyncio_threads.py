"""`asyncio.to_thread`: an event loop that hands blocking calls to threads, as a web server must."""

from asyncio import Runner, get_running_loop, to_thread
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from gil_lab.suite.strategies import Run, Strategy
from gil_lab.suite.strategies.asyncio import in_flight


@contextmanager
def loop_with_threads(workers: int) -> Iterator[Run]:
    everyone = Barrier(workers)

    async def start() -> None:
        # to_thread uses the loop's default executor; the loop shuts it down when it is closed.
        get_running_loop().set_default_executor(ThreadPoolExecutor(workers, initializer=everyone.wait))
        try:
            await in_flight(lambda _: to_thread(int), range(workers), workers)
        except BaseException:  # "can't start new thread": the others would wait for it for ever
            everyone.abort()
            raise

    with Runner() as runner:
        runner.run(start())

        def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            return runner.run(in_flight(lambda item: to_thread(task, item), inputs, workers))

        yield run


STRATEGY = Strategy(
    summary="an event loop that hands each call to a thread (asyncio.to_thread)",
    form="call",
    open=loop_with_threads,
    workers_are="threads",
)
