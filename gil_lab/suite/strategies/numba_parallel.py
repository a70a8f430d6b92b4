"""One compiled loop over all tasks, whose iterations Numba distributes over threads (`parallel=True`, `prange`)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies import Run, Strategy


@contextmanager
def numba_threads(workers: int) -> Iterator[Run]:
    import numba
    import numpy as np

    before = numba.get_num_threads()  # NUMBA_NUM_THREADS, the upper limit read at import
    numba.set_num_threads(workers)

    def run(loop: Callable[[Any, Any], None], inputs: Sequence[Any]) -> list[Any]:
        rows = np.array(inputs)
        outputs = np.empty(len(inputs), getattr(loop, "dtype", "float64" if rows.dtype.kind == "f" else "int64"))
        loop(rows, outputs)
        return list(outputs.tolist())

    try:
        yield run
    finally:
        numba.set_num_threads(before)


CODE = """\
import numba
import numpy as np
{imports}

compiled = numba.njit({plain})


@numba.njit(parallel=True)
def loop(inputs, answers):
    for number in numba.prange(len(inputs)):
        answers[number] = compiled(inputs[number])


def run(inputs):
    numba.set_num_threads({workers})
    answers = np.empty(len(inputs), np.asarray(compiled(inputs[0])).dtype)
    loop(np.array(inputs), answers)
    return answers.tolist()
"""
STRATEGY = Strategy(
    summary="one compiled loop over all tasks, its iterations distributed over threads (prange)",
    form="parallel",
    open=numba_threads,
    workers_are="threads",
    reference="numba-sequential",
    requires=("numba",),
    code=CODE,
)
