"""One task after the other in one thread: the baseline of every speed-up."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.strategies import Run, Strategy


def run(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
    return [task(item) for item in inputs]


@contextmanager
def one_at_a_time(workers: int) -> Iterator[Run]:
    yield run


CODE = """\
{imports}

def run(inputs):
    return [{function}(item) for item in inputs]
"""
STRATEGY = Strategy(summary="one task after the other", form="call", open=one_at_a_time, workers_are=None, code=CODE)
