"""Mandelbrot: how many points of each row of a grid belong to the Mandelbrot set. CPU-bound, in uneven tasks.

What to watch: a point inside the set costs all iterations, one outside only a few, so that the rows in the middle cost
many times those at the edge. Who deals tasks out one at a time keeps all cores busy to the end; who cuts the rows into
equal shares beforehand (`prange`, chunks of a pool) waits for the share in the middle.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.compilers.cython_source import Declared
from gil_lab.suite.workloads import Workload, differing

ITERATIONS = 100
FAR = 4.0
"""|z| squared from which z never comes back."""
SLICE = 500
"""Points, about a millisecond, after which the coroutine lets others run."""
WIDTH = 2.5
"""The grid covers the square from -2 - 1.25i to 0.5 + 1.25i."""
AREA = 1.5065918849
"""Of the set: Förstemann, Numerical estimation of the area of the Mandelbrot set, 2012."""
TOLERANCE = 0.1
"""By which part the area may be wrong. Points that would leave after all iterations make up 2 %, the grid the rest."""
FINE = 32
"""Rows, and points a row, from which on the grid is fine enough for that."""


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, int, int]]]:
    """One row a task: its number, how many rows there are, how many points a row has."""
    yield [(row, tasks, size) for row in range(tasks)]


def inside(x: float, y: float) -> bool:
    """Whether z <- z*z + x + iy, from 0, stays within |z| <= 2 for all iterations."""
    a = b = 0.0
    for _ in range(ITERATIONS):
        aa, bb = a * a, b * b
        if aa + bb > FAR:
            return False
        b = 2.0 * a * b + y
        a = aa - bb + x
    return True


def count_inside(line: tuple[int, int, int]) -> int:
    """How many points of the row are inside. Rows k and rows-1-k mirror each other exactly: y and -y."""
    row, rows, size = line
    y = (2 * row + 1 - rows) / rows * (WIDTH / 2)
    found = 0
    for column in range(size):
        if inside((column + 0.5) / size * WIDTH - 2.0, y):
            found += 1
    return found


async def count_inside_async(line: tuple[int, int, int]) -> int:
    """The same, with a pause after every slice."""
    row, rows, size = line
    y = (2 * row + 1 - rows) / rows * (WIDTH / 2)
    found = 0
    for column in range(size):
        if inside((column + 0.5) / size * WIDTH - 2.0, y):
            found += 1
        if column % SLICE == 0:
            await asyncio.sleep(0)
    return found


def nogil() -> Any:
    """The very same function, compiled."""
    from numba import njit
    from numba.extending import register_jitable

    register_jitable(inside)
    return njit(nogil=True)(count_inside)


def parallel(task: Any) -> Any:
    """One loop over all rows."""
    from numba import njit, prange

    @njit(parallel=True)
    def loop(inputs: Any, outputs: Any) -> None:
        for i in prange(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1], inputs[i, 2]))

    return loop


def gpu() -> Any:
    """One thread of a GPU a point. The same steps as in `inside`, with products rounded by themselves.

    A GPU would compute a * b + c in one step, rounded once: points near the edge would leave sooner or later, which is
    as true, but another answer. The 32 threads of a warp wait for the one among them that takes longest.
    """
    from gil_lab.suite.compilers.cuda import product

    times = product()

    def share(line: Any, first: int, step: int) -> int:
        row, rows, size = line[0], line[1], line[2]
        y = times((2 * row + 1 - rows) / rows, WIDTH / 2)
        found = 0
        for column in range(first, size, step):
            x = times((column + 0.5) / size, WIDTH) - 2.0
            a = b = 0.0
            left = ITERATIONS
            while left > 0:
                aa, bb = times(a, a), times(b, b)
                if aa + bb > FAR:
                    break
                b = times(2.0 * a, b) + y
                a = aa - bb + x
                left -= 1
            if left == 0:
                found += 1
        return found

    return share


C_TYPES = """
cdef int ITERATIONS
cdef double FAR, WIDTH

@cython.locals(a=double, b=double, aa=double, bb=double)
cdef bint inside(double x, double y) noexcept nogil

@cython.locals(row=cython.longlong, rows=cython.longlong, size=cython.longlong, y=double, found=cython.longlong,
               column=cython.longlong)
cdef long long count_inside((long long, long long, long long) line) except? -1 nogil
"""


def cython() -> Declared:
    """The very same functions, and the C types of their variables and of the module's numbers."""
    return Declared(count_inside, C_TYPES)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """The set is symmetric, its area is known, and one row in the middle is counted again."""
    middle = len(inputs) // 2
    expected = list(reversed(outputs))
    expected[middle] = count_inside(inputs[middle])
    wrong = differing(expected, outputs)
    _, rows, size = inputs[0]
    area = sum(outputs) / (rows * size) * WIDTH**2
    if wrong is None and min(rows, size) >= FINE and abs(area / AREA - 1) > TOLERANCE:
        return f"the area of the set came out as {area:.3f}, right is {AREA:.3f}"
    return wrong


WORKLOAD = Workload(
    summary="count the points of the Mandelbrot set, row by row",
    bound="cpu",
    inputs=inputs,
    forms={
        "call": count_inside,
        "coroutine": count_inside_async,
        "nogil": nogil,
        "parallel": parallel,
        "cuda": gpu,
        "cython": cython,
        "cython-untyped": count_inside,
    },
    verify=verify,
    size=4_000,
    size_unit="points a row",
    max_size=10_000_000,
)
