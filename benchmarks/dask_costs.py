"""What a cluster of dask on this machine costs beside two processes of `concurrent.futures`: to start, and for a task.

    python benchmarks/dask_costs.py [rounds]

Passes take turns, in pairs, and the cluster rests while the others have theirs. Work is CPU time of the task's own
thread, so that it is the same on a busy machine; every run is printed, then medians.
"""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from statistics import median

import psutil

from gil_lab.measuring.processes import total_cpu_s
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import RestingRun, Run

NAMES = ("process-pool-executor", "dask")
WORKERS = 2
WORK_US = 200_000
"""Of a pass; but at least as many tasks as there are workers, twice."""
LENGTHS_US = (1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
EMPTY_TASKS = 500
STARTS = 3


def burn(us: int, number: int) -> int:
    """So much CPU time of its thread."""
    until = time.thread_time_ns() + us * 1000
    while time.thread_time_ns() < until:
        pass
    return number


def cpu_s() -> float:
    """Of this process and its descendants, with those that have ended."""
    own = psutil.Process()
    return total_cpu_s([own, *own.children(recursive=True)])[0]


def pass_s(run: Run, task: partial[int] | type[int], tasks: int) -> tuple[float, float]:
    """Wall time and CPU time of a pass."""
    if isinstance(run, RestingRun):
        run.wake()
    before_s, begin = cpu_s(), time.monotonic()
    run(task, range(tasks))
    taken = time.monotonic() - begin, cpu_s() - before_s
    if isinstance(run, RestingRun):
        run.rest()
    return taken


def shown(numbers: Sequence[float]) -> str:
    return f"{median(numbers):.4g} (" + ", ".join(f"{number:.3g}" for number in numbers) + ")"


def main(rounds: int) -> None:
    catalogue = Catalogue()
    with ExitStack() as stack:
        runs: dict[str, Run] = {}
        for name in NAMES:
            took_s, used_s = [], []
            for attempt in range(STARTS):
                before_s, begin = cpu_s(), time.monotonic()
                manager = catalogue.strategy(name).open(WORKERS)
                run = manager.__enter__()
                took_s.append(time.monotonic() - begin)
                used_s.append(cpu_s() - before_s)
                if attempt < STARTS - 1:
                    manager.__exit__(None, None, None)
            stack.push(manager)
            runs[name] = run
            if isinstance(run, RestingRun):
                run.rest()
            print(f"start {name}: {shown(took_s)} s, {shown(used_s)} s of CPU time", flush=True)
        for us in (0, *LENGTHS_US):
            tasks = max(2 * WORKERS, WORK_US // us) if us else EMPTY_TASKS
            task = partial(burn, us) if us else int
            found: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
            for _ in range(rounds):
                for name, run in runs.items():
                    found[name].append(pass_s(run, task, tasks))
            print(f"{tasks} tasks of {us} us", flush=True)
            for name, taken in found.items():
                walls, cpus = zip(*taken, strict=True)
                beside_ms = [(used - tasks * us / 1e6) / tasks * 1000 for used in cpus]
                print(f"  {name}: wall {shown(walls)} s, {shown(beside_ms)} ms of CPU time a task beside its work")
            ratios = [one[0] / other[0] for one, other in zip(found["dask"], found[NAMES[0]], strict=True)]
            print(f"  dask took {shown(ratios)} times as long", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
