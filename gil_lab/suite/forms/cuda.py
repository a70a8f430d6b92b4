"""`cuda`: all tasks in one kernel on a GPU, including the transfers in both directions.

The tasks of one kernel cannot be distinguished from outside: all are in flight from the transfer to the answers. So the
span of each is that whole time, with an equal share of the host thread's CPU time. To the host a GPU is a device that
it waits for: most of a span is blocked, or running where the driver waits in a busy loop.
"""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gil_lab.model.frozen import frozen
from gil_lab.model.records import Observation, TaskSpan
from gil_lab.suite.forms import Form, Task, Unfold
from gil_lab.suite.instruments.spans import TracedCall
from gil_lab.suite.workloads import Workload

REPETITIONS = 5
"""Of each stage; the median is reported."""


@frozen
class Kernel:
    """`kernel(inputs, outputs)`: arrays of int64, one row per task; answers are added to `outputs`."""

    compiled: Any

    def __call__(self, inputs: Any, outputs: Any) -> None:
        from numba import cuda

        rows, answers = cuda.to_device(inputs), cuda.to_device(outputs)
        self.launch(rows, answers)
        answers.copy_to_host(outputs)  # waits for the kernel

    def launch(self, rows: Any, answers: Any) -> None:
        """Launch it on arrays that are on the GPU already, without waiting."""
        from gil_lab.suite.compilers.cuda import layout

        blocks, threads = layout(len(rows))
        self.compiled[blocks, threads](rows, answers)


def kernel(workload: Workload) -> Kernel:
    share = workload.forms["cuda"]()
    from gil_lab.suite.compilers import cuda

    return Kernel(cuda.kernel(share))


def arrays(inputs: Sequence[Any]) -> tuple[Any, Any]:
    import numpy as np

    return np.array(inputs, np.int64), np.zeros(len(inputs), np.int64)


def compile_for(task: Task, inputs: Sequence[Any]) -> None:
    """Compile by a first launch for one task, which also loads the code on the GPU. The simulator compiles nothing."""
    task(*arrays(inputs[:1]))


@dataclass
class TracedKernel:
    """The kernel, with one span around all of it."""

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
    kernel = TracedKernel(task)
    return kernel, kernel.unfolded


def stages(task: Any, inputs: Sequence[Any]) -> Iterator[tuple[str, float]]:
    """Each stage of one pass, in seconds: by the GPU's own clock, except the launch.

    An untimed kernel precedes the timed one. While the GPU is busy with it, the next is queued, so that the two events
    enclose the kernel alone, unless the first kernel ends before the next one is launched.
    """
    from numba import cuda

    from gil_lab.suite.compilers.cuda import record_event, seconds

    rows, answers = arrays(inputs)
    begin = record_event()
    rows, answers = cuda.to_device(rows), cuda.to_device(answers)
    transferred = record_event()
    yield "transfer to the GPU", seconds(begin, transferred)
    task.launch(rows, answers)
    begin = record_event()
    launching_ns = time.monotonic_ns()
    task.launch(rows, answers)
    launched_ns = time.monotonic_ns()
    done = record_event()
    yield "launch", (launched_ns - launching_ns) / 1e9
    yield "kernel", seconds(begin, done)
    begin = record_event()
    answers.copy_to_host()
    yield "transfer back", seconds(begin, record_event())


def observe(task: Task, inputs: Sequence[Any]) -> Iterator[Observation]:
    """Median times of transfers, launch and kernel. The simulator runs a kernel within its launch."""
    from gil_lab.suite.compilers.cuda import device_name

    yield Observation("GPU", None, "", device_name())
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
    left_out="a GPU computes with numbers; it cannot wait, open files or call libraries",
)
