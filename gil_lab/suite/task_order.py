"""Tasks that depend on others: each begins when the tasks it depends on have ended, in every pass.

A pool calls such a task like any other. The wait is outside the traced part, so that a waiting task is not in flight.
There is no deadlock with any number of workers, because pools take tasks in the order of their inputs, and tasks depend
on earlier ones only. (Rejected: a pool that knows the graph. Each strategy would need one, and it would no longer be
the strategy that is measured.)
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

After = Callable[[Any], Sequence[int]]
"""`after(input)`: numbers of the tasks that must end before the one with this input begins."""


class Order:
    """Which task depends on which, and how often each has begun and ended."""

    def __init__(self, after: After, inputs: Sequence[Any]) -> None:
        """Raises ValueError if a task depends on itself or on a later one, or if two inputs are the same object."""
        self._inputs = inputs  # kept: an id is unique only while its object lives
        self._numbers = {id(item): number for number, item in enumerate(inputs)}
        if len(self._numbers) < len(inputs):
            raise ValueError("two tasks have the same object as input, so their order is ambiguous; number the inputs")
        self._after = [tuple(after(item)) for item in inputs]
        for number, others in enumerate(self._after):
            if wrong := [other for other in others if not 0 <= other < number]:
                raise ValueError(f"task {number} depends on task {wrong[0]}; name earlier tasks only, from 0 on")
        self._begun, self._ended = [0] * len(inputs), [0] * len(inputs)
        self._failure: BaseException | None = None

    def begin(self, item: Any) -> tuple[int, int]:
        """The task's number, and how often it has been called so far: the number of the pass."""
        number = self._numbers[id(item)]
        self._begun[number] += 1
        return number, self._begun[number]

    def is_due(self, number: int, times: int) -> bool:
        """Whether all tasks that it depends on have ended that often.

        Raises the exception of any task that has failed, so that no task waits any longer.
        """
        if self._failure is not None:
            raise self._failure
        return all(self._ended[other] >= times for other in self._after[number])

    def end(self, number: int, failure: BaseException | None) -> None:
        self._ended[number] += 1
        self._failure = self._failure or failure


class Ordered:
    """A task that waits until those it depends on have ended."""

    def __init__(self, task: Callable[[Any], Any], after: After) -> None:
        self.task, self.after = task, after
        self._expected: Order | None = None

    def expect(self, inputs: Sequence[Any]) -> None:
        """Set the inputs, before the first call. Raises ValueError as `Order` does."""
        self._expected = Order(self.after, inputs)

    @property
    def _order(self) -> Order:
        if self._expected is None:
            raise RuntimeError("the task does not know its inputs; call `expect` first")
        return self._expected


class OrderedCall(Ordered):
    """A plain task: its thread waits."""

    def __init__(self, task: Callable[[Any], Any], after: After) -> None:
        super().__init__(task, after)
        self._changed = threading.Condition()

    def __call__(self, item: Any) -> Any:
        order, failure = self._order, None
        with self._changed:
            number, times = order.begin(item)
            self._changed.wait_for(lambda: order.is_due(number, times))
        try:
            return self.task(item)
        except BaseException as error:
            failure = error
            raise
        finally:
            with self._changed:
                order.end(number, failure)
                self._changed.notify_all()


class OrderedCoroutine(Ordered):
    """A coroutine function: the event loop runs others meanwhile."""

    def __init__(self, task: Callable[[Any], Any], after: After) -> None:
        super().__init__(task, after)
        self._changed = asyncio.Event()

    async def __call__(self, item: Any) -> Any:
        order, failure = self._order, None
        number, times = order.begin(item)
        while not order.is_due(number, times):  # no other coroutine runs between this check and the wait
            await self._changed.wait()
        try:
            return await self.task(item)
        except BaseException as error:
            failure = error
            raise
        finally:
            order.end(number, failure)
            self._changed.set()  # wakes up all current waiters; later ones wait for the next change
            self._changed = asyncio.Event()


def expect(task: Any, inputs: Sequence[Any]) -> None:
    """Pass the inputs to a task that depends on others; other tasks do not need them."""
    if isinstance(task, Ordered):
        task.expect(inputs)


def recorded(task: Any, record: Callable[[Any], Any], inputs: Sequence[Any]) -> Any:
    """The task wrapped in `record`; of a task that depends on others, only its work, not its wait."""
    if not isinstance(task, Ordered):
        return record(task)
    ordered = type(task)(record(task.task), task.after)
    ordered.expect(inputs)
    return ordered
