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


def reach(phase):
    if (HERE / "wanted").exists() and (HERE / "wanted").read_text() == phase:
        (HERE / "reached").touch()
        while not (HERE / "released").exists():
            time.sleep(0.01)


def kind_of_pass():
    """Of the pass that is running: warm-up, traced or timed, as the measured process itself calls it."""
    frame = sys._getframe()
    while frame and (frame.f_code.co_name, frame.f_globals.get("__name__")) != ("timed", "gil_lab.child.trial"):
        frame = frame.f_back
    return frame.f_locals["kind"] if frame else ""


@contextmanager
def inputs(tasks, size):
    reach("inputs")
    yield list(range(tasks))


def verify(inputs, outputs):
    return None


def add_one(item):
    time.sleep(0.001)
    reach(kind_of_pass())
    return item + 1


def stubborn(item):
    """Its process ignores SIGTERM: the clean-up takes a second."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return add_one(item)


def workload(task):
    return Workload("for a test", "cpu", inputs, {"call": task}, verify, size=1, size_unit="", max_size=9, tasks=2)


PATIENT, STUBBORN = workload(add_one), workload(stubborn)
EXPERIMENT = Experiment("In which phase?", Design("phase", ("patient",), ("sequential",)))
if getattr(sys.modules["__main__"].__spec__, "name", "") == "gil_lab.child.__main__":
    reach("import")
