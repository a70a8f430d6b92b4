"""`parallel`: one compiled loop over all tasks, traced from inside, because Python cannot see into compiled code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gil_lab.suite.forms import Form, Task, Unfold, nogil
from gil_lab.suite.workloads import Workload


@dataclass(frozen=True)
class ParallelLoop:
    """The compiled loop, with what is needed to build it again around another task."""

    build: Callable[[Task], Any]
    task: Any
    compiled: Any

    def __call__(self, inputs: Any, outputs: Any) -> None:
        self.compiled(inputs, outputs)


def loop(workload: Workload) -> ParallelLoop:
    build, task = workload.forms["parallel"], nogil.task(workload)
    return ParallelLoop(build, task, build(task))


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    import numba
    import numpy as np

    task.compiled.compile((numba.typeof(np.array(inputs)), numba.typeof(np.empty(len(inputs), np.int64))))


def traced(task: Any, inputs: Sequence[Any]) -> tuple[Task, Unfold]:
    """The same loop around a task that writes its record into a table and returns the number of its row.

    Rejected: a loop that returns the records themselves, because Numba takes four seconds to compile `row[i] = tuple`.
    """
    from gil_lab.suite.instruments.compiled_spans import SpanTable, recorded_task

    table = SpanTable(len(inputs))
    recorded = ParallelLoop(task.build, task.task, task.build(recorded_task(task.task, table)))
    compile_for(recorded, inputs)
    return recorded, table.unfolded


FORM = Form(task=loop, compile=compile_for, traced=traced)
