"""Neighbours: how far the numbers of an array are from those beside them, by index. Made for a wrong index.

What to watch: the same mistake, one index too far, in plain Python, compiled (`+njit`), and compiled with the option
`boundscheck=True` (`+boundscheck`). Plain Python raises IndexError. Compiled code does not look: it computes with what
lies behind the array, and answers. `NUMBA_DISABLE_JIT=1` makes the decorator give back the plain function, for a
debugger; its price is that of plain Python, which is this workload without variant. The mistake is made on a part of a
longer array, so that what lies behind is known, and nothing else is touched.
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
from gil_lab.suite.compilers.attempts import FirstCall, attempt
from gil_lab.suite.workloads import Workload, differing

Job = tuple[int, int]
STEP, RANGE = 12_664_744, 16_777_213
WHAT_WENT_WRONG = "wrong index"
TO_SHOW = (1, 2, 4, 7, 1000)
"""The mistake is made on the first four, whose right answer is 6; with the fifth it is 999."""
WITHOUT_COMPILER = """
import sys
from gil_lab.suite.workloads.neighbours import failing
sys.stdout.write(failing())
"""


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """Number and length of the array of each task."""
    yield [(task, size) for task in range(tasks)]


@cache
def numbers(task: int, size: int) -> Any:
    """An array, made when it is first asked for: in the warm-up pass."""
    import numpy as np

    return np.arange(task * size, (task + 1) * size, dtype=np.int64) * STEP % RANGE


def distances(values: Any) -> int:
    total = 0
    for i in range(1, len(values)):
        total += abs(values[i] - values[i - 1])
    return total


def distances_one_too_far(values: Any) -> int:
    """With the mistake."""
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
    """What becomes of the mistake, with these options of the decorator."""
    import numpy as np
    from numba import njit

    return attempt(njit(**options)(distances_one_too_far), np.array(TO_SHOW)[:-1])


def observe_plain(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    """The compiled program with NUMBA_DISABLE_JIT=1: in a process of its own, because Numba reads it at import."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", WITHOUT_COMPILER]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    yield Observation(WHAT_WENT_WRONG, None, "", one_line(done.stdout))


def observe_compiled(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    yield Observation(WHAT_WENT_WRONG, None, "", failing())
    yield from COMPILED.told()


def observe_checked(inputs: Sequence[Any], answers: Sequence[Any]) -> Iterator[Observation]:
    yield Observation(WHAT_WENT_WRONG, None, "", failing(boundscheck=True))
    yield from CHECKED.told()


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """By NumPy, without an index."""
    import numpy as np

    return differing([int(np.abs(np.diff(numbers(*job))).sum()) for job in inputs], outputs)


ONE_FORM = "it shows what becomes of a mistake, one task after the other: choose sequential"

WORKLOAD = Workload(
    summary="distances between neighbours in an array, and a wrong index",
    bound="cpu",
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
        WORKLOAD, summary="the same, compiled to look", forms={"call": checked_task}, observe=observe_checked
    ),
}
