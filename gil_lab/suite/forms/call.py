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
        signature = inspect.signature(task)
    except (TypeError, ValueError):
        return
    parameters = signature.parameters.values()
    positional = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    any_number = any(one.kind is one.VAR_POSITIONAL for one in parameters)
    required = [one for one in parameters if one.default is one.empty]
    named = [one for one in required if one.kind is one.KEYWORD_ONLY]
    if named or len([one for one in positional if one in required]) > 1 or not (positional or any_number):
        name = getattr(task, "__name__", "the task")
        raise TypeError(f"{name}{signature} is no task: a task takes one argument, its input; unpack it inside")


FORM = Form(
    task=task,
    compile=expect,
    traced=lambda task, inputs: (recorded(task, TracedCall, inputs), unfolded),
    rehearsal=TracedCall(int),
)
