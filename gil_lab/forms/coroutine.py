"""`coroutine`: the task as a coroutine function, which gives way to the event loop at sensible points."""

from gil_lab.forms import Form
from gil_lab.trace import TracedCoroutine, unfolded

FORM = Form(task=lambda workload: workload.forms["coroutine"], traced=lambda task, _: (TracedCoroutine(task), unfolded))
