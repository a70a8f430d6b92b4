"""Workloads: the work to run. One file per workload; its name is the file's name.

A workload is split into tasks. A task is one call of the workload's function on one input, and the function may be
written in several forms (see `gil_lab.suite.forms`). All forms of a workload are in its file, side by side.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

from gil_lab.model.records import MAX_INT, Observation

BOUNDS = ("cpu", "io", "both")


@dataclass(frozen=True)
class Workload:
    """The contract of a workload file, which defines exactly one `WORKLOAD`.

    `inputs(tasks, size)` returns one input per task, or is a context manager that yields them and cleans up what it set
    up (a server, a folder); or it is a list of inputs, of which there are as many tasks. Inputs are tuples of integers
    wherever there is a compiled form. Processes that it starts are services: their CPU time is not the strategy's.

    `forms` maps a form's name to the function written in it:

    - `call`: `task(input) -> output`, plain Python, at module level, so that it can be sent to other processes;
    - `coroutine`: the same as `async def`;
    - `greenlet`: `build() -> task`, the same as a plain function that waits by calls of gevent;
    - `nogil`: `build() -> task`, where `task` is compiled by `numba.njit(nogil=True)`, from integers to an integer; or
      that task itself;
    - `parallel`: `build(task) -> loop`, where `loop(inputs, outputs)` is compiled by `numba.njit(parallel=True)`,
      distributes the rows of the array `inputs` with `prange` and stores `task(row as a tuple)` in `outputs` (both
      int64);
    - `cython`: `build() -> gil_lab.suite.compilers.cython_source.Declared`: the function of the form `call`, with
      C types beside it;
    - `cython-untyped`: the function of the form `call` itself;
    - `cuda`: `build() -> share`, where `share(row, first, step)` returns what one thread of a GPU adds to the answer
      of a task: every `step`-th part of it, from the `first` one on (see `gil_lab.suite.compilers.cuda`).

    The compiled forms are builder functions because a workload file imports the standard library only.

    `verify(inputs, outputs)` compares with the known answers: None or True, or else one line that says what is wrong.
    Without it, answers are compared from pass to pass, and with those of the strategy `sequential`
    (`gil_lab.suite.answers`), unless they `varies`.

    A file may also define `VARIANTS`, a mapping from names to workloads that do the same work in another way: `lock` in
    counter.py is named `counter+lock`, and its speed-up is relative to `counter` (but see `same_work`).
    """

    summary: str
    bound: Literal["cpu", "io", "both"]
    inputs: Callable[[int, int], AbstractContextManager[Sequence[Any]] | Sequence[Any]] | Sequence[Any]
    forms: Mapping[str, Callable[..., Any]]
    verify: Callable[[Sequence[Any], Sequence[Any]], str | bool | None] | None = None
    size: int = 1
    """Default size of one task, in `size_unit`."""
    size_unit: str = ""
    max_size: int = MAX_INT
    """A larger task would take minutes, or exhaust the machine."""
    tasks: int = 32
    releases_gil: bool | None = None
    """Whether its plain forms spend their time in code that releases the GIL, or in processes that they start; None if
    that is not known. If they do not, threads that keep more than one core busy under a GIL are a fault of the
    measurement; else they are the finding."""
    why_not: Mapping[str, str] = field(default_factory=dict)
    """For a form that is missing: the reason, shown to users."""
    heartbeat_ms: int | None = None
    """Period of a heartbeat beside the tasks, whose delays are recorded; None for no heartbeat."""
    requires: tuple[str, ...] = ()
    """Modules beyond the standard library that its `call` form needs; importing them is part of start-up."""
    observe: Callable[[Sequence[Any], Sequence[Sequence[Any]]], Iterable[Observation]] | None = None
    """`observe(inputs, answers)` reports more than times: what was lost, how large something is, what failed and how.

    Called once, in the measured process, after everything is timed; `answers` are the outputs of every pass."""
    varies: bool = False
    """Right answers may differ from pass to pass (a race), so that each pass is verified separately."""
    after: Callable[[Any], Sequence[int]] | None = None
    """For an input, the numbers (from 0, in the order of the inputs) of tasks that must end before its own begins.

    Earlier tasks only, so that a strategy that takes tasks in order cannot deadlock."""
    in_one_process: bool = False
    """Its tasks share memory, so it does not run under strategies whose workers are processes or interpreters."""
    instead: str = ""
    """What to do instead of it, where it is one of the things not to do; shown beside its summary."""
    variant_unit: str = ""
    """Of the numbers that its variants are named by; empty where they are words."""
    same_work: bool = True
    """Whether its variants do the same work in other ways, so that their speed-ups are relative to it. If not, each is
    work of its own, and compared with itself alone."""

    def __post_init__(self) -> None:
        """Raise TypeError or ValueError for what no workload can be."""
        if self.bound not in BOUNDS:
            raise ValueError(f"bound is {self.bound!r:.40}; it is one of {', '.join(BOUNDS)}")
        if not isinstance(self.forms, Mapping) or not self.forms:
            wanted = 'a mapping from the names of forms to functions, such as {"call": task}'
            raise TypeError(f"forms is {'empty' if self.forms == {} else repr(self.forms)[:40]}; it must be {wanted}")
        for name, function in self.forms.items():
            if not callable(function):
                raise TypeError(f"the form {name} is {function!r:.40}; it must be a function")
        if self.verify is not None and not callable(self.verify):
            raise TypeError(f"verify is {self.verify!r:.40}; it must be a function of inputs and answers, or None")
        if callable(self.inputs):
            return
        if isinstance(self.inputs, str | bytes | Mapping) or not (
            hasattr(self.inputs, "__len__") and hasattr(self.inputs, "__getitem__")  # an array is no Sequence
        ):
            kind = type(self.inputs).__name__
            raise TypeError(
                f"inputs is of type {kind}; it must be a list, one input for each task, or a function of (tasks, size)"
            )
        if len(self.inputs) == 0:
            raise ValueError("inputs is empty; give an input for each task")
        object.__setattr__(self, "tasks", len(self.inputs))

    @contextmanager
    def open_inputs(self, tasks: int, size: int) -> Iterator[Sequence[Any]]:
        """One input for each of so many tasks. Raises TypeError or ValueError for what is not."""
        made: Any = self.inputs(tasks, size) if callable(self.inputs) else self.inputs[:tasks]
        with made if hasattr(made, "__enter__") else nullcontext(made) as inputs:
            if not hasattr(inputs, "__len__") or not hasattr(inputs, "__getitem__"):
                raise TypeError(f"inputs gives a {type(inputs).__name__}; it must give a list, one input for each task")
            if len(inputs) != tasks:
                raise ValueError(f"inputs gives {len(inputs)} inputs for {tasks} tasks; it must give one for each")
            yield inputs

    def complaint(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
        """What is wrong with these answers, in one line; None if they are right. Raises TypeError for a bad verify."""
        try:
            said = self.verify(inputs, outputs) if self.verify else None
        except AssertionError as error:
            return f"verify says that the answers are wrong{f': {error}' if str(error) else ''}"
        if said is None or said is True:
            return None
        if said is False or type(said).__name__ in ("bool", "bool_"):  # of NumPy, which (a == b).all() gives
            return None if said else "verify says that the answers are wrong"
        if not isinstance(said, str) or not said:
            raise TypeError(f"verify returned {said!r:.40}; it must return None, or one line that says what is wrong")
        return said
