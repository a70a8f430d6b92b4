"""`greenlet`: the task as a plain function that switches to other greenlets where it waits, by calls of gevent."""

import os
import threading
import time
from typing import Any

from gil_lab.suite.forms import Form, Task
from gil_lab.suite.instruments.spans import Record, between, core, ready_ns, unfolded
from gil_lab.suite.workloads import Workload


class OwnTime:
    """CPU time of the thread, and its wait for a core, while one greenlet runs in it."""

    def __init__(self) -> None:
        self.running_ns = 0
        self.ready_ns: int | None = 0
        self.resume()

    def resume(self) -> None:
        self._ready, self._cpu = ready_ns(), time.thread_time_ns()

    def pause(self) -> None:
        self.running_ns += time.thread_time_ns() - self._cpu
        waited = between(self._ready, ready_ns())
        self.ready_ns = None if waited is None or self.ready_ns is None else self.ready_ns + waited


class TracedGreenlet:
    """The task, with a record. While calls of it are in flight, each switch between greenlets is noted."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._in_flight: dict[Any, OwnTime] = {}

    def __call__(self, item: Any) -> Record:
        from greenlet import getcurrent, settrace

        if not self._in_flight:
            settrace(self._switched)
        core_begin, begin = core(), time.monotonic_ns()
        own = self._in_flight[getcurrent()] = OwnTime()
        try:
            output = self.task(item)
        finally:
            own.pause()
            del self._in_flight[getcurrent()]
            if not self._in_flight:
                settrace(None)
        end, thread = time.monotonic_ns(), threading.get_native_id()
        return output, os.getpid(), thread, begin, end, own.running_ns, own.ready_ns, core_begin, core()

    def _switched(self, event: str, between_greenlets: tuple[Any, Any]) -> None:
        left, entered = between_greenlets
        if (own := self._in_flight.get(left)) is not None:
            own.pause()
        if (own := self._in_flight.get(entered)) is not None:
            own.resume()


def task(workload: Workload) -> Task:
    built: Task = workload.forms["greenlet"]()
    return built


FORM = Form(
    task=task,
    traced=lambda task, _: (TracedGreenlet(task), unfolded),
    left_out="in greenlets, waiting takes calls of gevent",
)
