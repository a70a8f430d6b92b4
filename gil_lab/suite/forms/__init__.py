"""Forms: the ways in which one task is written. One file a form; its name is the file's name.

A form knows how to get its task from a workload, how to compile it ahead of the first call, how to trace it, and who
takes a heartbeat beside it.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from gil_lab.model.records import Observation, TaskSpan
from gil_lab.suite.instruments.heartbeat import Heartbeat, in_a_thread
from gil_lab.suite.workloads import Workload

Task = Callable[..., Any]
Unfold = Callable[[Sequence[Any]], tuple[list[Any], list[TaskSpan]]]


def _nothing_to_compile(task: Task, inputs: Sequence[Any]) -> None:
    """Plain Python is compiled to bytecode when it is imported."""


def _nothing_to_tell(task: Task, inputs: Sequence[Any]) -> tuple[Observation, ...]:
    return ()


@dataclass(frozen=True)
class Form:
    """The contract of a form file, which defines exactly one `FORM`.

    `task(workload)` gives what a strategy of this form runs. `compile(task, inputs)` returns when the first call will
    find machine code. `traced(task, inputs)` gives a task that keeps notes, compiled too, and a function that makes
    outputs and spans out of what a run with it returned. `beside(task, heartbeat)` is a context manager that yields the
    task to run while the beats are taken; on exit all are taken that were due.
    """

    task: Callable[[Workload], Task]
    traced: Callable[[Task, Sequence[Any]], tuple[Task, Unfold]]
    compile: Callable[[Task, Sequence[Any]], None] = _nothing_to_compile
    beside: Callable[[Task, Heartbeat], AbstractContextManager[Task]] = in_a_thread
    rehearsal: Task | None = None
    """Notes of no work, once for each worker ahead of the traced pass: what takes notes may have to be imported."""
    observe: Callable[[Task, Sequence[Any]], Iterable[Observation]] = _nothing_to_tell
    """`observe(task, inputs)`: what there is to tell of the form beside times, after everything that is timed."""
    left_out: str = ""
    """Why a workload may not be written in this form, where it has no reason of its own; for a student."""
