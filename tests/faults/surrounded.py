"""An experiment file whose workloads find something wrong around them; one is fine."""

import sys
import time
from contextlib import contextmanager

from gil_lab import Design, Experiment, Workload


@contextmanager
def inputs(tasks, size):
    yield list(range(tasks))


@contextmanager
def while_traced(tasks, size):
    """As a debugger does, or coverage that a .pth file has started."""
    sys.settrace(lambda *_: None)
    yield list(range(tasks))
    sys.settrace(None)


@contextmanager
def while_profiled(tasks, size):
    sys.setprofile(lambda *_: None)
    yield list(range(tasks))
    sys.setprofile(None)


@contextmanager
def while_time_stands_still(tasks, size):
    now = time.monotonic_ns()
    time.monotonic_ns = lambda: now
    yield list(range(tasks))


def verify(inputs, outputs):
    return None if outputs == [item + 1 for item in inputs] else f"got {outputs!r:.60}"


def add_one(item):
    return item + 1


def devour(item):
    """More memory than there is, page by page."""
    held = []
    while True:
        held.append(bytearray(b"x") * 2**20)


def meet(item):
    """Long enough that no thread is free for the next task."""
    time.sleep(0.02)
    return item + 1


def workload(task, prepare=inputs):
    return Workload("for a test", "cpu", prepare, {"call": task}, verify, size=1, size_unit="", max_size=9, tasks=4)


FINE, DEVOURING, MEETING = map(workload, (add_one, devour, meet))
TRACED, PROFILED, STANDING = (
    workload(add_one, prepare) for prepare in (while_traced, while_profiled, while_time_stands_still)
)
EXPERIMENT = Experiment("What is around?", Design("surrounded", ("fine",), ("sequential",)))
