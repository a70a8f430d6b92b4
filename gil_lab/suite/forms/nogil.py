"""`nogil`: the task as machine code that releases the GIL."""

from collections.abc import Sequence
from typing import Any

from gil_lab.suite.forms import Form, Task
from gil_lab.suite.instruments.spans import TracedCall, unfolded


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    import numba

    task.compile((numba.typeof(inputs[0]),))


def traced(task: Task, inputs: Sequence[Any]) -> tuple[Task, Any]:
    return TracedCall(task), unfolded


FORM = Form(task=lambda workload: workload.forms["nogil"](), compile=compile_for, traced=traced)
