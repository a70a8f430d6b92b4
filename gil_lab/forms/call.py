"""`call`: the task as a plain Python function."""

from gil_lab.forms import Form
from gil_lab.trace import TracedCall, unfolded

FORM = Form(
    task=lambda workload: workload.forms["call"],
    traced=lambda task, _: (TracedCall(task), unfolded),
    rehearsal=TracedCall(int),
)
