"""`cython`: the function of the form `call`, with C types declared beside it, as machine code that releases the GIL.

How the source stays the same, and what was rejected: see `gil_lab.suite.compilers.cython_source`. Translation, C
compilation and import are repeated in every trial, in its private folder: all of that is its compile time.
"""

from collections.abc import Sequence
from typing import Any

from gil_lab.suite.compilers.cython_build import CythonTask
from gil_lab.suite.compilers.cython_source import CythonSource, Declared, typed
from gil_lab.suite.forms import Form
from gil_lab.suite.instruments.spans import TracedCall, unfolded
from gil_lab.suite.workloads import Workload


def task(workload: Workload) -> CythonTask:
    declared: Declared = workload.forms["cython"]()

    def source(inputs: Sequence[Any]) -> CythonSource:
        return typed(declared, len(inputs[0]))

    return CythonTask(source)


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    task.build(inputs)


FORM = Form(task=task, compile=compile_for, traced=lambda task, _: (TracedCall(task), unfolded))
