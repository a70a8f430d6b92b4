"""An experiment file: each workload stays in one phase of its trial for good, and makes a file when it is there."""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from gil_lab import Design, Experiment, Workload

REACHED = Path(os.environ.get("HOME", "/nonexistent"), "reached")
TASKS = 2
NEVER_IMPORTED = "faults_never_imported"
MEASURED = "GIL_LAB_TEST_MEASURED_PID"


def stay(phase):
    REACHED.write_text(phase)
    time.sleep(1e6)


def add_one(item):
    return item + 1


def kind_of_pass():
    """Of the pass that is running: warm-up, traced or timed, as the measured process itself calls it."""
    frame = sys._getframe()
    while frame and (frame.f_code.co_name, frame.f_globals.get("__name__")) != ("timed", "gil_lab.child.trial"):
        frame = frame.f_back
    return frame.f_locals["kind"] if frame else ""


class Staying:
    """A task that stays in one kind of pass."""

    def __init__(self, phase):
        self.phase = phase

    def __call__(self, item):
        if kind_of_pass() == self.phase:
            stay(self.phase)
        time.sleep(0.02)
        return item + 1


@contextmanager
def numbers(tasks, size):
    yield list(range(tasks))


@contextmanager
def numbers_of_a_parent(tasks, size):
    os.environ[MEASURED] = str(os.getpid())
    yield list(range(tasks))


def stay_in_worker(item):
    """The measured process itself goes on."""
    if os.environ[MEASURED] != str(os.getpid()):
        stay("worker")
    return item + 1


@contextmanager
def never(tasks, size):
    stay("inputs")
    yield []


@contextmanager
def never_done(tasks, size):
    yield list(range(tasks))
    stay("close")


class Finder:
    """Finds one module, whose import does not end."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == NEVER_IMPORTED:
            stay("import")


@contextmanager
def importing(tasks, size):
    sys.meta_path.insert(0, Finder)
    yield list(range(tasks))


def verify(inputs, outputs):
    return None if outputs == [item + 1 for item in inputs] else f"got {outputs!r}"


def workload(task, inputs=numbers, **more):
    return Workload(
        "for a test", "cpu", inputs, {"call": task}, verify, size=1, size_unit="", max_size=9, tasks=TASKS, **more
    )


WAITING_INPUTS = workload(add_one, never)
WAITING_CLOSE = workload(add_one, never_done)
WAITING_IMPORT = workload(add_one, importing, requires=(NEVER_IMPORTED,))
WAITING_WARM_UP = workload(Staying("warm-up"))
WAITING_TIMED = workload(Staying("timed"))
WAITING_WORKER = workload(stay_in_worker, numbers_of_a_parent)
WAITING_TRACED = workload(Staying("traced"))
EXPERIMENT = Experiment("Where is it?", Design("phases", ("waiting-timed",), ("sequential",)))
