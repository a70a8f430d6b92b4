"""A pool of threads in one process: concurrent always, parallel only where the GIL is released or absent."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, active_count
from typing import Any

from gil_lab.suite.strategies import Run, Strategy

REMEDY = "use fewer --workers, or allow more threads (ulimit -u, pids.max of the control group)"


@contextmanager
def thread_pool(workers: int) -> Iterator[Run]:
    # The executor starts a thread only when none is idle. Each waits at the barrier until all have started.
    everyone = Barrier(workers)
    with ThreadPoolExecutor(workers, initializer=everyone.wait) as pool:
        try:
            started = [pool.submit(int) for _ in range(workers)]
        except RuntimeError as error:  # "can't start new thread": the others would wait for it for ever
            everyone.abort()
            raise RuntimeError(f"{error} beside {active_count()} others; {REMEDY}") from error
        except BaseException:
            everyone.abort()
            raise
        for thread in started:
            thread.result()

        def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            return list(pool.map(task, inputs))

        yield run


CODE = """\
from concurrent.futures import ThreadPoolExecutor
{imports}

def run(inputs):
    with ThreadPoolExecutor({workers}) as pool:
        return list(pool.map({function}, inputs))
"""
STRATEGY = Strategy(summary="a pool of threads", form="call", open=thread_pool, workers_are="threads", code=CODE)
