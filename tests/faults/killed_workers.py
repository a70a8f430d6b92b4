"""An experiment file: workers of a pool are killed, each time at another moment, as when memory runs out."""

import os
import signal
from contextlib import contextmanager

from gil_lab import Design, Experiment, Workload

MEASURED = "GIL_LAB_TEST_MEASURED_PID"


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def in_worker():
    """Not in the measured process itself."""
    return str(os.getpid()) != os.environ.get(MEASURED)


class Deadly(int):
    """A number that kills the process that pickles it, or the worker that unpickles or returns it."""

    def __new__(cls, value, moment):
        number = super().__new__(cls, value)
        number.moment = moment
        return number

    def __reduce__(self):
        if self.moment == "pickled" or (self.moment == "returned" and in_worker()):
            die()
        return revive, (int(self), self.moment)


def revive(value, moment):
    if moment == "unpickled" and in_worker():
        die()
    return Deadly(value, moment)


@contextmanager
def deadly(moment, tasks, size):
    os.environ[MEASURED] = str(os.getpid())
    yield [Deadly(item, moment) for item in range(tasks)]


def inputs_for(moment):
    return lambda tasks, size: deadly(moment, tasks, size)


def fine(item):
    return int(item) + 1


def die_as_a_task(item):
    if int(item) == 1:
        die()
    return int(item) + 1


def return_something_deadly(item):
    return Deadly(int(item) + 1, "returned")


async def die_as_a_coroutine(item):
    die_as_a_task(item)


def verify(inputs, outputs):
    return None if [int(output) for output in outputs] == [int(item) + 1 for item in inputs] else "wrong"


def workload(task, moment, **forms):
    forms = {"call": task, **forms}
    return Workload("for a test", "cpu", inputs_for(moment), forms, verify, size=1, size_unit="", max_size=9, tasks=4)


TASK = workload(die_as_a_task, "never", coroutine=die_as_a_coroutine)
PICKLED = workload(fine, "pickled")
UNPICKLED = workload(fine, "unpickled")
RETURNED = workload(return_something_deadly, "never")
EXPERIMENT = Experiment("Who notices that a worker is gone?", Design("killed", ("task",), ("sequential",)))
