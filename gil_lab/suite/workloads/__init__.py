"""Workloads: the work that is run. One file a workload; its name is the file's name.

A workload is split into tasks. A task is one call of the workload's function on one input, and the function may be
written in several forms (see `gil_lab.suite.forms`). All forms of a workload stand side by side in its file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

from gil_lab.model.records import Observation


@dataclass(frozen=True)
class Workload:
    """The contract of a workload file, which defines exactly one `WORKLOAD`.

    `inputs(tasks, size)` is a context manager that yields one input a task and takes down behind it what it set up
    (a server, a folder). Inputs are tuples of integers wherever there is a compiled form. Processes that it starts
    belong to the surroundings: their CPU time is not the strategy's.

    `forms` maps a form's name to the function written in it:

    - `call`: `task(input) -> output`, plain Python, at module level, so that it can be sent to other processes;
    - `coroutine`: the same as `async def`;
    - `nogil`: `build() -> task`, where `task` is compiled by `numba.njit(nogil=True)` and takes and gives integers;
    - `parallel`: `build(task) -> loop`, where `loop(inputs, outputs)` is compiled by `numba.njit(parallel=True)`, deals
      the rows of the array `inputs` out with `prange` and puts `task(row as a tuple)` into `outputs` (both int64);
    - `cython`: `build() -> gil_lab.suite.compilers.cython_source.Declared`: the function of the form `call`, with
      C types beside it;
    - `cython-untyped`: the function of the form `call` itself;
    - `cuda`: `build() -> share`, where `share(row, first, step)` gives what one thread of a GPU adds to the answer of a
      task: every `step`-th part of it, from the `first` one on (see `gil_lab.suite.compilers.cuda`).

    The compiled forms are given as builders because a workload file imports the standard library only.

    `verify(inputs, outputs)` compares with the known answer: None, or one line that says what is wrong.

    A file may also define `VARIANTS`, a mapping from names to workloads that do the same work in another way: `lock` in
    counter.py is called `counter+lock`, and its speed-up is told against `counter`.
    """

    summary: str
    bound: Literal["cpu", "io", "both"]
    inputs: Callable[[int, int], AbstractContextManager[Sequence[Any]]]
    forms: Mapping[str, Callable[..., Any]]
    verify: Callable[[Sequence[Any], Sequence[Any]], str | None]
    size: int
    """Default size of one task, in `size_unit`."""
    size_unit: str
    max_size: int
    """Above it a task would take minutes, or exhaust the machine."""
    tasks: int = 32
    releases_gil: bool = False
    """The `call` form spends its time in C code that lets other threads run."""
    why_not: Mapping[str, str] = field(default_factory=dict)
    """For a form that is left out: the reason, for a student."""
    heartbeat_ms: int | None = None
    """Period of a heartbeat that the measured process takes beside the tasks, with notes of how late; None for none."""
    requires: tuple[str, ...] = ()
    """Modules beyond the standard library that its `call` form needs; they are imported as part of start-up."""
    observe: Callable[[Sequence[Any], Sequence[Sequence[Any]]], Iterable[Observation]] | None = None
    """`observe(inputs, answers)` tells more than a time: what got lost, how large something is, what failed and how.

    Called once, in the measured process, after everything that is timed; `answers` are the outputs of every pass."""
    varies: bool = False
    """Right answers may differ from pass to pass (a race): each pass is then verified for itself."""
    after: Callable[[Any], Sequence[int]] | None = None
    """For an input, the numbers (from 0, in the order of the inputs) of tasks that must end before its own begins.

    Earlier ones only, so that no strategy that takes tasks in order can come to a standstill."""
    in_one_process: bool = False
    """Its tasks need each other's memory: strategies whose workers are processes or interpreters are left out."""


def differing(expected: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Where `outputs` first differ from `expected`, in one line; None if nowhere."""
    if len(outputs) != len(expected):
        return f"{len(outputs)} answers for {len(expected)} tasks"
    for number, (right, answer) in enumerate(zip(expected, outputs, strict=True)):
        if answer != right:
            return f"task {number} answered {answer!r:.40}, right is {right!r:.40}"
    return None
