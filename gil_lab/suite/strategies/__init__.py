"""Strategies: how tasks are run at the same time. One file per strategy; its name is the file's name with dashes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, get_args

from gil_lab.model.records import Observation

Run = Callable[[Callable[..., Any], Sequence[Any]], list[Any]]
"""`run(task, inputs)` runs the task on every input and returns the outputs in the order of the inputs."""


def _nothing_observed() -> list[Observation]:
    return []


@dataclass(frozen=True)
class RestingRun:
    """A `run` whose pool uses CPU time although it has no tasks, so that others could not be measured beside it."""

    run: Run
    rest: Callable[[], None]
    """Called after a pass: until `wake` is called, workers and threads of the pool use next to no CPU time."""
    wake: Callable[[], None]
    """Called before a pass: it returns once all workers take tasks again as if they had never rested."""
    observe: Callable[[], list[Observation]] = _nothing_observed
    """Called after all turns: what only the pool knows of them, such as what its workers on other machines used."""
    beside: tuple[int, ...] = ()
    """Processes on this machine that work for it though it did not start them, such as those of a running cluster."""

    def __call__(self, task: Callable[..., Any], inputs: Sequence[Any]) -> list[Any]:
        return self.run(task, inputs)


Workers = Literal["threads", "processes", "interpreters", "coroutines"]
WORKERS: tuple[Workers, ...] = get_args(Workers)
BASELINE = "sequential"
"""Plain Python, one task after the other: the reference of every overall speed-up."""


def _no_objection() -> str | None:
    return None


@dataclass(frozen=True)
class Strategy:
    """The contract of a strategy file, which defines exactly one `STRATEGY`.

    Strategies differ in `form` and `open` only: the rest of the lab does not depend on which strategy it runs.

    `open(workers)` is a context manager that yields `run`. On entry all workers have started, not merely been
    requested: a pool that starts workers on demand would hide its start-up in the first pass. On exit they are gone. A
    pool that would not sleep between passes yields a `RestingRun`; it is closed as it is then, awake or at rest.
    """

    summary: str
    form: str
    open: Callable[[int], AbstractContextManager[Run]]
    workers_are: Workers | None
    """None if the number of workers is fixed: one task runs at a time or, on a GPU, all of them."""
    reference: str = BASELINE
    """The strategy that runs the same form (or its nearest) one task at a time."""
    requires: tuple[str, ...] = ()
    """Modules beyond the standard library; they are imported to find out whether they work."""
    since: tuple[int, int] = (3, 11)
    refuses: Callable[[], str | None] = _no_objection
    """Called in the interpreter that would run it: why it cannot work there, and the remedy; None if it can."""
    open_chunked: Callable[[int, int], AbstractContextManager[Run]] | None = None
    """`open_chunked(workers, chunk)`: the same, with `chunk` tasks handed over at a time, where `open` leaves it to the
    API. None if tasks are always handed over one by one."""
    chunk: str = ""
    """What its name says of them (`joblib by 64`), as `gil_lab.model.chunks` writes it; empty if nothing."""
    code: str = ""
    """A program that runs tasks this way without the lab: the function `run(inputs)`, with `{imports}`, `{function}`
    and `{workers}` to be filled in, `{chunk}` where it has chunks, `{plain}` and `{item}` where it is compiled. Advice
    is given on strategies that have one."""
    sends_by_value: bool = False
    """Whether that program can send functions that no module has: lambdas, and those of a notebook."""
    loops_in: Literal["threads", "interpreters"] | None = None
    """Of coroutines that are spread over several event loops: what has one each, as many as there are usable cores."""

    on_cluster: bool = False
    """Whether it runs its tasks on a running cluster where one is named (`gil_lab.model.variables.CLUSTER`)."""

    def opened(self, workers: int, chunk: int | None = None) -> AbstractContextManager[Run]:
        """Its pool; `chunk` is left to the API if it is None, and means nothing where there are no chunks."""
        if chunk is None or self.open_chunked is None:
            return self.open(workers)
        return self.open_chunked(workers, chunk)

    @property
    def has_chunks(self) -> bool:
        """Whether it hands over several tasks at a time, by its name or where it is asked to."""
        return bool(self.chunk) or self.open_chunked is not None

    @property
    def shares_gil(self) -> bool:
        """Whether its workers, where there is a GIL, have one together."""
        return self.workers_are != "processes" and "interpreters" not in (self.workers_are, self.loops_in)

    @property
    def runs_plain_python(self) -> bool:
        """Whether it runs tasks as they are written, not compiled."""
        return self.form in ("call", "coroutine", "greenlet")
