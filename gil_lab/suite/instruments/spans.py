"""Records of one task: when it began and ended, on which thread and core, and the CPU time of its thread.

This runs in the measured process and in its pool workers, in the traced pass only.
"""

import ctypes
import os
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from gil_lab.model.records import TaskSpan

Record = tuple[Any, ...]
"""The output, then the fields of a TaskSpan after `task`: a plain tuple, so that it is cheap to send."""


# The GIL is held in these calls, which take a microsecond: releasing it would hand it to another thread, and the trace
# would show switches that the tracing caused.
_libc: Any = getattr(ctypes, "PyDLL", ctypes.CDLL)(None)
MAX_SCHEDSTAT_BYTES = 64
"""Three decimal numbers of 64 bits take at most 62."""


class _RunQueue:
    """The schedstat of one thread, kept open: opening it each time would take longer than a short compiled task."""

    _close = staticmethod(os.close)  # `os` may be gone already when an interpreter ends

    def __init__(self) -> None:
        self.text = ctypes.create_string_buffer(MAX_SCHEDSTAT_BYTES)
        try:
            self.file = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self.file = -1

    def ready_ns(self) -> int | None:
        """Time this thread has waited for a core: second field of schedstat (Linux, sched-stats.rst)."""
        if self.file < 0 or _libc.pread(self.file, self.text, MAX_SCHEDSTAT_BYTES - 1, 0) <= 0:
            return None
        return int(self.text.value.split()[1])

    def __del__(self) -> None:
        if self.file >= 0:
            self._close(self.file)


_run_queues: dict[int, _RunQueue] = {}
"""By native thread id. Rejected: `threading.local`, which is new for each task in a subinterpreter."""


def ready_ns() -> int | None:
    """Time that the calling thread has waited for a core. None where the system does not report it."""
    thread = threading.get_native_id()
    queue = _run_queues.get(thread)
    waited = queue.ready_ns() if queue else None
    if waited is None and (queue is None or queue.file >= 0):
        # A new thread. It may reuse the id of a thread that has ended, whose file can no longer be read.
        queue = _run_queues[thread] = _RunQueue()
        waited = queue.ready_ns()
    return waited


# A forked process inherits its parent's open files, which belong to the parent's threads.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_run_queues.clear)


def _no_core() -> None:
    """For a libc without sched_getcpu."""


core: Callable[[], int | None] = getattr(_libc, "sched_getcpu", _no_core)
"""The core that this thread runs on."""


@dataclass
class Place:
    """Of this process, if it is on another machine than the lab, whose clocks and numbers of processes are its own."""

    ahead_ns: int = 0
    """How far its monotonic clock is ahead of that of the lab."""
    pids_from: int = 0
    """What is added to its number, so that no process of two machines has the same."""

    @property
    def is_elsewhere(self) -> bool:
        return self.pids_from > 0


HERE = Place()


def between(begin: int | None, end: int | None) -> int | None:
    return None if begin is None or end is None else end - begin


class TracedCall:
    """The task of form `call` or `nogil`, with a record. Picklable if the task is."""

    def __init__(self, task: Callable[[Any], Any]) -> None:
        self.task = task

    def __call__(self, item: Any) -> Record:
        # Begin and end enclose the other clocks, so that what those count is part of the time between.
        core_begin, begin = core(), time.monotonic_ns()
        ready, cpu = ready_ns(), time.thread_time_ns()
        output = self.task(item)
        running_ns = time.thread_time_ns() - cpu
        waited = between(ready, ready_ns())
        end, core_end = time.monotonic_ns(), core()
        if HERE.is_elsewhere:  # its cores are none of this machine's
            begin, end, core_begin, core_end = begin - HERE.ahead_ns, end - HERE.ahead_ns, None, None
        process, thread = os.getpid() + HERE.pids_from, threading.get_native_id()
        return output, process, thread, begin, end, running_ns, waited, core_begin, core_end


class Steps(Generator[Any, Any, Any]):
    """A coroutine, driven as `await` would drive it, with the CPU time of its thread during its steps added up.

    Between two steps its thread runs other coroutines, whose time the thread's own clocks would charge to it. Results,
    exceptions and cancellation pass through unchanged (PEP 380, PEP 492).
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
            waited = between(ready, ready_ns())
            self.ready_ns = None if waited is None or self.ready_ns is None else self.ready_ns + waited


class TracedCoroutine:
    """The task of form `coroutine`, with a record."""

    def __init__(self, task: Callable[[Any], Coroutine[Any, Any, Any]]) -> None:
        self.task = task

    async def __call__(self, item: Any) -> Record:
        core_begin, steps = core(), Steps(self.task(item))
        begin = time.monotonic_ns()
        output = await steps
        end = time.monotonic_ns()
        thread = threading.get_native_id()
        return output, os.getpid(), thread, begin, end, steps.running_ns, steps.ready_ns, core_begin, core()


def unfolded(records: Sequence[Record]) -> tuple[list[Any], list[TaskSpan]]:
    """Outputs and spans, from what a traced task returned. Raises TypeError if it was another task."""
    try:
        spans = [TaskSpan(number, *record[1:]) for number, record in enumerate(records)]
        return [record[0] for record in records], spans
    except (TypeError, IndexError):
        raise TypeError("the strategy gives other answers than those of the task that it is given; run it") from None
