"""joblib's backend for dask.distributed: a program that uses joblib runs on a cluster by one line more."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies import Run, Strategy
from gil_lab.suite.strategies._dask_cluster import open_cluster


@contextmanager
def joblib_on_dask(workers: int, chunk: int | None = None) -> Iterator[Run]:
    """`chunk` is the number of tasks in a batch; None: joblib finds one while it runs."""
    from joblib import Parallel, delayed, parallel_config

    with (
        open_cluster(workers) as cluster,
        parallel_config(backend="dask", client=cluster.client, **cluster.placed),
        Parallel(n_jobs=workers, batch_size=chunk or "auto") as parallel,
    ):

        def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            return list(parallel(delayed(task)(item) for item in inputs))

        run(abs, range(workers))
        yield cluster.resting(run)


STRATEGY = Strategy(
    summary="joblib.Parallel with its backend for dask, on a cluster of processes on this machine",
    form="call",
    open=joblib_on_dask,
    open_chunked=joblib_on_dask,
    workers_are="processes",
    requires=("joblib", "distributed"),
    on_cluster=True,
)
