"""Mandelbrot: how many points of each row of a grid belong to the Mandelbrot set. CPU-bound, in uneven tasks.

What to watch: a point inside the set takes all iterations, one outside only a few, so that the rows in the middle take
many times as long as those at the edge. A strategy that hands out tasks one at a time keeps all cores busy to the end;
one that splits the rows into equal shares beforehand (`prange`, chunks of a pool) waits for the share in the middle.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.cython_source import Declared
from gil_lab.suite.workloads import Workload

ITERATIONS = 100
ESCAPED = 4.0
"""|z| squared beyond which z diverges."""
SLICE = 500
"""Points, about a millisecond, after which the coroutine yields."""
WIDTH = 2.5
"""The grid covers the square from -2 - 1.25i to 0.5 + 1.25i."""
AREA = 1.5065918849
"""Area of the set: Förstemann, Numerical estimation of the area of the Mandelbrot set, 2012."""
TOLERANCE = 0.1
"""Relative error of the area: 2 % from points that diverge only after all iterations, the rest from the grid."""
MIN_GRID = 32
"""Rows, and points per row, that the grid needs for that."""


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, int, int]]]:
    """One row per task: its number, the number of rows, the number of points per row."""
    yield [(row, tasks, size) for row in range(tasks)]


def inside(x: float, y: float) -> bool:
    """Whether z <- z*z + x + iy, from 0, stays within |z| <= 2 for all iterations."""
    a = b = 0.0
    for _ in range(ITERATIONS):
        aa, bb = a * a, b * b
        if aa + bb > ESCAPED:
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
    """The same, yielding after every slice."""
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
    """One GPU thread per point. The same steps as in `inside`, with every product rounded separately.

    A GPU would compute a * b + c in one step, rounded once: points near the edge would diverge sooner or later, which
    is just as correct, but another answer. The 32 threads of a warp wait for the slowest of them.
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
            remaining = ITERATIONS
            while remaining > 0:
                aa, bb = times(a, a), times(b, b)
                if aa + bb > ESCAPED:
                    break
                b = times(2.0 * a, b) + y
                a = aa - bb + x
                remaining -= 1
            if remaining == 0:
                found += 1
        return found

    return share


C_TYPES = """
cdef int ITERATIONS
cdef double ESCAPED, WIDTH

@cython.locals(a=double, b=double, aa=double, bb=double)
cdef bint inside(double x, double y) noexcept nogil

@cython.locals(row=cython.longlong, rows=cython.longlong, size=cython.longlong, y=double, found=cython.longlong,
               column=cython.longlong)
cdef long long count_inside((long long, long long, long long) line) except? -1 nogil
"""


def cython() -> Declared:
    """The very same functions, with C types for their variables and the module's numbers."""
    return Declared(count_inside, C_TYPES)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """The set is symmetric, its area is known, and one row in the middle is counted again."""
    middle = len(inputs) // 2
    expected = list(reversed(outputs))
    expected[middle] = count_inside(inputs[middle])
    wrong = differing(expected, outputs)
    _, rows, size = inputs[0]
    area = sum(outputs) / (rows * size) * WIDTH**2
    if wrong is None and min(rows, size) >= MIN_GRID and abs(area / AREA - 1) > TOLERANCE:
        return f"the area of the set is {area:.3f} instead of {AREA:.3f}"
    return wrong


WORKLOAD = Workload(
    summary="count the points of the Mandelbrot set, row by row",
    bound="cpu",
    releases_gil=False,
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
    size_unit="points per row",
    max_size=10_000_000,
)
