"""Neighbours: distances between adjacent numbers of an array, by index. A demonstration of a wrong index.

What to watch: the same bug, one index too far, in plain Python, compiled (`+njit`), and compiled with the option
`boundscheck=True` (`+boundscheck`). Plain Python raises IndexError. Compiled code does not check: it computes with what
lies beyond the array, and returns an answer. `NUMBA_DISABLE_JIT=1` makes the decorator return the plain function, for a
debugger; it then takes as long as plain Python, which is this workload without a variant. The bug runs on a slice of a
longer array, so that what lies beyond is known, and no other memory is touched.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.model.text import one_line
from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.attempts import FirstCall, attempt
from gil_lab.suite.workloads import Workload

Job = tuple[int, int]
STEP, RANGE = 12_664_744, 16_777_213
WRONG_INDEX = "wrong index"
EXAMPLE = (1, 2, 4, 7, 1000)
"""The bug runs on the first four, whose right answer is 6; with the fifth it is 999."""
WITHOUT_JIT = """
import sys
from gil_lab.suite.workloads.neighbours import failing
sys.stdout.write(failing())
"""


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The number and length of each task's array."""
    yield [(task, size) for task in range(tasks)]


@cache
def numbers(task: int, size: int) -> Any:
    """An array, created on first use: in the warm-up pass."""
    import numpy as np

    return np.arange(task * size, (task + 1) * size, dtype=np.int64) * STEP % RANGE


def distances(values: Any) -> int:
    total = 0
    for i in range(1, len(values)):
        total += abs(values[i] - values[i - 1])
    return total


def distances_one_too_far(values: Any) -> int:
    """With the bug."""
    total = 0
    for i in range(len(values)):
        total += abs(values[i + 1] - values[i])
    return total


def compiled() -> Any:
    from numba import njit

    return njit(distances)


def checked() -> Any:
    from numba import njit

    return njit(boundscheck=True)(distances)


COMPILED, CHECKED = FirstCall(compiled), FirstCall(checked)


def plain_task(job: Job) -> int:
    return int(distances(numbers(*job)))


def compiled_task(job: Job) -> int:
    return int(COMPILED(numbers(*job)))


def checked_task(job: Job) -> int:
    return int(CHECKED(numbers(*job)))


def failing(**options: bool) -> str:
    """The outcome of the bug, with these options of the decorator."""
    import numpy as np
    from numba import njit

    return attempt(njit(**options)(distances_one_too_far), np.array(EXAMPLE)[:-1])


def observe_plain(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    """With NUMBA_DISABLE_JIT=1: in a process of its own, because Numba reads it at import."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", WITHOUT_JIT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    yield Observation(WRONG_INDEX, None, "", one_line(done.stdout))


def observe_compiled(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    yield Observation(WRONG_INDEX, None, "", failing())
    yield from COMPILED.observations()


def observe_checked(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    yield Observation(WRONG_INDEX, None, "", failing(boundscheck=True))
    yield from CHECKED.observations()


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Computed with NumPy, without an index."""
    import numpy as np

    return differing([int(np.abs(np.diff(numbers(*job))).sum()) for job in inputs], outputs)


ONE_FORM = "it shows the outcome of a bug, one task after the other: choose sequential"

WORKLOAD = Workload(
    summary="distances between neighbours in an array, and a wrong index",
    bound="cpu",
    releases_gil=False,
    inputs=inputs,
    forms={"call": plain_task},
    verify=verify,
    size=50_000,
    size_unit="numbers",
    max_size=10_000_000,
    tasks=8,
    requires=("numba",),
    observe=observe_plain,
    why_not=dict.fromkeys(("coroutine", "nogil", "parallel", "cuda"), ONE_FORM),
)
VARIANTS = {
    "njit": replace(WORKLOAD, summary="the same, compiled", forms={"call": compiled_task}, observe=observe_compiled),
    "boundscheck": replace(
        WORKLOAD, summary="the same, compiled with bounds checks", forms={"call": checked_task}, observe=observe_checked
    ),
}
