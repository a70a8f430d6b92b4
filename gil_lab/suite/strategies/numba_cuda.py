"""All tasks in one kernel on a GPU, by Numba: the host sends the inputs, launches, waits and fetches the answers.

The number of workers cannot be chosen: the GPU decides how many threads run at the same time, so that there is one cell
whatever `--workers` is. The gain is that all cores of the host are free meanwhile; the price is that everything has to
be transferred in both directions.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.model.text import one_line
from gil_lab.suite.strategies import Run, Strategy

SIMULATOR = "or run it in Numba's simulator with --python this+cudasim"


@contextmanager
def gpu(_workers: int) -> Iterator[Run]:
    """Initialise the GPU for this process. Its context stays until the process ends: kernels depend on it."""
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
    except Exception as error:  # a package for another driver or numpy, or an incomplete one
        cause = one_line(f"{type(error).__name__}: {error}")[:120]
        return f"numba.cuda does not import ({cause}); install or repair numba-cuda, {SIMULATOR}"
    if available:
        return None
    if error is None:
        return f"there is a driver for a GPU, but no CUDA compiler: pip install 'numba-cuda[cu13]', {SIMULATOR}"
    first = one_line(str(error).strip().partition("\n")[0])[:120].rstrip(".")
    return f"no GPU can be used ({first}): choose a machine with an NVIDIA GPU and its driver, {SIMULATOR}"


STRATEGY = Strategy(
    summary="all tasks in one kernel on a GPU, including the transfers in both directions",
    form="cuda",
    open=gpu,
    workers_are=None,
    reference="numba-sequential",
    requires=("numba",),
    refuses=no_gpu,
)
