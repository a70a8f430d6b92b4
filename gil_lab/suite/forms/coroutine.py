"""`coroutine`: the task as a coroutine function, which yields to the event loop at sensible points."""

from asyncio import get_running_loop
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from gil_lab.suite.forms import Form, Task
from gil_lab.suite.instruments.heartbeat import Heartbeat
from gil_lab.suite.instruments.spans import TracedCoroutine, unfolded
from gil_lab.suite.task_order import OrderedCoroutine, expect, recorded
from gil_lab.suite.workloads import Workload

CO_COROUTINE = 0x80
"""Of code objects, as in `inspect`, which takes long to import."""


class TaskBesideHeartbeat:
    """The task; while any call of it is in flight, its event loop also takes the beats.

    By a reader callback of the loop, not by a coroutine that waits: that would run one iteration of the loop later.
    """

    def __init__(self, task: Task, heartbeat: Heartbeat) -> None:
        self.task = task
        self.heartbeat = heartbeat
        self.in_flight = 0

    async def __call__(self, item: Any) -> Any:
        if self.in_flight == 0:
            get_running_loop().add_reader(self.heartbeat.descriptor, self.heartbeat.take)
        self.in_flight += 1
        try:
            return await self.task(item)
        finally:
            self.in_flight -= 1
            if self.in_flight == 0:
                get_running_loop().remove_reader(self.heartbeat.descriptor)


@contextmanager
def in_the_loop(task: Task, heartbeat: Heartbeat) -> Iterator[Task]:
    yield TaskBesideHeartbeat(task, heartbeat)
    heartbeat.take()  # the beats that were due when the last task ended, and the next one


class PlainFunction:
    """A function without `async`: it may still answer with something to await, as a wrapped one does."""

    def __init__(self, function: Task) -> None:
        self.function = function

    async def __call__(self, item: Any) -> Any:
        answer = self.function(item)
        if not isinstance(answer, Awaitable):
            kind = type(answer).__name__
            raise TypeError(f"the form coroutine is a plain function, which answers with {kind}; write it as async def")
        return await answer


def task(workload: Workload) -> Task:
    coroutine = workload.forms["coroutine"]
    if isinstance(coroutine, FunctionType) and not coroutine.__code__.co_flags & CO_COROUTINE:
        coroutine = PlainFunction(coroutine)
    return OrderedCoroutine(coroutine, workload.after) if workload.after else coroutine


FORM = Form(
    task=task,
    compile=expect,
    traced=lambda task, inputs: (recorded(task, TracedCoroutine, inputs), unfolded),
    beside=in_the_loop,
)
