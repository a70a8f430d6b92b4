"""Tasks that must wait for others: each begins when those that it comes after have ended, in every pass.

A pool calls such a task as any other. The wait stands around what is traced, so that a task that waits its turn is not
in flight. It comes to an end with any number of workers, because pools take tasks in the order of their inputs and the
others are earlier ones. (Rejected: a pool that is told the graph. There would be one for each strategy, and what is
measured would no longer be the strategy.)
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

After = Callable[[Any], Sequence[int]]
"""`after(input)`: numbers of the tasks that must end before the one with this input begins."""


class Order:
    """Who comes after whom, and how often each has begun and ended."""

    def __init__(self, after: After, inputs: Sequence[Any]) -> None:
        """Raises ValueError if a task would wait for itself or for a later one, or if two cannot be told apart."""
        self._inputs = inputs  # kept: a number of an object is its own only while it lives
        self._numbers = {id(item): number for number, item in enumerate(inputs)}
        if len(self._numbers) < len(inputs):
            raise ValueError("two tasks have one and the same input, so nobody can tell which comes first; number them")
        self._after = [tuple(after(item)) for item in inputs]
        for number, others in enumerate(self._after):
            if wrong := [other for other in others if not 0 <= other < number]:
                raise ValueError(f"task {number} comes after task {wrong[0]}; name earlier tasks only, from 0 on")
        self._begun, self._ended = [0] * len(inputs), [0] * len(inputs)
        self._failure: BaseException | None = None

    def begin(self, item: Any) -> tuple[int, int]:
        """The task's number, and how often it has been called by now: the number of the pass."""
        number = self._numbers[id(item)]
        self._begun[number] += 1
        return number, self._begun[number]

    def is_due(self, number: int, times: int) -> bool:
        """Whether all that it comes after have ended that often.

        Raises what another task has raised, whichever that was: then nobody waits any longer for anybody.
        """
        if self._failure is not None:
            raise self._failure
        return all(self._ended[other] >= times for other in self._after[number])

    def end(self, number: int, failure: BaseException | None) -> None:
        self._ended[number] += 1
        self._failure = self._failure or failure


class Ordered:
    """A task that waits until its turn has come."""

    def __init__(self, task: Callable[[Any], Any], after: After) -> None:
        self.task, self.after = task, after
        self._known: Order | None = None

    def expect(self, inputs: Sequence[Any]) -> None:
        """Learn the inputs, ahead of the first call. Raises ValueError as `Order` does."""
        self._known = Order(self.after, inputs)

    @property
    def _order(self) -> Order:
        if self._known is None:
            raise RuntimeError("the task does not know its inputs; call `expect` first")
        return self._known


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
        while not order.is_due(number, times):  # nobody else runs between this question and the wait
            await self._changed.wait()
        try:
            return await self.task(item)
        except BaseException as error:
            failure = error
            raise
        finally:
            order.end(number, failure)
            self._changed.set()  # wakes up all who wait now; who waits from now on waits for the next change
            self._changed = asyncio.Event()


def expect(task: Any, inputs: Sequence[Any]) -> None:
    """Tell a task that waits for others what its inputs are; any other need not know."""
    if isinstance(task, Ordered):
        task.expect(inputs)


def noted(task: Any, notes: Callable[[Any], Any], inputs: Sequence[Any]) -> Any:
    """The task with `notes` around it; around the work alone of one that waits for others."""
    if not isinstance(task, Ordered):
        return notes(task)
    inside = type(task)(notes(task.task), task.after)
    inside.expect(inputs)
    return inside
