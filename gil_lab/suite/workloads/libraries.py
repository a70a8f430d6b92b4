"""Libraries: calls of libraries that have threads of their own. CPU-bound, and all of them let go of the GIL.

A task of the plain workload multiplies two matrices in NumPy, whose BLAS spreads one product over all cores by itself.
So do numexpr with an expression over an array (`+numexpr`) and polars with the sums of groups (`+polars`). What to
watch: how many cores a single task keeps busy, and how many are wanted when several workers call such a library at
once: each of them brings as many threads as there are cores (*oversubscription*), unless a variable says how many it
may use. The lab sets these variables: to one, or to what the setting `+threads=` says.

The variants are different work: compare each with itself under another setting.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload

Job = tuple[int, int]
"""The number of the task, and its size: rows and columns of a matrix, or a thousandth of the numbers."""

DIGITS, GROUPS = 10, 100
THOUSAND = 1000


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The same size for all."""
    yield [(number, size) for number in range(tasks)]


@cache
def matrices(size: int) -> tuple[Any, Any]:
    """Two of whole numbers below `DIGITS`, made once in each process."""
    import numpy as np

    numbers = np.arange(size * size, dtype=float).reshape(size, size)
    return numbers % DIGITS, numbers.T * 3 % DIGITS


def multiply(job: Job) -> int:
    """The sum of a product of two matrices, in floats that hold it exactly."""
    number, size = job
    left, right = matrices(size)
    return int(((left + number) @ right).sum())


def verify_products(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Sums of the columns of one times sums of the rows of the other: no product of matrices is needed."""
    left, right = matrices(inputs[0][1])
    expected = [int((left + number).sum(axis=0) @ right.sum(axis=1)) for number, _ in inputs]
    return differing(expected, outputs)


@cache
def angles(size: int) -> Any:
    """A thousand times so many, made once in each process."""
    import numpy as np

    return np.arange(size * THOUSAND, dtype=float)


def evaluate(job: Job) -> float:
    """The sum of sin² + cos² + the number of the task."""
    from numexpr import evaluate

    number, size = job
    return float(evaluate("sin(x) ** 2 + cos(x) ** 2 + number", {"x": angles(size), "number": number}).sum())


def verify_expressions(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Each is one more than the number of the task."""
    return differing([float((number + 1) * size * THOUSAND) for number, size in inputs], outputs)


@cache
def frame(size: int) -> Any:
    """A thousand times so many rows in groups, made once in each process."""
    import numpy as np
    import polars as pl

    rows = np.arange(size * THOUSAND)
    return pl.DataFrame({"group": rows % GROUPS, "value": rows})


def group(job: Job) -> int:
    """The sum of the sums of all groups."""
    import polars as pl

    number, size = job
    return int(frame(size).group_by("group").agg((pl.col("value") + number).sum())["value"].sum())


def verify_groups(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """The sum of all values."""
    rows = {size: size * THOUSAND for _, size in inputs}
    return differing([rows[size] * (rows[size] - 1) // 2 + number * rows[size] for number, size in inputs], outputs)


COMPILED_ALREADY = "the library is compiled code already, which lets go of the GIL: there is nothing to compile"
NO_COROUTINE = "a library computes in one call, and cannot yield in the middle of it"
WHY_NOT = {
    "coroutine": NO_COROUTINE,
    **dict.fromkeys(("nogil", "parallel", "cython", "cython-untyped", "cuda"), COMPILED_ALREADY),
}

WORKLOAD = Workload(
    summary="products of matrices, by NumPy's BLAS, which has threads of its own",
    bound="cpu",
    releases_gil=True,
    inputs=inputs,
    forms={"call": multiply},
    verify=verify_products,
    size=500,
    size_unit="rows and columns",
    max_size=4000,
    tasks=16,
    requires=("numpy",),
    why_not=WHY_NOT,
)


def _of(
    library: str, what: str, task: Callable[[Job], Any], verify: Callable[[Sequence[Any], Sequence[Any]], str | None]
) -> Workload:
    summary = f"{what}, by {library}, which has threads of its own"
    return replace(WORKLOAD, summary=summary, forms={"call": task}, verify=verify, requires=("numpy", library))


VARIANTS = {
    "numexpr": _of("numexpr", "an expression over an array", evaluate, verify_expressions),
    "polars": _of("polars", "sums of groups", group, verify_groups),
}
