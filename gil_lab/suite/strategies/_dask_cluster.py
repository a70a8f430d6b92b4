"""A cluster of dask.distributed on this machine: a scheduler in this process, and a process of one thread per worker.

Everything listens on 127.0.0.1, as in dask's own `LocalCluster()`, and like there every user of this machine can
connect while it is open. Rejected: encryption (`Security.temporary()`), which would be measured too; a cluster of
threads (`processes=False`), which is what `threading` measures.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies._pickling import main_module_hidden

SELDOM = "10s"
QUIET = {
    "distributed.admin.tick.interval": SELDOM,
    "distributed.admin.tick.cycle": SELDOM,
    "distributed.admin.system-monitor.interval": SELDOM,
    "distributed.client.scheduler-info-interval": SELDOM,
    "distributed.scheduler.active-memory-manager.interval": SELDOM,
    "distributed.worker.memory.monitor-interval": SELDOM,
    "distributed.worker.profile.enabled": False,
}
"""What a cluster does while it has no tasks. With dask's defaults two idle workers and their scheduler kept 0.13 cores
busy, mostly to feed a dashboard, which is off here; with these 0.015 (docs/how-it-measures.md). Cells that
have their turn meanwhile count as disturbed all the more often."""
NO_SECOND_ATTEMPT = {"distributed.scheduler.allowed-failures": 0}
"""By default dask starts another worker in the place of one that was killed, and runs its task there, up to three
times: a pass would be slow, and nothing would say why."""
CAPPED_BY_THE_LAB = {"distributed.nanny.pre-spawn-environ": {"MALLOC_TRIM_THRESHOLD_": 65536}}
"""dask's defaults but for those that cap the threads of libraries at one: the lab's settings say how many there are."""


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """Yields the `distributed.Client` of a cluster all of whose workers have started."""
    import dask
    from distributed import Client, LocalCluster

    with dask.config.set({**QUIET, **NO_SECOND_ATTEMPT, **CAPPED_BY_THE_LAB}):
        with main_module_hidden():
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # of health checks; without an address it would be port 8787
                silence_logs=logging.CRITICAL,  # what a task raises reaches the caller; dask would print it too
                scheduler_kwargs={"dashboard": False},
            )
        with cluster, Client(cluster, set_as_default=False) as client:
            client.wait_for_workers(workers)
            yield client
