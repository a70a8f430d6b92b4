"""`cython-untyped`: the function of the form `call`, translated by Cython as it is.

What is left is C code that calls for each operation what the interpreter would call: each number stays an object.
"""

from collections.abc import Sequence
from typing import Any

from gil_lab.suite.compilers.cython_build import Compiled
from gil_lab.suite.compilers.cython_source import untyped
from gil_lab.suite.forms import Form
from gil_lab.suite.instruments.spans import TracedCall, unfolded
from gil_lab.suite.workloads import Workload


def task(workload: Workload) -> Compiled:
    return Compiled(lambda _: untyped(workload.forms["cython-untyped"]))


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    task.build(inputs)


FORM = Form(task=task, compile=compile_for, traced=lambda task, _: (TracedCall(task), unfolded))
