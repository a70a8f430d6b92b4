"""Two other instruments beside the lab's, in one cluster of dask: its own task stream, and the kernel's CPU clocks.

How long anything takes is not asserted: what encloses another must be no shorter, and work of a known length no shorter
than that.
"""

import os
import threading
import time
from dataclasses import dataclass

import psutil
import pytest

from gil_lab.child.inputs import Inputs
from gil_lab.child.probe import reason_against_modules
from gil_lab.child.trial import traced
from gil_lab.measuring.processes import process_cpu_s
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import _dask_cluster, dask

WORKERS, TASKS, BURNT_S = 2, 6, 0.05
PATIENCE_S = 30

if reason := reason_against_modules(("distributed",)):
    pytest.skip(reason, allow_module_level=True)


def burn(number):
    """So much CPU time of its own thread."""
    until = time.thread_time() + BURNT_S
    while time.thread_time() < until:
        pass
    return number


@dataclass
class Seen:
    """One traced pass, by three instruments."""

    spans: list
    stream: list
    """Dask's: of each task begin, end (seconds since the epoch) and the process of its worker."""
    thread_cpu_s: float
    """Of the tasks, by dask's fine performance metrics."""
    kernel_s: float
    """Of the processes of the workers."""


@pytest.fixture(scope="module")
def opened():
    """The strategy's `run`, and the cluster under it."""
    clusters, local = [], _dask_cluster.local_cluster

    def noted(workers):
        manager = local(workers)
        clusters.append(manager)
        return manager

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dask, "open_cluster", noted)
        with dask.STRATEGY.open(WORKERS) as run:
            yield run, run.rest.__self__


@pytest.fixture(scope="module")
def seen(opened):
    run, cluster = opened
    client = cluster.client
    client.get_task_stream()  # from here on it is recorded
    pids = client.run(os.getpid)
    workers = [psutil.Process(pid) for pid in pids.values()]
    metric = lambda: thread_cpu_s(cluster)  # noqa: E731
    cpu_before_s, began = metric(), time.time()
    clocks_s = sum(map(process_cpu_s, workers))
    trace, outputs = next(
        traced(Catalogue().form("call"), burn, run, Inputs(list(range(TASKS)), watched=False), WORKERS)
    )
    kernel_s = sum(map(process_cpu_s, workers)) - clocks_s
    assert outputs == list(range(TASKS))
    until = time.monotonic() + PATIENCE_S  # a worker tells its metrics with its next heartbeat
    while metric() - cpu_before_s < TASKS * BURNT_S and time.monotonic() < until:
        time.sleep(0.05)
    stream = [
        (part["start"], part["stop"], pids[record["worker"]])
        for record in client.get_task_stream(start=began)
        for part in record["startstops"]
        if part["action"] == "compute"
    ]
    return Seen(list(trace.spans), stream, metric() - cpu_before_s, kernel_s)


def thread_cpu_s(cluster):
    """What the scheduler knows of it."""

    def known(dask_scheduler):
        found = dask_scheduler.cumulative_worker_metrics.items()
        return sum(value for key, value in found if key[0] == "execute" and key[-2:] == ("thread-cpu", "seconds"))

    return cluster.client.run_on_scheduler(known)


def test_each_task_of_ours_lies_within_one_of_dasks_stream(seen):
    """One to one, in the order of each worker, and no longer than it: so no more were in flight for us than for dask.

    Not by the time of day: dask moves the times of each worker by what it takes for the error of its clock, half of
    what a heartbeat took, and on a busy machine that was off by 23 ms.
    """
    for pid in {span.pid for span in seen.spans}:
        ours = sorted((span.begin_ns, span.end_ns) for span in seen.spans if span.pid == pid)
        theirs = sorted(record for record in seen.stream if record[2] == pid)[-len(ours) :]  # after the rehearsal
        assert len(theirs) == len(ours)
        for (begin_ns, end_ns), (begin_s, end_s, _) in zip(ours, theirs, strict=True):
            assert BURNT_S <= (end_ns - begin_ns) / 1e9 <= end_s - begin_s


def test_cpu_time_of_tasks_is_within_dasks_and_that_within_the_kernels(seen):
    """Work that was burnt on purpose, what our clocks say, what dask's say, and the processes that did it."""
    ours_s = sum(span.running_ns for span in seen.spans) / 1e9
    assert TASKS * BURNT_S <= ours_s <= seen.thread_cpu_s <= seen.kernel_s


def test_a_cluster_at_rest_uses_no_cpu_time_and_goes_on_where_it_was(opened):
    """Its workers are stopped, not merely idle, by the kernel's clocks; and it takes tasks when it was woken."""
    run, cluster = opened
    pids = [psutil.Process(pid) for pid in cluster.client.run(os.getpid).values()]
    run.rest()
    until = time.monotonic() + PATIENCE_S
    while any(one.status() != psutil.STATUS_STOPPED for one in pids) and time.monotonic() < until:
        time.sleep(0.01)
    clocks_s = [process_cpu_s(one) for one in pids]
    assert [one.status() for one in pids] == [psutil.STATUS_STOPPED] * WORKERS
    assert [process_cpu_s(one) for one in pids] == clocks_s
    run.wake()
    assert run(abs, [-1, -2, -3]) == [1, 2, 3]
    assert threading.active_count() > 1  # the loop is held no longer
