"""A cluster of dask that the user started: the lab connects, uses some of its workers, and leaves nothing there.

It stops, suspends and kills no process of it, so that an idle cluster goes on between turns: only the client rests.
Settings of scheduler and workers are those they were started with.
"""

import asyncio
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from gil_lab.model.host_observations import CORES, CORES_BUSY, WORKERS
from gil_lab.model.records import Observation
from gil_lab.suite.instruments.spans import TracedCall
from gil_lab.suite.strategies import RestingRun, Run, _on_the_cluster
from gil_lab.suite.strategies._clocks import clocks, pids_from
from gil_lab.suite.strategies._cluster_checks import SILENT_S, answering, connected, host_of, placed_workers
from gil_lab.suite.strategies._held_loop import HeldLoop, WorkerLostError
from gil_lab.suite.strategies._sent_modules import archive, key_of, packages_needed

LOOK_S = 1.0
"""Between two looks at the cluster while it may have tasks: one message a second, as each of its workers sends one."""
State = tuple[int, int, dict[str, float]]
"""Of a worker: its process, its CPU time in ns, and the seconds that dask counts for each activity."""
ACTIVITIES = {
    "tasks": ("thread-cpu", "thread-noncpu"),
    "serialisation": ("serialize", "deserialize", "compress", "decompress"),
    "transfer": ("network",),
    "spilling": ("disk-read", "disk-write"),
}
"""What workers are observed to do, by the names of dask's fine performance metrics."""
LAYERS = ("tasks known to the scheduler", "tasks at workers", "tasks computing by dask")
"""Averages over the passes up to the first traced one."""
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
        self._processes = {one: pid for one, (pid, *_) in self._answering().items()}
        self._before: Mapping[str, State] = {}
        self._cpu_ns, self._passes_ns = dict.fromkeys(workers, 0), 0
        self._doing_s: Counter[str] = Counter()
        """What workers did in turns, in seconds by activity; of all of them together."""
        self._traced, self._awake_ns = False, 0
        """Of the passes since it was woken: whether they were traced, which do not count, and how long they took."""
        self._watched_ns = 0
        self._tasks_s: tuple[float, float, float] | None = None
        """Until the end of the first traced pass: known to the scheduler, at workers, computing."""
        self._cores = client.run(_on_the_cluster.usable_cores, workers=workers)
        boots, here = client.run(_on_the_cluster.boot, workers=workers), _on_the_cluster.boot()
        self._clocks = clocks(lambda: client.run(time.monotonic_ns, workers=workers), boots, here)
        first = pids_from(boots, here)
        self.places = {one: (self._clocks[one].ahead_ns, first[one]) for one in workers}

    def rest(self) -> None:
        """The client is still: the cluster is not ours. Raises WorkerLostError."""
        after = self._check()
        if self._traced:
            self._end_watch_of_tasks()
        timed = {} if self._traced else self._before
        self._passes_ns += self._awake_ns * bool(timed)
        for one, (_, cpu_ns, doing_s) in timed.items():
            self._cpu_ns[one] += after[one][1] - cpu_ns
            self._doing_s.update({name: total_s - doing_s.get(name, 0.0) for name, total_s in after[one][2].items()})
        self.leave()
        self._loop.hold()

    def wake(self) -> None:
        """Returns once every worker that is used has answered. Raises WorkerLostError."""
        self._loop.release()
        self.watch()
        self._traced, self._awake_ns = False, 0
        self._before = self._check()

    def resting(self, run: Run) -> RestingRun:
        """That `run`, which runs tasks on this cluster."""

        def noted(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            began_ns = time.monotonic_ns()
            with self._scheduler_is_there():
                outputs = run(task, inputs)
            took_ns = time.monotonic_ns() - began_ns
            self._awake_ns += took_ns
            self._watched_ns += took_ns * (self._tasks_s is None)
            self._traced = isinstance(getattr(task, "task", task), TracedCall) or isinstance(task, TracedCall)
            return outputs

        with self._scheduler_is_there():
            self.client.run_on_scheduler(_on_the_cluster.watch_tasks, client=self.client.id)
        return RestingRun(noted, self.rest, self.wake, self.observed, self._on_this_machine())

    def _on_this_machine(self) -> tuple[int, ...]:
        """Its processes here, whose work is the cluster's and not that of others."""
        boot, namespace, _ = _on_the_cluster.place()
        places = [
            self.client.run_on_scheduler(_on_the_cluster.place),
            *self.client.run(_on_the_cluster.place, workers=self._workers).values(),
        ]
        if not boot or not namespace:
            return ()
        return tuple({pid for *there, pids in places if there == [boot, namespace] for pid in pids})

    def observed(self) -> list[Observation]:
        """Where the workers are, what they did from waking to rest, and how well their clocks are known.

        Of the first passes, where the tasks were, by the scheduler.
        """
        hosts: dict[str, list[str]] = {}
        for one in self._workers:
            hosts.setdefault(host_of(one), []).append(one)
        of_each = [number for host, workers in hosts.items() for number in self._observed(host, workers)]
        error_s = max(clock.error_ns for clock in self._clocks.values()) / 1e9
        clocks_error = Observation("error of clocks", error_s, "s")
        return [
            *(Observation("hosts", float(len(hosts))), *of_each, clocks_error),
            *(*self._activities(), *self._where_tasks_were()),
        ]

    def _activities(self) -> Iterator[Observation]:
        """Shares of the time of all workers; the rest of it they are idle, or dask's own."""
        whole_s = len(self._workers) * self._passes_ns / 1e9
        for name, activities in ACTIVITIES.items():
            if whole_s:
                share = sum(self._doing_s[one] for one in activities) / whole_s
                yield Observation(name, 100 * share, "% of workers' time")

    def _where_tasks_were(self) -> Iterator[Observation]:
        self._end_watch_of_tasks()
        if self._tasks_s and self._watched_ns:
            for name, seconds in zip(LAYERS, self._tasks_s, strict=True):
                yield Observation(name, 1e9 * seconds / self._watched_ns)

    def _end_watch_of_tasks(self) -> None:
        """Harmless if it has ended."""
        if self._tasks_s is None:
            with self._scheduler_is_there():
                self._tasks_s = self.client.run_on_scheduler(_on_the_cluster.watched_tasks, client=self.client.id)

    def _observed(self, host: str, workers: Sequence[str]) -> Iterator[Observation]:
        yield Observation(CORES_BUSY + host, sum(self._cpu_ns[one] for one in workers) / max(1, self._passes_ns))
        yield Observation(CORES + host, float(len({core for one in workers for core in self._cores[one]})))
        yield Observation(WORKERS + host, float(len(workers)))

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

    def _answering(self) -> dict[str, State]:
        """Those of the workers that answer now."""
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

    def _check(self) -> dict[str, State]:
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
            chosen = placed_workers(client, workers, packages_needed())
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
