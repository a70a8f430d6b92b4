"""Notes around one task: when it began and ended, on which thread and core, and what its thread got of a core.

It runs in the measured process and in its pool workers, in the traced pass only.
"""

import ctypes
import os
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any

from gil_lab.model.records import TaskSpan

Note = tuple[Any, ...]
"""The output, then the fields of a TaskSpan after `task`: a plain tuple, so that it is cheap to send."""


# The GIL is held in these calls, which take a microsecond: to let go of it would hand it to another thread, and the
# trace would show switches that the trace has made.
_libc: Any = getattr(ctypes, "PyDLL", ctypes.CDLL)(None)
LONGEST_SCHEDSTAT = 64
"""Bytes: three decimal numbers of 64 bits take 62 at most."""


class _RunQueue:
    """The schedstat of one thread, held open: opening it for every note would cost more than a short compiled task."""

    _close = staticmethod(os.close)  # `os` may be gone already when an interpreter ends

    def __init__(self) -> None:
        self.text = ctypes.create_string_buffer(LONGEST_SCHEDSTAT)
        try:
            self.file = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self.file = -1

    def ready_ns(self) -> int | None:
        """Time this thread has waited for a core: second field of schedstat (Linux, sched-stats.rst)."""
        if self.file < 0 or _libc.pread(self.file, self.text, LONGEST_SCHEDSTAT - 1, 0) <= 0:
            return None
        return int(self.text.value.split()[1])

    def __del__(self) -> None:
        if self.file >= 0:
            self._close(self.file)


_run_queues: dict[int, _RunQueue] = {}
"""By the system's number of the thread. Rejected: `threading.local`, which is new in each task of an interpreter."""


def ready_ns() -> int | None:
    """Time that the calling thread has waited for a core. None where the system does not tell."""
    thread = threading.get_native_id()
    queue = _run_queues.get(thread)
    waited = queue.ready_ns() if queue else None
    if waited is None and (queue is None or queue.file >= 0):
        # A new thread. It may have the number of one that has ended, whose file can no longer be read.
        queue = _run_queues[thread] = _RunQueue()
        waited = queue.ready_ns()
    return waited


# A forked process has inherited its parent's open files, which tell of the parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_run_queues.clear)


def _no_core() -> None:
    """Where libc does not tell the core."""


core: Callable[[], int | None] = getattr(_libc, "sched_getcpu", _no_core)
"""The core that this thread runs on."""


def _between(begin: int | None, end: int | None) -> int | None:
    return None if begin is None or end is None else end - begin


class TracedCall:
    """The task of form `call` or `nogil`, with notes. Picklable wherever the task is."""

    def __init__(self, task: Callable[[Any], Any]) -> None:
        self.task = task

    def __call__(self, item: Any) -> Note:
        # Begin and end stand around the other clocks: what these count is then a part of the time between.
        core_begin, begin = core(), time.monotonic_ns()
        ready, cpu = ready_ns(), time.thread_time_ns()
        output = self.task(item)
        running_ns = time.thread_time_ns() - cpu
        waited = _between(ready, ready_ns())
        end = time.monotonic_ns()
        return output, os.getpid(), threading.get_native_id(), begin, end, running_ns, waited, core_begin, core()


class Steps(Generator[Any, Any, Any]):
    """A coroutine, driven as `await` would drive it, with what its thread got of a core during its steps added up.

    Between two steps its thread runs others, so that the thread's own clocks would charge it with their time. Results,
    exceptions and cancellation pass as they are (PEP 380, PEP 492).
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.coroutine = coroutine
        self.running_ns = 0
        self.ready_ns: int | None = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        return self

    def send(self, value: Any) -> Any:
        return self._step(self.coroutine.send, value)

    def throw(self, *error: Any) -> Any:
        return self._step(self.coroutine.throw, *error)

    def _step(self, step: Callable[..., Any], *arguments: Any) -> Any:
        ready, cpu = ready_ns(), time.thread_time_ns()
        try:
            return step(*arguments)
        finally:
            self.running_ns += time.thread_time_ns() - cpu
            waited = _between(ready, ready_ns())
            self.ready_ns = None if waited is None or self.ready_ns is None else self.ready_ns + waited


class TracedCoroutine:
    """The task of form `coroutine`, with notes."""

    def __init__(self, task: Callable[[Any], Coroutine[Any, Any, Any]]) -> None:
        self.task = task

    async def __call__(self, item: Any) -> Note:
        core_begin, steps = core(), Steps(self.task(item))
        begin = time.monotonic_ns()
        output = await steps
        end = time.monotonic_ns()
        thread = threading.get_native_id()
        return output, os.getpid(), thread, begin, end, steps.running_ns, steps.ready_ns, core_begin, core()


def unfolded(notes: Sequence[Note]) -> tuple[list[Any], list[TaskSpan]]:
    """Outputs and spans, from what a traced task returned."""
    return [note[0] for note in notes], [TaskSpan(number, *note[1:]) for number, note in enumerate(notes)]
