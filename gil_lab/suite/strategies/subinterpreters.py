"""A pool of interpreters in one process, each with a GIL of its own and run by a thread of its own (PEP 734).

Nothing is shared: as with processes, tasks, inputs and outputs are pickled where they are not plain values. Extension
modules that keep state for the whole process (numpy, numba, psutil) refuse to be imported there. What a task leaves in
a `threading.local` is gone when the next one begins: the pool enters its interpreter anew for each task.
"""

import os
import pickle
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from socket import socketpair
from typing import Any

from gil_lab.suite.strategies import Run, Strategy
from gil_lab.suite.strategies._pickling import shipped

REFUSED = re.compile(r"module \S+ does not support loading in subinterpreters")
"""What Python says, somewhere among what a package says of its own accord."""


class Told:
    """A task that returns its output and None, or None and the exception that it, or its import, raised.

    The executor itself gives back None for a MemoryError as if nothing had happened, for an exception that cannot be
    pickled the traceback as a text, and for a failed import "args not shareable" (3.14, 3.15).
    """

    def __init__(self, task: Callable[[Any], Any]) -> None:
        self.pickled = pickle.dumps(shipped(task))

    def __call__(self, item: Any) -> tuple[Any, BaseException | None]:
        try:
            return pickle.loads(self.pickled)(item), None  # noqa: S301 - we have pickled it
        except BaseException as error:
            return None, portable(error)


def portable(error: BaseException) -> BaseException:
    """The exception, with its traceback as a note; one that says the same if it does not survive pickling."""
    told = traceback.format_exc()
    if refused := REFUSED.search(told):
        error = ImportError(f"{refused[0]}; choose another strategy")
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - we have pickled it
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(told)
    return error


def output_of(output: Any, error: BaseException | None) -> Any:
    if error is not None:
        raise error
    return output


def dismiss(pool: Any) -> None:
    """End the threads of a pool that has not come up.

    One that fails late takes the executor's word to stop away from the others (3.14), who wait for it for ever: so it
    is repeated until all are gone.
    """
    for thread in pool._threads:  # noqa: SLF001 - there is no other way to see them
        while thread.is_alive():
            pool.shutdown(wait=False)
            thread.join(0.01)


@contextmanager
def interpreter_pool(workers: int) -> Iterator[Run]:
    from concurrent.futures import InterpreterPoolExecutor  # type: ignore[attr-defined]  # from 3.14 on

    # No barrier can be shared between interpreters, but the number of an open socket is a plain integer. Each writes a
    # byte when it is there and waits for one until all are, so that none is idle and each submit starts another one.
    # Before that it finds modules where we do: its own path is the one with which this process began.
    ours, theirs = socketpair()
    arrive = f"import os, sys; sys.path[:] = {list(map(str, sys.path))!r}; os.write({theirs.fileno()}, b'.')"
    with ours, theirs, InterpreterPoolExecutor(workers, initializer=exec, initargs=(arrive,)) as pool:
        started = []
        try:
            for _ in range(workers):
                started.append(pool.submit(os.read, theirs.fileno(), 1))
                started[-1].add_done_callback(lambda _: theirs.send(b"."))  # also if its interpreter does not come up
            for _ in range(workers):
                ours.recv(1)
            ours.send(bytes(workers))
            for worker in started:
                worker.result()
        except BaseException:
            ours.send(bytes(workers))
            dismiss(pool)
            raise

        def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            with closing(pool.map(Told(task), inputs)) as answers:  # what an error leaves over is cancelled
                return [output_of(*answer) for answer in answers]

        yield run


STRATEGY = Strategy(
    summary="a pool of interpreters in one process, each with a GIL of its own",
    form="call",
    open=interpreter_pool,
    workers_are="interpreters",
    since=(3, 14),
)
