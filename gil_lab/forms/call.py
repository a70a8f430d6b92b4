"""`call`: the task as a plain Python function."""

from gil_lab.forms import Form, Task
from gil_lab.ordering import OrderedCall, expect, noted
from gil_lab.trace import TracedCall, unfolded
from gil_lab.workloads import Workload


def task(workload: Workload) -> Task:
    call = workload.forms["call"]
    return OrderedCall(call, workload.after) if workload.after else call


FORM = Form(
    task=task,
    compile=expect,
    traced=lambda task, inputs: (noted(task, TracedCall, inputs), unfolded),
    rehearsal=TracedCall(int),
)
