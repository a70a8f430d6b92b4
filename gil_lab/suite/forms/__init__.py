"""Forms: the ways in which one task is written. One file per form; its name is the file's name.

A form knows how to get its task from a workload, how to compile it before the first call, how to trace it, and how to
take the beats of a heartbeat beside it.
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


def _no_observations(task: Task, inputs: Sequence[Any]) -> tuple[Observation, ...]:
    return ()


@dataclass(frozen=True)
class Form:
    """The contract of a form file, which defines exactly one `FORM`.

    `task(workload)` returns what a strategy of this form runs. `compile(task, inputs)` compiles it, so that the first
    call finds machine code. `traced(task, inputs)` returns a compiled task that records itself, and a function that
    turns what a run of it returned into outputs and spans. `beside(task, heartbeat)` is a context manager that yields
    the task to run while beats are taken; on exit, every beat that was due has been taken.
    """

    task: Callable[[Workload], Task]
    traced: Callable[[Task, Sequence[Any]], tuple[Task, Unfold]]
    compile: Callable[[Task, Sequence[Any]], None] = _nothing_to_compile
    beside: Callable[[Task, Heartbeat], AbstractContextManager[Task]] = in_a_thread
    rehearsal: Task | None = None
    """A traced task without work, run once per worker before the traced pass, so that imports for tracing are done."""
    observe: Callable[[Task, Sequence[Any]], Iterable[Observation]] = _no_observations
    """`observe(task, inputs)`: observations about the form beside times; called after everything is timed."""
    left_out: str = ""
    """Why a workload may lack this form, if it states no reason of its own; shown to users."""
