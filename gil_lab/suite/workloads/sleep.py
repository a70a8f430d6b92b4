"""Sleep: wait and do nothing. I/O-bound work in its purest form, without a device that could become the bottleneck.

What to watch: tasks in flight rise with the workers, cores busy stay near 0: concurrent, not parallel, and the GIL does
not matter, because a waiting thread does not hold it. The time of a strategy beyond the sleep is its own overhead.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.cython_source import MOSTLY_WAITS
from gil_lab.suite.workloads import Workload

TICK_NS = round(time.get_clock_info("monotonic").resolution * 1e9)
"""An event loop may consider a timer due one tick of the clock too early."""


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, int]]]:
    """Task numbers, each with the milliseconds to wait."""
    yield [(number, size) for number in range(tasks)]


def slept(number: int, milliseconds: int, begin_ns: int) -> int:
    """The answer: the task's number, or -1 if it woke up too early."""
    return number if time.monotonic_ns() - begin_ns >= milliseconds * 1_000_000 - TICK_NS else -1


def sleep(job: tuple[int, int]) -> int:
    """Block the thread."""
    number, milliseconds = job
    begin_ns = time.monotonic_ns()
    time.sleep(milliseconds / 1000)
    return slept(number, milliseconds, begin_ns)


async def sleep_async(job: tuple[int, int]) -> int:
    """Let the event loop run other coroutines meanwhile. `time.sleep` would block them all."""
    number, milliseconds = job
    begin_ns = time.monotonic_ns()
    await asyncio.sleep(milliseconds / 1000)
    return slept(number, milliseconds, begin_ns)


def nogil() -> Any:
    """The C library's sleep, which answers 0 only after the full time."""
    from numba import njit

    from gil_lab.suite.compilers.libc import usleep

    @njit(nogil=True)
    def sleep(job: Any) -> Any:
        number, milliseconds = job
        return number if usleep(1000 * milliseconds) == 0 else -1

    return sleep


def parallel(task: Any) -> Any:
    """One loop over all tasks."""
    from numba import njit, prange

    @njit(parallel=True)
    def loop(inputs: Any, outputs: Any) -> None:
        for i in prange(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1]))

    return loop


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Each task answers with its number."""
    return differing([number for number, _ in inputs], outputs)


WORKLOAD = Workload(
    summary="wait, and do nothing",
    bound="io",
    inputs=inputs,
    forms={"call": sleep, "coroutine": sleep_async, "nogil": nogil, "parallel": parallel},
    verify=verify,
    size=20,
    size_unit="ms",
    max_size=60_000,
    why_not={"cython": MOSTLY_WAITS, "cython-untyped": MOSTLY_WAITS},
)
