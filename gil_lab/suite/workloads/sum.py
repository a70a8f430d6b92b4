"""Sum: add up numbers, with several ways to store and to iterate over them. What "everything is an object" costs.

What to watch: the time of each variant relative to the plain loop over a list, the bytes per number, and the memory
blocks that are allocated to add one. In a list a number is an object of its own, 28 bytes behind a pointer of 8. An
`array` and NumPy store 8 bytes per number, and Python's loop has to create an object for each that it reads; NumPy's
own loop and compiled code create none. `numba-object` is Numba without types: the interpreter's steps without the
interpreter. (`looplift=False`: Numba would otherwise extract the loop and compile it with types after all.)

The numbers are created, and the loops compiled, by the first task of the warm-up pass in each process, so not in a
timed pass. Allocations are counted in a run of one task after everything is timed (see
`gil_lab.suite.instruments.allocations`).
"""

import asyncio
import gc
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.answers import differing
from gil_lab.suite.instruments.allocations import allocations
from gil_lab.suite.workloads import Workload

SLICE = 20_000
"""Numbers, well below a millisecond, after which the coroutine yields."""
Job = tuple[int, int]


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The start value, which is the task's number, and how many numbers to add. All tasks add the same numbers."""
    yield [(number, size) for number in range(tasks)]


def add(numbers: Iterable[Any], total: Any) -> Any:
    """The loop that all variants but `builtin` and `numpy` run."""
    for number in numbers:
        total += number
    return total


@lru_cache(1)
def as_list(size: int) -> list[int]:
    return list(range(size))


@lru_cache(1)
def as_array(size: int) -> "array[int]":
    return array("q", list(range(size)))  # from a list, whose length is known, so that nothing is over-allocated


@lru_cache(1)
def as_numpy(size: int) -> Any:
    import numpy as np

    return np.arange(size, dtype=np.int64)


@lru_cache(1)
def compiled() -> Any:
    """Machine code for 64-bit integers."""
    from numba import njit

    return njit(add)


@lru_cache(1)
def compiled_for_objects() -> Any:
    from numba import jit

    return jit(forceobj=True, looplift=False)(add)


def add_list(job: Job) -> int:
    start, size = job
    return int(add(as_list(size), start))


async def add_list_async(job: Job) -> int:
    """The same, cooperatively."""
    total, size = job
    numbers = iter(as_list(size))
    for _ in range(0, size, SLICE):
        total = add(islice(numbers, SLICE), total)
        await asyncio.sleep(0)
    return total


def add_builtin(job: Job) -> int:
    """Python's own `sum`, a loop in C over the same objects."""
    start, size = job
    return sum(as_list(size), start)


def add_array(job: Job) -> int:
    start, size = job
    return int(add(as_array(size), start))


def add_numpy_elements(job: Job) -> int:
    """The plain loop over a NumPy array."""
    start, size = job
    return int(add(as_numpy(size), start))


def add_numpy(job: Job) -> int:
    start, size = job
    return int(as_numpy(size).sum()) + start


def add_numba_object(job: Job) -> int:
    start, size = job
    return int(compiled_for_objects()(as_numpy(size), start))


def add_numba(job: Job) -> int:
    start, size = job
    return int(compiled()(as_numpy(size), start))


def bytes_of(numbers: Any) -> int:
    """Bytes of the container and its distinct number objects. Raises TypeError if Python cannot report them."""
    objects = {id(item): item for item in gc.get_referents(numbers) if isinstance(item, int)}
    return sys.getsizeof(numbers) + sum(map(sys.getsizeof, objects.values()))


def observe(
    task: Callable[[Job], int], container: Callable[[int], Any], inputs: Sequence[Job], answers: Sequence[Any]
) -> Iterator[Observation]:
    """Bytes and allocations per element, as far as this Python can report them."""
    _, size = inputs[0]
    try:
        yield Observation("bytes an element", bytes_of(container(size)) / size, "bytes")
    except TypeError:  # PyPy: an object has no fixed size
        return
    if (count := allocations(partial(task, inputs[0]))) is not None:
        yield Observation("allocations an element", count / size)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Compare with Gauss's formula."""
    return differing([start + size * (size - 1) // 2 for start, size in inputs], outputs)


IN_A_VARIANT = "Numba needs typed numbers to compile this: use the variant sum+numba"
SAME_FOR_ALL = "it compares ways to add numbers, one task after the other: choose sequential"

WORKLOAD = Workload(
    summary="add up numbers: a plain loop over a list",
    bound="cpu",
    releases_gil=False,
    inputs=inputs,
    forms={"call": add_list, "coroutine": add_list_async},
    verify=verify,
    size=100_000,
    size_unit="numbers",
    max_size=10_000_000,
    tasks=8,
    why_not={"nogil": IN_A_VARIANT, "parallel": IN_A_VARIANT},
    observe=partial(observe, add_list, as_list),
)


def variant(
    summary: str, task: Callable[[Job], int], container: Callable[[int], Any], *requires: str, **changes: Any
) -> Workload:
    return replace(
        WORKLOAD,
        summary=f"add up numbers: {summary}",
        forms={"call": task},
        why_not=dict.fromkeys(("coroutine", "nogil", "parallel"), SAME_FOR_ALL),
        observe=partial(observe, task, container),
        requires=requires,
        **changes,
    )


VARIANTS = {
    "builtin": variant("the built-in sum over a list", add_builtin, as_list),
    "array": variant("a plain loop over an array", add_array, as_array),
    "numpy-elements": variant("a plain loop over a NumPy array", add_numpy_elements, as_numpy, "numpy"),
    "numpy": variant("NumPy's own loop", add_numpy, as_numpy, "numpy", releases_gil=True),
    "numba-object": variant("Numba in object mode, a NumPy array", add_numba_object, as_numpy, "numba"),
    "numba": variant("Numba in nopython mode, a NumPy array", add_numba, as_numpy, "numba"),
}
