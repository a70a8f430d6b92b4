"""The same pools and tasks as in the lab, in a script without any instrumentation.

`python bare.py MODEL WORKERS PASSES SIZE` prints the seconds of each pass. MODEL is a function below. With 0 PASSES it
waits for a line with their number, again and again.
"""

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.workloads import primes

TASKS = 32
Run = Callable[[], object]


@contextmanager
def sequential(workers: int, inputs: list[Any]) -> Iterator[Run]:
    task = primes.WORKLOAD.forms["call"]
    yield lambda: [task(item) for item in inputs]


@contextmanager
def threading(workers: int, inputs: list[Any]) -> Iterator[Run]:
    task = primes.WORKLOAD.forms["call"]
    with ThreadPoolExecutor(workers) as pool:
        yield lambda: list(pool.map(task, inputs))


@contextmanager
def processes(workers: int, inputs: list[Any]) -> Iterator[Run]:
    task = primes.WORKLOAD.forms["call"]
    with ProcessPoolExecutor(workers, multiprocessing.get_context()) as pool:
        yield lambda: list(pool.map(task, inputs))


@contextmanager
def nogil(workers: int, inputs: list[Any]) -> Iterator[Run]:
    task = primes.WORKLOAD.forms["nogil"]()
    with ThreadPoolExecutor(workers) as pool:
        yield lambda: list(pool.map(task, inputs))


@contextmanager
def prange(workers: int, inputs: list[Any]) -> Iterator[Run]:
    import numba
    import numpy as np

    numba.set_num_threads(workers)
    loop = primes.WORKLOAD.forms["parallel"](primes.WORKLOAD.forms["nogil"]())

    def run() -> object:
        outputs = np.empty(len(inputs), np.int64)
        loop(np.array(inputs), outputs)
        return outputs.tolist()

    yield run


@contextmanager
def joblib_dask(workers: int, inputs: list[Any]) -> Iterator[Run]:
    from distributed import Client, LocalCluster
    from joblib import Parallel, delayed, parallel_config

    task = primes.WORKLOAD.forms["call"]
    with (
        LocalCluster(workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster),
        parallel_config("dask"),
        Parallel(n_jobs=workers) as parallel,
    ):
        yield lambda: list(parallel(delayed(task)(item) for item in inputs))


def main(model: str, workers: int, passes: int, size: int) -> None:
    with primes.WORKLOAD.open_inputs(TASKS, size) as given, globals()[model](workers, list(given)) as run:
        run()  # warm up: start the workers, compile
        for number in [passes] if passes else map(int, sys.stdin):
            for _ in range(number):
                begin = time.perf_counter()
                run()
                print(time.perf_counter() - begin, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
