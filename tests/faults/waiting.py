"""An experiment file whose workload waits in one phase of its trial, which the file `wanted` beside it names.

Copy it into a folder of the test. Once the phase is reached, there is a file `reached`; it is left as soon as there is
a file `released`.
"""

import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from gil_lab import Design, Experiment, Workload

HERE = Path(__file__).parent
CALLS = []


def reach(phase):
    if (HERE / "wanted").exists() and (HERE / "wanted").read_text() == phase:
        (HERE / "reached").touch()
        while not (HERE / "released").exists():
            time.sleep(0.01)


@contextmanager
def inputs(tasks, size):
    reach("inputs")
    yield list(range(tasks))


def verify(inputs, outputs):
    return None


def add_one(item):
    time.sleep(0.001)
    CALLS.append(item)
    reach("warm-up" if len(CALLS) <= 2 else "timed")
    return item + 1


def stubborn(item):
    """Its process ignores SIGTERM: the clean-up takes a second."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return add_one(item)


def workload(task):
    return Workload("for a test", "cpu", inputs, {"call": task}, verify, size=1, size_unit="", max_size=9, tasks=2)


PATIENT, STUBBORN = workload(add_one), workload(stubborn)
EXPERIMENT = Experiment("In which phase?", Design("waiting", ("patient",), ("sequential",)))
if getattr(sys.modules["__main__"].__spec__, "name", "") == "gil_lab.child.__main__":
    reach("import")
