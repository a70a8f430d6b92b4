"""Functions that run on the scheduler and the workers of a cluster which others started, sent by value.

The lab need not be installed there, so each function imports what it uses and refers to nothing else of this module.
"""

from collections.abc import Sequence
from typing import Any

Places = dict[str, tuple[int, int]]
"""By the address of a worker: how far its clock is ahead in ns, and what is added to its numbers of processes."""


def lacking(modules: Sequence[str]) -> list[str]:
    """Those that cannot be found there."""
    import importlib.util

    return [name for name in modules if importlib.util.find_spec(name) is None]


def threads(dask_worker: Any) -> int:
    """How many tasks that worker runs at the same time."""
    return int(dask_worker.state.nthreads)


def state(dask_worker: Any) -> tuple[int, int, dict[str, float]]:
    """The number of this process, its CPU time in nanoseconds, of all its threads, and what dask says it did.

    The latter in seconds by activity, from dask's fine performance metrics: its tasks' own time is `thread-cpu` and
    `thread-noncpu`, and `network` what it waited for messages.
    """
    import os
    import time

    seconds: dict[str, float] = {}
    for name, value in dict(dask_worker.digests_total).items():
        if type(name) is tuple and name[-1] == "seconds":
            seconds[name[-2]] = seconds.get(name[-2], 0.0) + value
    return os.getpid(), time.process_time_ns(), seconds


def watch_tasks(dask_scheduler: Any, client: str) -> None:
    """From now on add up how long tasks of that client are known to the scheduler, are at workers, and compute.

    Until it is asked for, or the client is gone.
    """
    import time
    from typing import Any  # what stands outside of this function is not sent with the class

    from distributed import SchedulerPlugin

    class Watch(SchedulerPlugin):  # type: ignore[misc]  # distributed has no types
        known_s = at_workers_s = computing_s = 0.0

        def __init__(self) -> None:
            self.known_at: dict[Any, float] = {}
            self.sent_at: dict[Any, float] = {}

        def transition(self, key: Any, start: str, finish: str, *_: Any, **more: Any) -> None:
            now = time.monotonic()
            if finish == "waiting":
                self.known_at[key] = now
            elif finish == "processing":
                self.sent_at[key] = now
            elif finish in ("memory", "erred", "released", "forgotten"):
                known, sent = self.known_at.pop(key, now), self.sent_at.pop(key, now)
                task = dask_scheduler.tasks.get(key)
                if finish == "memory" and task and client in {one.client_key for one in task.who_wants or ()}:
                    spans = (one for one in more.get("startstops") or () if one["action"] == "compute")
                    self.known_s += now - known
                    self.at_workers_s += now - sent
                    self.computing_s += sum(one["stop"] - one["start"] for one in spans)

        def remove_client(self, scheduler: Any, client: str) -> None:
            if client == self.name.removeprefix("gil-lab-"):
                scheduler.remove_plugin(name=self.name)

    watch = Watch()
    watch.name = f"gil-lab-{client}"
    dask_scheduler.add_plugin(watch, name=watch.name)


def watched_tasks(dask_scheduler: Any, client: str) -> tuple[float, float, float] | None:
    """The seconds that were added up, of all tasks together; it is watched no longer. None if it was not."""
    name = f"gil-lab-{client}"
    if name not in dask_scheduler.plugins:
        return None
    watch = dask_scheduler.plugins[name]
    dask_scheduler.remove_plugin(name=name)
    return watch.known_s, watch.at_workers_s, watch.computing_s


def usable_cores() -> list[int]:
    """By their numbers, those that this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def clients(dask_scheduler: Any) -> list[str]:
    """By their names, those that are connected."""
    return [str(name) for name in dask_scheduler.clients]


def boot() -> str:
    """By what a machine is known again: processes that share it share a monotonic clock (clock_gettime(2))."""
    from pathlib import Path

    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def place(dask_worker: Any = None, dask_scheduler: Any = None) -> tuple[str, str, list[int]]:
    """By what its machine and its numbering of processes are known; the process, and its nanny if it has one."""
    import os

    try:
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - pathlib's does not read what is no path
    except OSError:
        namespace = ""
    above = [os.getppid()] if getattr(dask_worker, "nanny", None) else []
    return boot(), namespace, [os.getpid(), *above]


def install(
    archive: bytes,
    key: str,
    holder: str,
    alive: Sequence[str],
    places: "Places | None" = None,
    dask_worker: Any = None,
    dask_scheduler: Any = None,
) -> None:
    """Make the modules in that archive importable until their last holder gives them up; of `alive` clients.

    Raises RuntimeError where modules of the lab are in use that are others.
    """
    import importlib
    import io
    import sys
    import tempfile
    import zipfile
    from pathlib import Path

    node = dask_scheduler if dask_worker is None else dask_worker
    kept = vars(node).setdefault("gil_lab_modules", {})
    for old, (_, holders) in tuple(kept.items()):
        holders.intersection_update(alive)  # a lab that was killed gives nothing up
        if not holders and old != key:
            forget(node, old)
    if key in kept:
        kept[key][1].add(holder)
        return
    if kept or "gil_lab" in sys.modules:
        where = sys.modules["gil_lab"].__file__ if "gil_lab" in sys.modules else "another session"
        raise RuntimeError(f"{node.address} uses gil_lab of {where}; wait for other sessions to end, or restart it")
    folder = tempfile.mkdtemp(prefix="gil-lab-modules-", dir=getattr(node, "local_directory", None) or None)
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(Path(folder))
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    kept[key] = (folder, {holder})
    if places and node.address in places:
        here = importlib.import_module("gil_lab.suite.instruments.spans").HERE
        here.ahead_ns, here.pids_from = places[node.address]


def uninstall(key: str, holder: str, dask_worker: Any = None, dask_scheduler: Any = None) -> None:
    """Give them up; with the last holder they are removed, from memory as well."""
    node = dask_scheduler if dask_worker is None else dask_worker
    kept = vars(node).get("gil_lab_modules", {})
    if key not in kept:
        return
    kept[key][1].discard(holder)
    if not kept[key][1]:
        forget(node, key)


def forget(node: Any, key: str) -> None:
    """Remove them from that scheduler or worker."""
    import shutil
    import sys

    folder, _ = vars(node)["gil_lab_modules"].pop(key)
    sys.path[:] = [path for path in sys.path if path != folder]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("gil_lab.")]
    for name, module in tuple(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]
    shutil.rmtree(folder, ignore_errors=True)
