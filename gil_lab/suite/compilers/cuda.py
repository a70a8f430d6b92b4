"""The GPU, by `numba.cuda`: one kernel for all workloads, how it is laid out on a GPU, and clocks for it.

The kernel stands in a module of its own because Numba's simulator (`NUMBA_ENABLE_CUDASIM=1`) exchanges the name `cuda`
in the module of whatever it runs. Which package brings `numba.cuda`, Numba itself or numba-cuda, makes no difference.
Sources: the Numba documentation, "CUDA Kernel API" and "Debugging CUDA Python with the CUDA Simulator"; NVIDIA, "CUDA
Pro Tip: Write Flexible Kernels with Grid-Stride Loops".
"""

import operator
import time
from collections.abc import Callable
from typing import Any

from numba import config, cuda

from gil_lab.model.text import one_line

SIMULATED = bool(getattr(config, "ENABLE_CUDASIM", False))
THREADS_A_BLOCK = 128
"""Four warps: small enough that a block is soon done, and a multiple of 32, in which a GPU runs its threads."""
BLOCKS_A_MULTIPROCESSOR = 16
"""Together 2048 threads, the most that any multiprocessor has held at a time so far."""
SIMULATED_THREADS = 8
"""A task: in the simulator each is a thread of Python."""

Share = Callable[[Any, int, int], int]
"""`share(row, first, step)`: what one thread adds to the answer of a task; `first` is its number of `step` threads."""


def kernel(share: Share) -> Any:
    """All tasks at once: rows of threads, a row a task. Each thread does every `step`-th item of its task.

    Rejected: a thread a task, which would leave a GPU with thousands of lanes idle but for a few of them. A thread adds
    its part up by itself first: one atomic addition a thread, not one an item.
    """
    part = cuda.jit(device=True)(share)

    def all_tasks(inputs: Any, outputs: Any) -> None:
        first, task = cuda.grid(2)
        step, _ = cuda.gridsize(2)
        cuda.atomic.add(outputs, task, part(inputs[task], first, step))

    return cuda.jit(all_tasks)


def layout(tasks: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Blocks and threads a block, as (along the items, along the tasks): what fills this GPU, dealt out to the tasks.

    Threads for which there is no item end at once; where there are more items than threads, each does several.
    """
    if SIMULATED:
        return (1, tasks), (SIMULATED_THREADS, 1)
    blocks = BLOCKS_A_MULTIPROCESSOR * cuda.get_current_device().MULTIPROCESSOR_COUNT
    return (-(-blocks // tasks), tasks), (THREADS_A_BLOCK, 1)


def product() -> Callable[[float, float], float]:
    """A multiplication that is rounded by itself, as Python's is. By default a GPU computes a * b + c in one step."""
    if SIMULATED:
        return operator.mul
    from numba.cuda import libdevice

    rounded: Callable[[float, float], float] = libdevice.dmul_rn
    return rounded


def called() -> str:
    """The name of the GPU."""
    name = "Numba's simulator, no GPU" if SIMULATED else cuda.get_current_device().name
    return one_line(name.decode(errors="replace") if isinstance(name, bytes) else str(name))


def mark() -> Any:
    """A point in the time of the GPU (a CUDA event); in the simulator, which keeps no time, in that of the host."""
    if SIMULATED:
        return time.monotonic_ns()
    event = cuda.event()
    event.record()
    return event


def seconds(begin: Any, end: Any) -> float:
    """Between two marks. Waits for the second."""
    if SIMULATED:
        return float(end - begin) / 1e9
    end.synchronize()
    return float(begin.elapsed_time(end)) / 1e3  # it tells milliseconds
