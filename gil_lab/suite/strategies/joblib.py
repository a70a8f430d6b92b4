"""joblib's default backend, loky: a pool of processes that accepts any function, at the price of its start-up."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies import Run, Strategy


def announce(arrivals: Any) -> None:
    arrivals.release()


@contextmanager
def loky(workers: int, chunk: int | None = None) -> Iterator[Run]:
    """`chunk` is the number of tasks in a batch; None: joblib finds one while it runs."""
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.backend import get_context

    # Not a barrier: loky replaces a worker that has grown too large, and the new one would wait at it for ever.
    arrivals = get_context("loky").Semaphore(0)
    with Parallel(
        n_jobs=workers, backend="loky", initializer=announce, initargs=(arrivals,), batch_size=chunk or "auto"
    ) as parallel:

        def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            return list(parallel(delayed(task)(item) for item in inputs))

        run(abs, range(workers))
        if workers > 1:  # joblib runs n_jobs=1 in this process
            for _ in range(workers):
                arrivals.acquire()
        try:
            yield run
        finally:
            if workers > 1:
                get_reusable_executor(reuse=True).shutdown(wait=True)


CODE = """\
from joblib import Parallel, delayed
{imports}

def run(inputs):
    return Parallel(n_jobs={workers})(delayed({function})(item) for item in inputs)
"""
STRATEGY = Strategy(
    summary="joblib.Parallel with its default backend loky, a pool of processes",
    form="call",
    open=loky,
    open_chunked=loky,
    workers_are="processes",
    requires=("joblib",),
    code=CODE,
    sends_by_value=True,
)
