"""A pool of processes, each with a GIL of its own, started by the platform's default start method.

Tasks are handed over in chunks, four for each worker, as `multiprocessing.Pool.map` does by default. The pool itself is
`concurrent.futures.ProcessPoolExecutor`, because `multiprocessing.Pool` never notices that a worker was killed: it
starts another and waits for the lost answer for ever.
"""

import math
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from gil_lab.suite.strategies import Run, Strategy
from gil_lab.suite.strategies._pickling import main_module_hidden, shipped

CHUNKS_A_WORKER = 4
"""As in `multiprocessing.Pool.map`."""


@contextmanager
def process_pool(workers: int, start_method: str | None, chunk: int | None = None) -> Iterator[Run]:
    """`chunk` is the number of tasks that are handed over at a time; None: as many as `Pool.map` does."""
    context = multiprocessing.get_context(start_method)
    # Each worker waits at the barrier until all have started, so that none is idle and each submit starts another.
    everyone = context.Barrier(workers)
    with ProcessPoolExecutor(workers, context, initializer=everyone.wait) as pool:
        try:
            with nullcontext() if context.get_start_method() == "fork" else main_module_hidden():
                started = [pool.submit(int) for _ in range(workers)]
        except BaseException:  # one cannot be started: the others would wait for it for ever
            everyone.abort()
            raise
        for worker in started:
            worker.result()

        def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            size = chunk or max(1, math.ceil(len(inputs) / (CHUNKS_A_WORKER * workers)))
            return list(pool.map(shipped(task), inputs, chunksize=size))

        yield run


def refusal(start_method: str | None) -> str | None:
    """Why this platform cannot start processes this way; None if it can."""
    known = multiprocessing.get_all_start_methods()
    if start_method is None or start_method in known:
        return None
    return f"this platform has no start method {start_method}; it has {', '.join(known)}"


CODE = """\
from concurrent.futures import ProcessPoolExecutor
{imports}

def run(inputs):
    with ProcessPoolExecutor({workers}) as pool:
        return list(pool.map({function}, inputs, chunksize={chunk}))
"""


def processes(start_method: str | None, summary: str, code: str = "") -> Strategy:
    return Strategy(
        summary,
        form="call",
        open=lambda workers: process_pool(workers, start_method),
        workers_are="processes",
        refuses=partial(refusal, start_method),
        open_chunked=lambda workers, chunk: process_pool(workers, start_method, chunk),
        code=code,
    )


STRATEGY = processes(None, "a pool of processes that takes tasks in chunks, as Pool.map does", CODE)
