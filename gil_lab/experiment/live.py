"""For interactive use: one cell measured with one call, and the bare strategies in this process."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from gil_lab.child.probe import refusal
from gil_lab.experiment import Experiment
from gil_lab.experiment.results import Results
from gil_lab.measuring.machine import limits, usable_cores
from gil_lab.model.chunks import WORDS
from gil_lab.model.errors import UsageError
from gil_lab.sessions.options import Options, check
from gil_lab.sessions.plan import Design
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import Run


def measure(
    workload: str,
    strategy: str,
    *,
    workers: int | None = None,
    python: str | Sequence[str] = "this",
    tasks: int | None = None,
    size: int | None = None,
    rounds: int = 1,
    min_time_s: float = 0.5,
    timeout_s: float = 60.0,
    out: Path | str = "results",
) -> Results:
    """Measure one cell in a child process: `measure("primes", "threading", workers=4)`.

    The result has seconds, tasks in flight, cores busy and the verdict, but no speed-up, which needs another cell. The
    session is written to `results/measure/`. Raises the same exceptions as `Experiment.run`.
    """
    experiment = Experiment("One cell.", Design("measure", (workload,), (strategy,), compared=False))
    return experiment.run(
        workers=workers,
        python=python,
        tasks=tasks,
        size=size,
        rounds=rounds,
        min_time_s=min_time_s,
        timeout_s=timeout_s,
        out=out,
    )


@contextmanager
def open_pool(strategy: str, *, workers: int | None = None) -> Iterator[Run]:
    """The bare strategy, in this process, for interactive use.

    `with gil_lab.open_pool("threading", workers=4) as run: run(task, inputs)`

    `run` returns the outputs in the order of the inputs. The task is written in the strategy's form: a plain function,
    a coroutine function for `asyncio`, a function compiled with `numba.njit(nogil=True)` for `numba-nogil`, a compiled
    `loop(inputs, outputs)` for `numba-parallel`, whose outputs are floats if the inputs are. Functions defined in a
    notebook work with every strategy.

    Raises UsageError if there is no such strategy or it does not work here. It measures nothing; for that, use
    `measure`.
    """
    number = max(2, usable_cores()) if workers is None else workers
    chosen = Catalogue().strategy(strategy)
    kinds = (chosen.workers_are,) if chosen.workers_are else ()
    check(Options(workers=(number,)), usable_cores(), limits(), kinds)
    if "numba" in chosen.requires and "numba" not in sys.modules:
        os.environ.setdefault("NUMBA_NUM_THREADS", str(number))  # an upper limit that Numba reads once, at import
    if chosen.chunk in WORDS:
        raise UsageError(f"{strategy} depends on the tasks, which are yet to come; give a number, as in joblib by 64")
    if reason := refusal(chosen):
        raise UsageError(f"{strategy} does not work here: {reason}")
    with ExitStack() as stack:
        if not _in_event_loop():
            yield stack.enter_context(chosen.open(number))
            return
        # An event loop runs in this thread (a notebook's), and asyncio allows one per thread, so use another thread.
        thread = stack.enter_context(ThreadPoolExecutor(1))
        pool = chosen.open(number)
        run = thread.submit(pool.__enter__).result()
        stack.callback(lambda: thread.submit(pool.__exit__, None, None, None).result())

        def run_elsewhere(task: Callable[..., Any], inputs: Sequence[Any]) -> list[Any]:
            return thread.submit(run, task, inputs).result()

        yield run_elsewhere


def _in_event_loop() -> bool:
    import asyncio  # which every start of the lab would wait for

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
