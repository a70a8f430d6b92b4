"""`nogil`: the task as machine code that releases the GIL."""

from collections.abc import Sequence
from typing import Any

from gil_lab.suite.forms import Form, Task
from gil_lab.suite.instruments.spans import TracedCall, unfolded
from gil_lab.suite.workloads import Workload


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    import numba

    task.compile((numba.typeof(inputs[0]),))


def traced(task: Task, inputs: Sequence[Any]) -> tuple[Task, Any]:
    return TracedCall(task), unfolded


def task(workload: Workload) -> Task:
    """What the workload builds, or has compiled already."""
    form = workload.forms["nogil"]
    return form if hasattr(form, "py_func") else form()


FORM = Form(task=task, compile=compile_for, traced=traced)
