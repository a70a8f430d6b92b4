"""joblib's threading backend: the same threads behind joblib's interface, which shows the price of joblib."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies import Run, Strategy


@contextmanager
def joblib_threads(workers: int, chunk: int | None = None) -> Iterator[Run]:
    """`chunk` is the number of tasks in a batch; None: joblib finds one while it runs."""
    from joblib import Parallel, delayed

    with Parallel(n_jobs=workers, backend="threading", batch_size=chunk or "auto") as parallel:

        def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            return list(parallel(delayed(task)(item) for item in inputs))

        run(abs, range(workers))
        yield run


STRATEGY = Strategy(
    summary="joblib.Parallel with its threading backend",
    form="call",
    open=joblib_threads,
    open_chunked=joblib_threads,
    workers_are="threads",
    requires=("joblib",),
)
