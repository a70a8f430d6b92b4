"""Tank: a loop over a pandas DataFrame in which each row depends on the one before, so that no pandas operation fits.

What to watch: Numba's nopython mode does not support DataFrames; its error names neither the argument nor a remedy. Two
workarounds: object mode (`+object-mode`) accepts everything that Python accepts, and is no faster; the columns as
arrays, by `to_numpy` (`+to-numpy`), are what nopython mode is made for.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.attempts import FirstCall, attempt
from gil_lab.suite.workloads import Workload

Job = tuple[int, int]
CAPACITY = 150
MAX_FLOW = 100
"""In or out, in one step."""
INFLOW_STEP, OUTFLOW_STEP, RANGE = 12_664_744, 9_560_332, 16_777_213


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The number and length of each task's table."""
    yield [(task, size) for task in range(tasks)]


@cache
def table(task: int, size: int) -> Any:
    """A DataFrame, created on first use: in the warm-up pass."""
    import numpy as np
    import pandas as pd

    steps = np.arange(task * size, (task + 1) * size, dtype=np.int64)
    return pd.DataFrame(
        {"inflow": steps * INFLOW_STEP % RANGE % MAX_FLOW, "outflow": steps * OUTFLOW_STEP % RANGE % MAX_FLOW}
    )


def spilled(frame: Any) -> int:
    """How much runs over: the tank holds CAPACITY, and nothing flows out of an empty tank."""
    level = lost = 0
    for inflow, outflow in zip(frame["inflow"], frame["outflow"]):  # noqa: B905 - Numba's zip takes no `strict`
        level = max(0, level + inflow - outflow)
        if level > CAPACITY:
            lost += level - CAPACITY
            level = CAPACITY
    return lost


def spilled_of_arrays(inflows: Iterable[int], outflows: Iterable[int]) -> int:
    """The same, for its columns."""
    level = lost = 0
    for inflow, outflow in zip(inflows, outflows):  # noqa: B905
        level = max(0, level + inflow - outflow)
        if level > CAPACITY:
            lost += level - CAPACITY
            level = CAPACITY
    return lost


def in_object_mode() -> Any:
    from numba import jit

    return jit(forceobj=True)(spilled)


def in_nopython_mode() -> Any:
    from numba import njit

    return njit(spilled_of_arrays)


OBJECT_MODE, NOPYTHON_MODE = FirstCall(in_object_mode), FirstCall(in_nopython_mode)


def plain_task(job: Job) -> int:
    return int(spilled(table(*job)))


def object_mode_task(job: Job) -> int:
    return int(OBJECT_MODE(table(*job)))


def to_numpy_task(job: Job) -> int:
    frame = table(*job)
    return int(NOPYTHON_MODE(frame["inflow"].to_numpy(), frame["outflow"].to_numpy()))


def observe_plain(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    """Numba's decorator on this very loop."""
    from numba import njit

    yield Observation("nopython mode", None, "", attempt(njit(spilled), table(0, 1)))


def observe_object_mode(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    return OBJECT_MODE.observations()


def observe_to_numpy(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    return NOPYTHON_MODE.observations()


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Computed again with Python's own numbers, without pandas."""
    steps = [range(task * size, (task + 1) * size) for task, size in inputs]
    inflows = ([i * INFLOW_STEP % RANGE % MAX_FLOW for i in numbers] for numbers in steps)
    outflows = ([i * OUTFLOW_STEP % RANGE % MAX_FLOW for i in numbers] for numbers in steps)
    return differing(list(map(spilled_of_arrays, inflows, outflows)), outputs)


ONE_FORM = "it shows how Numba handles a DataFrame, one task after the other: choose sequential"

WORKLOAD = Workload(
    summary="a loop over the rows of a pandas table",
    bound="cpu",
    releases_gil=False,
    inputs=inputs,
    forms={"call": plain_task},
    verify=verify,
    size=25_000,
    size_unit="rows",
    max_size=10_000_000,
    tasks=8,
    requires=("numba", "pandas"),
    observe=observe_plain,
    why_not=dict.fromkeys(("coroutine", "nogil", "parallel", "cuda"), ONE_FORM),
)
VARIANTS = {
    "object-mode": replace(
        WORKLOAD,
        summary="the same, compiled in object mode",
        forms={"call": object_mode_task},
        observe=observe_object_mode,
    ),
    "to-numpy": replace(
        WORKLOAD,
        summary="the same for its columns as arrays, in nopython mode",
        forms={"call": to_numpy_task},
        observe=observe_to_numpy,
    ),
}
