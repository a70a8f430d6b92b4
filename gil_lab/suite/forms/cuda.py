"""`cuda`: all tasks in one kernel on a GPU, with their transfer there and back.

The tasks of one kernel cannot be told apart from outside: all are in flight from the transfer to the answers. So each
has that whole time as its span, and an equal part of what the host's thread got of a core meanwhile. To the host a GPU
is a device that it waits for: most of a span is blocked, or running where the driver waits in a busy loop.
"""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gil_lab.model.records import Observation, TaskSpan
from gil_lab.suite.forms import Form, Task, Unfold
from gil_lab.suite.instruments.spans import TracedCall
from gil_lab.suite.workloads import Workload

REPETITIONS = 5
"""Of the stages, each timed by itself; the median is told."""


@dataclass(frozen=True)
class Kernel:
    """`kernel(inputs, outputs)`: arrays of int64, a row a task; answers are added to `outputs`."""

    compiled: Any

    def __call__(self, inputs: Any, outputs: Any) -> None:
        from numba import cuda

        rows, found = cuda.to_device(inputs), cuda.to_device(outputs)
        self.launch(rows, found)
        found.copy_to_host(outputs)  # waits for the kernel

    def launch(self, rows: Any, found: Any) -> None:
        """Hand it to the GPU, with arrays that are there already, and do not wait."""
        from gil_lab.suite.compilers.cuda import layout

        blocks, threads = layout(len(rows))
        self.compiled[blocks, threads](rows, found)


def kernel(workload: Workload) -> Kernel:
    share = workload.forms["cuda"]()
    from gil_lab.suite.compilers import cuda

    return Kernel(cuda.kernel(share))


def arrays(inputs: Sequence[Any]) -> tuple[Any, Any]:
    import numpy as np

    return np.array(inputs, np.int64), np.zeros(len(inputs), np.int64)


def compile_for(task: Task, inputs: Sequence[Any]) -> None:
    """By a first launch for one task: only then has the driver put the machine code on the GPU. The simulator compiles
    nothing.
    """
    task(*arrays(inputs[:1]))


@dataclass
class Noted:
    """The kernel, with one note around all of it."""

    kernel: Task
    note: tuple[Any, ...] = field(default=())

    def __call__(self, inputs: Any, outputs: Any) -> None:
        self.note = TracedCall(lambda _: self.kernel(inputs, outputs))(None)[1:]

    def unfolded(self, outputs: Sequence[Any]) -> tuple[list[Any], list[TaskSpan]]:
        pid, tid, begin, end, running, ready, core_begin, core_end = self.note
        tasks = len(outputs)
        own = running // tasks, None if ready is None else ready // tasks
        spans = [TaskSpan(task, pid, tid, begin, end, *own, core_begin, core_end) for task in range(tasks)]
        return list(outputs), spans


def traced(task: Task, inputs: Sequence[Any]) -> tuple[Task, Unfold]:
    noted = Noted(task)
    return noted, noted.unfolded


def stages(task: Any, inputs: Sequence[Any]) -> Iterator[tuple[str, float]]:
    """Each stage of one pass by itself, in seconds: by the GPU's own clock, but for the launch.

    An untimed kernel goes before the timed one. While the GPU is busy with it, the next is put into its queue, so that
    its two marks stand around the kernel alone; but for one that is done sooner than it takes to launch the next.
    """
    from numba import cuda

    from gil_lab.suite.compilers.cuda import mark, seconds

    rows, found = arrays(inputs)
    begin = mark()
    rows, found = cuda.to_device(rows), cuda.to_device(found)
    there = mark()
    yield "transfer to the GPU", seconds(begin, there)
    task.launch(rows, found)
    begin = mark()
    called_ns = time.monotonic_ns()
    task.launch(rows, found)
    launched_ns = time.monotonic_ns()
    done = mark()
    yield "launch", (launched_ns - called_ns) / 1e9
    yield "kernel", seconds(begin, done)
    begin = mark()
    found.copy_to_host()
    yield "transfer back", seconds(begin, mark())


def observe(task: Task, inputs: Sequence[Any]) -> Iterator[Observation]:
    """Transfer, launch and kernel time apart: medians. The simulator runs a kernel within its launch."""
    from gil_lab.suite.compilers.cuda import called

    yield Observation("GPU", None, "", called())
    timed: dict[str, list[float]] = {}
    for _ in range(REPETITIONS):
        for name, time_s in stages(task, inputs):
            timed.setdefault(name, []).append(time_s)
    for name, times_s in timed.items():
        yield Observation(name, statistics.median(times_s), "s")


FORM = Form(
    task=kernel,
    compile=compile_for,
    traced=traced,
    observe=observe,
    left_out="a GPU computes with numbers, but waits for nobody, opens no file and calls no library",
)
