"""Vector: pi from points in a square, counted by an expression over NumPy arrays. CPU-bound and memory-bound.

Points are spread evenly (additive recurrences), in integers, so that every implementation gives exactly the same
answer. What to watch: NumPy runs its loops in C, one array after the other through memory. Numba's decorator changes
little for that code, but nearly everything for a plain loop (`+loop`). With `parallel=True` (`+automatic`) Numba turns
each array operation into a loop, fuses the loops into one, and distributes that over threads: the tasks run one after
the other, each of them on all cores.

Every implementation is written out in full, as a user would write it, so that its lines can be counted.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.porting import PortedFunctions
from gil_lab.suite.workloads import Workload

SIDE = 16_777_213
"""Of the square, which holds a quarter of a circle: a prime, so that points repeat only after that many."""
RIGHT, UP = 12_664_744, 9_560_332
"""From each point to the next, modulo SIDE: 0.7549 and 0.5698 of it, Roberts' R2 sequence."""

Job = tuple[int, int]
"""The first point of the task, and its number of points."""

PORTED = PortedFunctions()


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """Consecutive blocks of `size` points."""
    yield [(task * size, size) for task in range(tasks)]


@cache
def with_numpy() -> Callable[[Job], int]:
    """The usual way with NumPy."""
    import numpy as np

    def count_inside(job: Job) -> int:
        first, size = job
        points = np.arange(first, first + size)
        x = points * RIGHT % SIDE
        y = points * UP % SIDE
        return int(np.sum(x * x + y * y <= SIDE * SIDE))

    return count_inside


def count_inside(job: Job) -> int:
    """How many points lie inside the circle, by NumPy."""
    return with_numpy()(job)


def compiled() -> Any:
    """The same lines, and a decorator."""
    import numpy as np
    from numba import njit

    @njit(nogil=True)
    def count_inside(job: Job) -> int:
        first, size = job
        points = np.arange(first, first + size)
        x = points * RIGHT % SIDE
        y = points * UP % SIDE
        return int(np.sum(x * x + y * y <= SIDE * SIDE))

    return PORTED.record(count_inside)


def distributed(task: Any) -> Any:
    """Parallelised by hand: the tasks are distributed over the threads."""
    from numba import njit, prange

    @njit(parallel=True)
    def loop(inputs: Any, outputs: Any) -> None:
        for i in prange(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1]))

    return PORTED.record(loop)


def automatic() -> Any:
    """The same lines, and a decorator that parallelises them, without a `prange` that says what."""
    import numpy as np
    from numba import njit

    @njit(nogil=True, parallel=True)
    def count_inside(job: Job) -> int:
        first, size = job
        points = np.arange(first, first + size)
        x = points * RIGHT % SIDE
        y = points * UP % SIDE
        return int(np.sum(x * x + y * y <= SIDE * SIDE))

    return PORTED.record(count_inside)


def one_after_the_other(task: Any) -> Any:
    """The tasks in a plain loop: they are parallel inside. It is part of the lab, not of the port."""
    from numba import njit

    @njit(nogil=True)
    def loop(inputs: Any, outputs: Any) -> None:
        for i in range(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1]))

    return loop


def count_one_by_one(job: Job) -> int:
    first, size = job
    found = 0
    for point in range(first, first + size):
        x = point * RIGHT % SIDE
        y = point * UP % SIDE
        if x * x + y * y <= SIDE * SIDE:
            found += 1
    return found


def compiled_loop() -> Any:
    """The plain loop, and a decorator."""
    from numba import njit

    @njit(nogil=True)
    def count_one_by_one(job: Job) -> int:
        first, size = job
        found = 0
        for point in range(first, first + size):
            x = point * RIGHT % SIDE
            y = point * UP % SIDE
            if x * x + y * y <= SIDE * SIDE:
                found += 1
        return found

    return PORTED.record(count_one_by_one)


def gpu() -> Any:
    """The loop again; each GPU thread runs a part of it."""

    def count_one_by_one(job: Any, begin: int, step: int) -> int:
        first, size = job[0], job[1]
        found = 0
        for point in range(first + begin, first + size, step):
            x = point * RIGHT % SIDE
            y = point * UP % SIDE
            if x * x + y * y <= SIDE * SIDE:
                found += 1
        return found

    return PORTED.record(count_one_by_one)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Counted again in floating point, in which all these numbers are exact."""
    import numpy as np

    def again(job: Job) -> int:
        points = np.arange(job[0], job[0] + job[1], dtype=np.uint64)
        x, y = ((points * np.uint64(step) % np.uint64(SIDE)).astype(float) for step in (RIGHT, UP))
        return int(np.count_nonzero(np.square(x) + np.square(y) <= float(SIDE) ** 2))

    return differing([again(job) for job in inputs], outputs)


def observe(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    """How many lines differ from the usual NumPy code, and what Numba parallelised."""
    return PORTED.observations(with_numpy())


def observe_loop(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    """The same, relative to a plain loop."""
    return PORTED.observations(count_one_by_one)


NO_COROUTINE = "NumPy computes a whole array in one call, and cannot yield in the middle of it"
NO_KERNEL = "a GPU kernel is the code of one thread, not an expression over arrays: see vector+loop"

WORKLOAD = Workload(
    summary="count points in a circle, by an expression over NumPy arrays",
    bound="cpu",
    releases_gil=False,
    inputs=inputs,
    forms={"call": count_inside, "nogil": compiled, "parallel": distributed},
    verify=verify,
    size=250_000,
    size_unit="points",
    max_size=10_000_000,
    tasks=16,
    requires=("numpy",),
    observe=observe,
    why_not={"coroutine": NO_COROUTINE, "cuda": NO_KERNEL},
)
VARIANTS = {
    "loop": replace(
        WORKLOAD,
        summary="the same, by a loop over the points",
        forms={"call": count_one_by_one, "nogil": compiled_loop, "parallel": distributed, "cuda": gpu},
        observe=observe_loop,
        why_not={"coroutine": NO_COROUTINE},
    ),
    "automatic": replace(
        WORKLOAD,
        summary="the same array expression, parallelised by Numba automatically",
        forms={"call": count_inside, "nogil": automatic, "parallel": one_after_the_other},
    ),
}
