"""Spin: integer arithmetic for about as many microseconds as the size says. Tasks of any length, from 1 µs on.

What to watch: what a task costs beside its work. The number of steps is fixed, not the time: all strategies do the
same, whatever the machine does meanwhile, and how long a task really takes is what `sequential` measures. All tasks are
alike, so that an idle worker is the strategy's doing.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload

STEPS = 20
"""In a microsecond, about: 50 ns each, as CPython 3.11 takes on a shared core of an AMD EPYC."""
SLICE = 20_000
"""Steps, about a millisecond, after which the coroutine yields."""
MASK = 127
"""Small integers exist once: no step makes an object."""
Job = tuple[int, int]


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """Where each task begins, and its number of steps."""
    yield [(number & MASK, size * STEPS) for number in range(tasks)]


def spin(job: Job) -> int:
    x, steps = job
    for _ in range(steps):
        x = (x + 1) & MASK
    return x


async def spin_async(job: Job) -> int:
    """The same, cooperatively."""
    x, steps = job
    for begin in range(0, steps, SLICE):
        x = spin((x, min(SLICE, steps - begin)))
        await asyncio.sleep(0)
    return x


def verify(inputs: Sequence[Job], outputs: Sequence[Any]) -> str | None:
    return differing([(begin + steps) & MASK for begin, steps in inputs], list(outputs))


FOLDED = "compilers make a single addition of this loop, and then a task has no length"

WORKLOAD = Workload(
    summary="integer arithmetic for so many microseconds a task",
    bound="cpu",
    inputs=inputs,
    forms={"call": spin, "coroutine": spin_async},
    verify=verify,
    size=1000,
    size_unit="microseconds, about",
    max_size=10_000_000,
    tasks=128,
    releases_gil=False,
    why_not=dict.fromkeys(("nogil", "parallel", "cython", "cython-untyped", "cuda"), FOLDED),
)
