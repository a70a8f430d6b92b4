"""`nogil`: the task as machine code that releases the GIL."""

from collections.abc import Sequence
from inspect import Parameter, signature
from typing import Any

from gil_lab.suite.forms import Form, Task
from gil_lab.suite.instruments.spans import TracedCall, unfolded
from gil_lab.suite.workloads import Workload

VARIABLE = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    """Raises TypeError for what Numba did not compile to machine code alone."""
    import numba

    task.compile((numba.typeof(inputs[0]),))
    if not task.nopython_signatures:
        raise TypeError("Numba compiled the form nogil in object mode, which holds the GIL; use numba.njit(nogil=True)")


def traced(task: Task, inputs: Sequence[Any]) -> tuple[Task, Any]:
    return TracedCall(task), unfolded


def task(workload: Workload) -> Task:
    """What the workload builds, or has compiled already. Raises TypeError if it is neither."""
    form = workload.forms["nogil"]
    if hasattr(form, "py_func"):
        return form
    if any(one.default is one.empty and one.kind not in VARIABLE for one in signature(form).parameters.values()):
        raise TypeError(
            "the form nogil is neither compiled by Numba nor a function without arguments that gives the compiled task"
        )
    built: Task = form()
    if not hasattr(built, "py_func"):
        raise TypeError(f"the form nogil gives a {type(built).__name__}, which Numba has not compiled; use numba.njit")
    return built


FORM = Form(task=task, compile=compile_for, traced=traced)
