"""Greenlets of gevent in one thread: many tasks in flight, one of them running at a time, as with coroutines.

Tasks call gevent's own sockets and sleeps, which switch to other greenlets where those of the standard library would
block. Rejected: `gevent.monkey.patch_all`, with which plain tasks would run unchanged. It replaces what the measured
process itself is built on, and comes too late for what a workload has imported before (`threading.local`, locks).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies import Run, Strategy


@contextmanager
def greenlets(workers: int) -> Iterator[Run]:
    from gevent.pool import Pool

    pool = Pool(workers)

    def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
        try:
            return list(pool.map(task, inputs))
        finally:
            pool.kill()  # after an error: the others

    run(int, range(workers))  # the first switch makes the hub, with its loop
    yield run


STRATEGY = Strategy(
    summary="greenlets of gevent, one thread",
    form="greenlet",
    open=greenlets,
    workers_are="coroutines",
    requires=("gevent",),
)
