"""`parallel`: one compiled loop over all tasks, traced from inside, because Python cannot see into compiled code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gil_lab.suite.forms import Form, Task, Unfold, nogil
from gil_lab.suite.workloads import Workload


@dataclass
class ParallelLoop:
    """The compiled loop, with what is needed to build it again around another task."""

    build: Callable[[Task], Any]
    task: Any
    compiled: Any
    dtype: str = "int64"
    """Of the answers; known once it is compiled."""

    def __call__(self, inputs: Any, outputs: Any) -> None:
        self.compiled(inputs, outputs)


def loop(workload: Workload) -> ParallelLoop:
    """Raises TypeError for a form that is not as it must be."""
    build = workload.forms["parallel"]
    if "nogil" not in workload.forms:
        raise TypeError("the form parallel needs the form nogil beside it, the compiled task that its loop calls")
    if hasattr(build, "py_func"):
        raise TypeError("the form parallel is a loop; give a function that takes the compiled task and returns it")
    task = nogil.task(workload)
    compiled = build(task)
    if not hasattr(compiled, "py_func"):
        kind = type(compiled).__name__
        raise TypeError(
            f"the form parallel gives a {kind}, which Numba has not compiled; use numba.njit(parallel=True)"
        )
    return ParallelLoop(build, task, compiled)


def compile_for(task: Any, inputs: Sequence[Any]) -> None:
    """Raises TypeError for a task that answers with more than a number, and for inputs that make no array."""
    import numba
    import numpy as np

    try:
        rows = np.array(inputs)
    except ValueError:
        raise TypeError("inputs of different shapes make no array, which the form parallel needs; use nogil") from None
    if rows.dtype.kind not in "biufc":
        raise TypeError(
            f"the form parallel takes numbers, tuples of numbers or arrays of them, not {type(inputs[0]).__name__}"
        )
    are_arrays = bool(getattr(inputs[0], "ndim", 0))
    item = rows[0] if are_arrays else tuple(rows[0].tolist()) if rows.ndim > 1 else rows[0].item()
    task.task.compile((numba.typeof(item),))
    task.dtype = _dtype(task.task.nopython_signatures[-1].return_type)
    _compile(task.compiled, inputs, task.dtype)


def _compile(loop: Any, inputs: Sequence[Any], dtype: str) -> None:
    import numba
    import numpy as np

    loop.compile((numba.typeof(np.array(inputs)), numba.typeof(np.empty(len(inputs), dtype))))


def _dtype(answer: Any) -> str:
    """Of an array that holds such answers, of a type of Numba's."""
    from numba import types

    if isinstance(answer, types.Integer | types.Boolean):
        return "int64"
    if isinstance(answer, types.Float):
        return "float64"
    raise TypeError(f"the task answers with {answer}; the loop of the form parallel stores one number for each task")


def traced(task: Any, inputs: Sequence[Any]) -> tuple[Task, Unfold]:
    """The same loop around a task that writes its record into a table and returns the number of its row.

    Rejected: a loop that returns the records themselves, because Numba takes four seconds to compile `row[i] = tuple`.
    """
    from gil_lab.suite.instruments.compiled_spans import SpanTable, recorded_task

    table = SpanTable(len(inputs), task.dtype)
    recorded = ParallelLoop(task.build, task.task, task.build(recorded_task(task.task, table)))
    _compile(recorded.compiled, inputs, recorded.dtype)
    return recorded, table.unfolded


FORM = Form(task=loop, compile=compile_for, traced=traced)
