"""All tasks in one kernel on a GPU, by Numba: the host sends the inputs, launches, waits and fetches the answers.

There are no workers to choose: how many threads run at the same time is the GPU's own matter, so that it is one cell
whatever `--workers` says. That all cores of the host are free meanwhile is the point, and that everything has to be
carried there and back is the price.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.model.text import one_line
from gil_lab.suite.strategies import Run, Strategy

SIMULATOR = "or look at it in Numba's simulator with --python this+cudasim"


@contextmanager
def gpu(_workers: int) -> Iterator[Run]:
    """The GPU, made ready for this process. That stays as it is until the process ends: kernels depend on it."""
    from numba import cuda

    cuda.current_context()

    def run(kernel: Callable[[Any, Any], None], inputs: Sequence[Any]) -> list[Any]:
        import numpy as np

        outputs = np.zeros(len(inputs), np.int64)
        kernel(np.array(inputs, np.int64), outputs)
        return outputs.tolist()

    yield run


def no_gpu() -> str | None:
    """Why `numba.cuda` cannot work here, and the remedy."""
    try:
        from numba import cuda

        available, error = cuda.is_available(), cuda.cuda_error()
    except Exception as error:  # a package for another driver, another numpy, or half of one
        told = one_line(f"{type(error).__name__}: {error}")[:120]
        return f"numba.cuda does not import ({told}); install or mend numba-cuda, {SIMULATOR}"
    if available:
        return None
    if error is None:
        return f"there is a driver for a GPU, but no CUDA compiler: pip install 'numba-cuda[cu13]', {SIMULATOR}"
    first = one_line(str(error).strip().partition("\n")[0])[:120].rstrip(".")
    return f"no GPU can be used ({first}): choose a machine with one of NVIDIA's and its driver, {SIMULATOR}"


STRATEGY = Strategy(
    summary="all tasks in one kernel on a GPU, with the transfers there and back",
    form="cuda",
    open=gpu,
    workers_are=None,
    reference="numba-sequential",
    requires=("numba",),
    refuses=no_gpu,
)
