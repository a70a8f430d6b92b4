"""An experiment file: a cluster of dask loses a worker while it rests, or its scheduler in a pass."""

import os
import signal
import time
from contextlib import contextmanager
from dataclasses import replace

from gil_lab import Design, Experiment, Strategy, Workload
from gil_lab.suite.strategies.dask import dask_client


@contextmanager
def numbers(tasks, size):
    yield list(range(tasks))


def add_one(item):
    return item + 1


def end_the_scheduler(item):
    """Runs on a worker, for as long as that lives."""
    from distributed import get_worker

    worker = get_worker()
    worker.loop.add_callback(worker.scheduler.terminate)
    time.sleep(3600)


def verify(inputs, outputs):
    return None if outputs == [item + 1 for item in inputs] else f"got {outputs!r:.60}"


@contextmanager
def without_a_worker(workers):
    """One is killed when it has been stopped, after the traced pass."""
    with dask_client(workers) as pool:
        (pid, *_) = pool.rest.__self__.client.run(os.getpid).values()
        rests = []

        def rest():
            pool.rest()
            rests.append(pid)
            if len(rests) == 2:  # the first time was after the warm-up pass
                os.kill(pid, signal.SIGKILL)

        yield replace(pool, rest=rest)


@contextmanager
def without_a_scheduler(workers):
    """A worker of it ends it in the first turn, which is its second waking."""
    with dask_client(workers) as pool:
        wakings = []

        def wake():
            pool.wake()
            wakings.append(None)

        def run(task, inputs):
            return pool.run(end_the_scheduler if len(wakings) == 2 else task, inputs)

        yield replace(pool, run=run, wake=wake)


WORK = Workload("for a test", "cpu", numbers, {"call": add_one}, verify, 1, "", 9, tasks=4)
WITHOUT_A_WORKER = Strategy("dask, a worker of which is killed at rest", "call", without_a_worker, "processes")
WITHOUT_A_SCHEDULER = Strategy("dask, whose scheduler ends", "call", without_a_scheduler, "processes")
EXPERIMENT = Experiment(
    "What is lost?", Design("lost", ("work",), ("sequential", "without-a-worker", "without-a-scheduler"))
)
