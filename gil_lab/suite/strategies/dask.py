"""dask.distributed's own interface: `Client.map`, which gives each task to the scheduler by itself."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from gil_lab.suite.strategies import Run, Strategy
from gil_lab.suite.strategies._dask_cluster import open_cluster


def in_turn(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
    """Runs on a worker, as one task of dask's."""
    return [task(item) for item in inputs]


@contextmanager
def dask_client(workers: int, chunk: int = 1) -> Iterator[Run]:
    """`chunk` is the number of tasks that dask takes for one. (`batch_size` of `Client.map` only says how many are
    submitted at a time.)
    """
    with open_cluster(workers) as cluster:
        client, placed = cluster.client, cluster.placed

        def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            if chunk == 1:
                outputs: list[Any] = client.gather(client.map(task, inputs, pure=False, **placed))
                return outputs
            chunks = [inputs[at : at + chunk] for at in range(0, len(inputs), chunk)]
            parts = client.gather(client.map(partial(in_turn, task), chunks, pure=False, **placed))
            return [output for part in parts for output in part]

        run(abs, range(workers))
        yield cluster.resting(run)


STRATEGY = Strategy(
    summary="Client.map of dask.distributed, on a cluster of processes on this machine",
    form="call",
    open=dask_client,
    open_chunked=dask_client,
    workers_are="processes",
    requires=("distributed",),
    on_cluster=True,
)
