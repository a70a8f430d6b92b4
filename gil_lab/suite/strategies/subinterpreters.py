"""A pool of interpreters in one process, each with its own GIL and run by its own thread (PEP 734).

Nothing is shared: as with processes, tasks, inputs and outputs are pickled where they are not plain values. Extension
modules that keep state for the whole process (numpy, numba, psutil) refuse to be imported there. What a task leaves in
a `threading.local` is gone when the next task begins: the pool enters its interpreter anew for each task.
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

UNSUPPORTED_MODULE = re.compile(r"module \S+ does not support loading in subinterpreters")
"""Python's message, which may stand within a longer message of a package."""


class CapturingTask:
    """A task that returns its output and None, or None and the exception that it, or its import, raised.

    The executor itself returns None for a MemoryError as if nothing had happened, the traceback as text for an
    exception that cannot be pickled, and "args not shareable" for a failed import (3.14, 3.15).
    """

    def __init__(self, task: Callable[[Any], Any]) -> None:
        self.pickled = pickle.dumps(shipped(task))

    def __call__(self, item: Any) -> tuple[Any, BaseException | None]:
        try:
            return pickle.loads(self.pickled)(item), None  # noqa: S301 - we pickled it
        except BaseException as error:
            return None, portable(error)


def portable(error: BaseException) -> BaseException:
    """The exception, with its traceback as a note; if it cannot be pickled, one with the same message."""
    text = traceback.format_exc()
    if refused := UNSUPPORTED_MODULE.search(text):
        error = ImportError(f"{refused[0]}; choose another strategy")
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - we pickled it
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(text)
    return error


def output_of(output: Any, error: BaseException | None) -> Any:
    if error is not None:
        raise error
    return output


def dismiss(pool: Any) -> None:
    """End the threads of a pool that failed to start.

    A thread that fails late consumes the executor's signal to stop (3.14), and the others wait for it for ever: so the
    signal is repeated until all have ended.
    """
    for thread in pool._threads:  # noqa: SLF001 - there is no other way to get them
        while thread.is_alive():
            pool.shutdown(wait=False)
            thread.join(0.01)


@contextmanager
def interpreter_pool(workers: int) -> Iterator[Run]:
    from concurrent.futures import InterpreterPoolExecutor  # type: ignore[attr-defined]  # from 3.14 on

    # Interpreters cannot share a barrier, but the descriptor of a socket is a plain integer. Each interpreter writes a
    # byte when it has started and waits for one until all have, so that none is idle and each submit starts another.
    # Before that, its module search path is set to ours: it begins with the path that this process started with.
    ours, theirs = socketpair()
    arrive = f"import os, sys; sys.path[:] = {list(map(str, sys.path))!r}; os.write({theirs.fileno()}, b'.')"
    with ours, theirs, InterpreterPoolExecutor(workers, initializer=exec, initargs=(arrive,)) as pool:
        started = []
        try:
            for _ in range(workers):
                started.append(pool.submit(os.read, theirs.fileno(), 1))
                started[-1].add_done_callback(lambda _: theirs.send(b"."))  # also if its interpreter fails to start
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
            with closing(pool.map(CapturingTask(task), inputs)) as answers:  # an error cancels the rest
                return [output_of(*answer) for answer in answers]

        yield run


CODE = """\
from concurrent.futures import InterpreterPoolExecutor
{imports}

def run(inputs):
    with InterpreterPoolExecutor({workers}) as pool:
        return list(pool.map({function}, inputs))
"""
STRATEGY = Strategy(
    summary="a pool of interpreters in one process, each with its own GIL",
    form="call",
    open=interpreter_pool,
    workers_are="interpreters",
    since=(3, 14),
    code=CODE,
)
