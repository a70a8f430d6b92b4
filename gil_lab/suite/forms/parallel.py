"""`parallel`: one compiled loop over all tasks, traced from inside: Python cannot see into compiled code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gil_lab.suite.forms import Form, Task, Unfold
from gil_lab.suite.workloads import Workload


@dataclass(frozen=True)
class Loop:
    """The compiled loop, with what it takes to build it again around another task."""

    build: Callable[[Task], Any]
    task: Any
    compiled: Any

    def __call__(self, inputs: Any, outputs: Any) -> None:
        self.compiled(inputs, outputs)


def loop(workload: Workload) -> Loop:
    build, task = workload.forms["parallel"], workload.forms["nogil"]()
    return Loop(build, task, build(task))


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    import numba
    import numpy as np

    task.compiled.compile((numba.typeof(np.array(inputs)), numba.typeof(np.empty(len(inputs), np.int64))))


def traced(task: Any, inputs: Sequence[Any]) -> tuple[Task, Unfold]:
    """The same loop around a task that writes notes into a table and returns the number of its row there.

    Rejected: a loop that returns the notes themselves, because Numba takes four seconds to compile `row[i] = tuple`.
    """
    from gil_lab.suite.instruments.compiled_spans import Notes, with_notes

    notes = Notes(len(inputs))
    noted = Loop(task.build, task.task, task.build(with_notes(task.task, notes)))
    compile_for(noted, inputs)
    return noted, notes.unfolded


FORM = Form(task=loop, compile=compile_for, traced=traced)
