"""`call`: the task as a plain Python function."""

from gil_lab.suite.forms import Form, Task
from gil_lab.suite.instruments.spans import TracedCall, unfolded
from gil_lab.suite.task_order import OrderedCall, expect, recorded
from gil_lab.suite.workloads import Workload


def task(workload: Workload) -> Task:
    call = workload.forms["call"]
    return OrderedCall(call, workload.after) if workload.after else call


FORM = Form(
    task=task,
    compile=expect,
    traced=lambda task, inputs: (recorded(task, TracedCall, inputs), unfolded),
    rehearsal=TracedCall(int),
)
