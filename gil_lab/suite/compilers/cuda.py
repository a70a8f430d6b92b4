"""The GPU, by `numba.cuda`: one kernel for all workloads, its layout on a GPU, and clocks for it.

The kernel has a module of its own because Numba's simulator (`NUMBA_ENABLE_CUDASIM=1`) replaces the name `cuda` in the
module of whatever it runs. Which package provides `numba.cuda`, Numba itself or numba-cuda, makes no difference.
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
THREADS_PER_BLOCK = 128
"""Four warps: a block ends soon, and the number is a multiple of 32, the size of a warp."""
BLOCKS_PER_MULTIPROCESSOR = 16
"""2048 threads in total, the most that any multiprocessor can hold so far."""
SIMULATED_THREADS = 8
"""Per task: in the simulator each is a Python thread."""

Share = Callable[[Any, int, int], int]
"""`share(row, first, step)`: what one thread adds to the answer of a task; it is thread `first` of `step` threads."""


def kernel(share: Share) -> Any:
    """All tasks at once: one row of threads per task. Each thread does every `step`-th item of its task.

    Rejected: one thread per task, which would leave nearly all of a GPU's thousands of lanes idle. A thread adds up its
    part first: one atomic addition per thread, not per item.
    """
    part = cuda.jit(device=True)(share)

    def all_tasks(inputs: Any, outputs: Any) -> None:
        first, task = cuda.grid(2)
        step, _ = cuda.gridsize(2)
        cuda.atomic.add(outputs, task, part(inputs[task], first, step))

    return cuda.jit(all_tasks)


def layout(tasks: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Blocks and threads per block, as (along the items, along the tasks): enough to fill this GPU, split by task.

    Threads without an item end at once; where there are more items than threads, each does several.
    """
    if SIMULATED:
        return (1, tasks), (SIMULATED_THREADS, 1)
    blocks = BLOCKS_PER_MULTIPROCESSOR * cuda.get_current_device().MULTIPROCESSOR_COUNT
    return (-(-blocks // tasks), tasks), (THREADS_PER_BLOCK, 1)


def product() -> Callable[[float, float], float]:
    """A multiplication with its own rounding, like Python's. By default a GPU fuses a * b + c into one step."""
    if SIMULATED:
        return operator.mul
    from numba.cuda import libdevice

    rounded: Callable[[float, float], float] = libdevice.dmul_rn
    return rounded


def device_name() -> str:
    """The name of the GPU."""
    name = "Numba's simulator, no GPU" if SIMULATED else cuda.get_current_device().name
    return one_line(name.decode(errors="replace") if isinstance(name, bytes) else str(name))


def record_event() -> Any:
    """A point in GPU time (a CUDA event); in the simulator, which has no clock, in the host's time."""
    if SIMULATED:
        return time.monotonic_ns()
    event = cuda.event()
    event.record()
    return event


def seconds(begin: Any, end: Any) -> float:
    """Between two events. Waits for the second."""
    if SIMULATED:
        return float(end - begin) / 1e9
    end.synchronize()
    return float(begin.elapsed_time(end)) / 1e3  # it returns milliseconds
