"""`call`: the task as a plain Python function."""

import inspect

from gil_lab.suite.forms import Form, Task
from gil_lab.suite.instruments.spans import TracedCall, unfolded
from gil_lab.suite.task_order import OrderedCall, expect, recorded
from gil_lab.suite.workloads import Workload


def task(workload: Workload) -> Task:
    call = workload.forms["call"]
    check_signature(call)
    return OrderedCall(call, workload.after) if workload.after else call


def check_signature(task: Task) -> None:
    """Raises TypeError for a function that cannot be called with one argument; not every built-in one says so."""
    try:
        taken = inspect.signature(task)
    except (TypeError, ValueError):
        return
    try:
        taken.bind(None)
    except TypeError:
        name = getattr(task, "__name__", "the task")
        raise TypeError(f"{name}{taken} is no task: a task takes one argument, its input; unpack it inside") from None


FORM = Form(
    task=task,
    compile=expect,
    traced=lambda task, inputs: (recorded(task, TracedCall, inputs), unfolded),
    rehearsal=TracedCall(int),
)
