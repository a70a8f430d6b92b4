"""A cluster of dask that the user started: the lab connects, uses some of its workers, and leaves nothing there.

It stops, suspends and kills no process of it, so that an idle cluster goes on between turns: only the client rests.
Settings of scheduler and workers are those they were started with.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.strategies import RestingRun, Run, _on_the_cluster
from gil_lab.suite.strategies._clocks import clocks, pids_from
from gil_lab.suite.strategies._cluster_checks import SILENT_S, answering, connected, host_of, placed_workers
from gil_lab.suite.strategies._held_loop import HeldLoop, WorkerLostError
from gil_lab.suite.strategies._sent_modules import archive, key_of

LOOK_S = 1.0
"""Between two looks at the cluster while it may have tasks: one message a second, as each of its workers sends one."""
NO_SCHEDULER = "the scheduler is gone or cut off; is dask scheduler still running?"
GIVE_UP_S = 5.0
"""How long the lab waits to take its modules away again."""


class RunningCluster:
    """Those of its workers that are used, watched while it is awake."""

    def __init__(self, client: Any, workers: list[str]) -> None:
        """`workers`: their addresses."""
        self.client, self.placed = client, {"workers": workers}
        self._workers, self._loop = workers, HeldLoop(client.loop)
        self._watch: Any = None
        self._lost = ""
        self._processes = {one: pid for one, (pid, _) in self._answering().items()}
        self._before: Mapping[str, tuple[int, int]] = {}
        self._cpu_ns, self._passes_ns = dict.fromkeys(workers, 0), 0
        boots, here = client.run(_on_the_cluster.boot, workers=workers), _on_the_cluster.boot()
        self._clocks = clocks(lambda: client.run(time.monotonic_ns, workers=workers), boots, here)
        first = pids_from(boots, here)
        self.places = {one: (self._clocks[one].ahead_ns, first[one]) for one in workers}

    def rest(self) -> None:
        """The client is still: the cluster is not ours. Raises WorkerLostError."""
        after = self._check()
        for one, (_, cpu_ns) in self._before.items():
            self._cpu_ns[one] += after[one][1] - cpu_ns
        self.leave()
        self._loop.hold()

    def wake(self) -> None:
        """Returns once every worker that is used has answered. Raises WorkerLostError."""
        self._loop.release()
        self.watch()
        self._before = self._check()

    def resting(self, run: Run) -> RestingRun:
        """That `run`, which runs tasks on this cluster."""

        def noted(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            began_ns = time.monotonic_ns()
            with self._scheduler_is_there():
                outputs = run(task, inputs)
            self._passes_ns += (time.monotonic_ns() - began_ns) if self._before else 0
            return outputs

        return RestingRun(noted, self.rest, self.wake, self.observed)

    def observed(self) -> list[Observation]:
        """Where the workers are, how busy each host was from waking to rest, and how well their clocks are known."""
        hosts: dict[str, int] = {}
        for one in self._workers:
            hosts[host_of(one)] = hosts.get(host_of(one), 0) + self._cpu_ns[one]
        busy = [
            Observation(f"cores busy on {host}", cpu_ns / max(1, self._passes_ns)) for host, cpu_ns in hosts.items()
        ]
        error_s = max(clock.error_ns for clock in self._clocks.values()) / 1e9
        return [Observation("hosts", float(len(hosts))), *busy, Observation("error of clocks", error_s, "s")]

    def watch(self) -> None:
        """From now on a loss is raised as soon as it is seen, whatever this process waits for."""
        self.leave()
        self._watch = asyncio.run_coroutine_threadsafe(self._look(), self.client.loop.asyncio_loop)

    def leave(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def close(self) -> None:
        """Of what was held or watched; harmless if there is nothing of it."""
        self.leave()
        self._loop.release()

    def raised(self, number: int, frame: FrameType | None) -> None:
        """Called in the main thread when the watch has seen a loss."""
        raise WorkerLostError(self._lost)

    def _answering(self) -> dict[str, tuple[int, int]]:
        """The processes of those workers that answer now, and their CPU time."""
        with self._scheduler_is_there():
            return dict(self.client.run(_on_the_cluster.state, workers=self._workers, on_error="ignore"))

    @contextmanager
    def _scheduler_is_there(self) -> Iterator[None]:
        """If it is not, that is the cause of whatever went wrong. Raises WorkerLostError."""
        try:
            yield
        except Exception as error:
            if self.client.status != "running":
                raise WorkerLostError(NO_SCHEDULER) from error
            raise

    def _check(self) -> dict[str, tuple[int, int]]:
        answering = self._answering()
        for one in self._workers:
            if one not in answering or answering[one][0] != self._processes.get(one):
                raise WorkerLostError(_gone(one))
        return answering

    async def _look(self) -> None:
        heard: dict[str, tuple[float, float]] = {}
        while not self._lost:
            await asyncio.sleep(LOOK_S)
            try:
                asked = self.client.scheduler.identity(n_workers=-1)
                known = (await asyncio.wait_for(asked, SILENT_S))["workers"]
            except (OSError, TimeoutError):
                self._lost = NO_SCHEDULER
                break
            now = time.monotonic()
            for one in self._workers:
                if one not in known:
                    self._lost = _gone(one)
                    break
                last_seen = known[one]["last_seen"]
                heard[one] = (last_seen, now) if heard.get(one, (0.0, now))[0] != last_seen else heard[one]
                if now - heard[one][1] > SILENT_S:
                    self._lost = f"{one} was not heard of for {SILENT_S:g} s; is its host cut off, or short of memory?"
                    break
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)


def _gone(worker: str) -> str:
    return f"the worker {worker} ended or does not answer; was it killed, or its host cut off?"


@contextmanager
def running_cluster(address: str, workers: int) -> Iterator[RunningCluster]:
    """Yields a cluster whose workers can import what is imported here. Raises ClusterError."""
    sent = archive()
    with connected(address) as client:
        what = {"key": key_of(sent), "holder": client.id}
        with answering(address):
            chosen = placed_workers(client, workers)
        opened = RunningCluster(client, chosen)
        before = signal.signal(signal.SIGUSR1, opened.raised)
        try:
            opened.watch()
            with_all = {**what, "alive": client.run_on_scheduler(_on_the_cluster.clients)}
            client.run_on_scheduler(_on_the_cluster.install, sent, **with_all)
            client.run(_on_the_cluster.install, sent, **with_all, places=opened.places, workers=chosen)
            yield opened
        finally:
            opened.close()
            signal.signal(signal.SIGUSR1, before)
            with suppress(Exception):  # of a cluster that is gone
                client.sync(_uninstalled, client, what, callback_timeout=GIVE_UP_S)


async def _uninstalled(client: Any, what: dict[str, str]) -> None:
    """On all workers: one that is used may have ended and been started again elsewhere."""
    await client.run_on_scheduler(_on_the_cluster.uninstall, **what)
    await client.run(_on_the_cluster.uninstall, **what, on_error="ignore")
