"""How a task is sent to another process or interpreter: by name, or by value if it was defined interactively."""

import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from gil_lab.model.errors import UsageError


class _ByValue:
    """A task that is pickled by value. Raises UsageError if cloudpickle does not work."""

    def __init__(self, task: Callable[..., Any]) -> None:
        try:
            import cloudpickle  # noqa: F401 - fail here rather than within a pool
        except Exception as error:  # on some Pythons it is installed but broken
            raise UsageError(
                f"only cloudpickle can send an anonymous or interactively defined task, and it does not import here "
                f"({type(error).__name__}: {error!s:.80}); define the task in a file, at its top level"
            ) from error
        self.task = task

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[bytes]]:
        import cloudpickle

        return cloudpickle.loads, (cloudpickle.dumps(self.task),)


def shipped(task: Callable[..., Any]) -> Callable[..., Any]:
    """The task in a form that every start method can send: pickle alone fails for lambdas and notebook functions."""
    try:
        by_name = b"__main__" not in pickle.dumps(task)
    except (pickle.PicklingError, AttributeError, TypeError):
        by_name = False
    return task if by_name else _ByValue(task)  # type: ignore[return-value]  # it is unpickled as the task itself


@contextmanager
def main_module_hidden() -> Iterator[None]:
    """Start workers that do not run the main script again.

    Spawned workers import the parent's main module, which is an endless loop for a script without a `__main__` guard
    and an error for one read from stdin. Ours need nothing from it: tasks from there are sent by value. (A forked
    worker has it already.)
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
