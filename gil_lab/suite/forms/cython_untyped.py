"""`cython-untyped`: the function of the form `call`, translated by Cython unchanged.

The result is C code that calls, for each operation, what the interpreter would call: every number stays an object.
"""

from collections.abc import Sequence
from typing import Any

from gil_lab.suite.compilers.cython_build import CythonTask
from gil_lab.suite.compilers.cython_source import untyped
from gil_lab.suite.forms import Form
from gil_lab.suite.instruments.spans import TracedCall, unfolded
from gil_lab.suite.workloads import Workload


def task(workload: Workload) -> CythonTask:
    return CythonTask(lambda _: untyped(workload.forms["cython-untyped"]))


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    task.build(inputs)


FORM = Form(task=task, compile=compile_for, traced=lambda task, _: (TracedCall(task), unfolded))
