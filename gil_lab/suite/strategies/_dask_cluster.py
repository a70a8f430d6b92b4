"""A cluster of dask.distributed on this machine: a scheduler in this process, and a process of one thread per worker.

Everything listens on 127.0.0.1, as in dask's own `LocalCluster()`, and like there every user of this machine can
connect while it is open. Rejected: encryption (`Security.temporary()`), which would be measured too; a cluster of
threads (`processes=False`), which is what `threading` measures.
"""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, Protocol

from gil_lab.model.variables import CLUSTER
from gil_lab.suite.strategies import RestingRun, Run
from gil_lab.suite.strategies._held_loop import HeldLoop, WorkerLostError
from gil_lab.suite.strategies._pickling import main_module_hidden

OURS = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.worker-ttl": None,
    "distributed.nanny.pre-spawn-environ": {"MALLOC_TRIM_THRESHOLD_": 65536},
}
"""All else is as dask has it by default.

By default dask starts another worker in the place of one that was killed, and runs its task there, up to three times: a
pass would be slow, and nothing would say why. It takes a worker that was not heard of for 5 minutes for lost, which a
cluster that rests is not. And it caps the threads of libraries at one; the lab's settings say how many there are.
"""


class OpenCluster(Protocol):
    """What strategies need of a cluster, whoever started it."""

    client: Any
    """A `distributed.Client`."""
    placed: dict[str, Any]
    """What says at each submission which workers may run it."""

    def resting(self, run: Run) -> RestingRun: ...


class Cluster:
    """Its client, and how it rests: heartbeats, monitors and profilers keep an idle cluster awake.

    The processes of its workers are stopped by a signal; scheduler, nannies and client share an event loop in this
    process, which is held. What was due meanwhile is done once when it wakes, and after that at the times at which it
    would have been due anyway (tornado, PeriodicCallback): in a pass it is as frequent as in any cluster of dask.
    Rejected: to stop each callback and start it again, after which none is due within its period, so that a short turn
    would see none; and to make callbacks seldom, which dask's users do not, and which is not quiet enough. From Python
    3.12 on a thread that looks at the loop goes on, for a hundredth of a core: only with that of workers can it be
    switched off.
    """

    def __init__(self, client: Any) -> None:
        """`client`: a `distributed.Client`."""
        self.client, self.placed = client, dict[str, Any]()
        self._workers = self._answering()
        self._stopped: list[int] = []
        self._loop = HeldLoop(client.loop)

    def rest(self) -> None:
        """Returns once everything is still. Raises WorkerLostError."""
        self._check()
        self._loop.hold()
        for pid in self._workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                self._stopped.append(pid)

    def resume(self) -> None:
        """Harmless for one that does not rest."""
        while self._stopped:
            with suppress(ProcessLookupError):
                os.kill(self._stopped.pop(), signal.SIGCONT)
        self._loop.release()

    def wake(self) -> None:
        """Returns once every worker has answered, so that what was due meanwhile is done. Raises WorkerLostError."""
        self.resume()
        self._check()

    def _answering(self) -> frozenset[int]:
        """The processes of the workers that answer now."""
        return frozenset(self.client.run(os.getpid, on_error="ignore").values())

    def _check(self) -> None:
        if lost := len(self._workers - self._answering()):
            raise WorkerLostError(f"{lost} of {len(self._workers)} workers ended or do not answer; was memory short?")

    def resting(self, run: Run) -> RestingRun:
        """That `run`, which runs tasks on this cluster."""
        return RestingRun(run, self.rest, self.wake)


def open_cluster(workers: int) -> AbstractContextManager[OpenCluster]:
    """The running one that the user named; else one on this machine, that ends with it."""
    if address := os.environ.get(CLUSTER):
        from gil_lab.suite.strategies._running_cluster import running_cluster  # it sends modules, which few need

        return running_cluster(address, workers)
    return local_cluster(workers)


@contextmanager
def local_cluster(workers: int) -> Iterator[Cluster]:
    """Yields a cluster all of whose workers have started."""
    import dask
    from distributed import Client, LocalCluster

    with dask.config.set(OURS):
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
            opened = Cluster(client)
            try:
                yield opened
            finally:
                opened.resume()
