"""Whatever a task or `observe` of a user raises or gives is reported as the user's."""

import pytest
from made import cell, trial

from gil_lab.experiment import own_files
from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Status

pytestmark = pytest.mark.usefixtures("children_are_forked")

MINE = """
import asyncio
from concurrent.futures.process import BrokenProcessPool
from gil_lab import Workload
from gil_lab.model.records import Observation


class NoText(Exception):
    def __str__(self): raise RuntimeError


def raising(error):
    def task(number):
        raise error
    return task


def fine(number):
    return number


def observing(*found):
    return lambda inputs, answers: found


TEXT = Workload("", "cpu", [1], {"call": raising(NoText())})
CANCELLED = Workload("", "cpu", [1], {"call": raising(asyncio.CancelledError())})
def cancelling(number):
    if number == 2:
        raise asyncio.CancelledError("by itself")
    return number


async def cancelling_async(number):
    await asyncio.sleep(0)
    return cancelling(number)


SOME_CANCELLED = Workload("", "cpu", [1, 2, 3, 4], {"call": cancelling, "coroutine": cancelling_async})
BROKEN = Workload("", "cpu", [1], {"call": raising(BrokenProcessPool("a child died"))})
HUGE = Workload("", "cpu", [1], {"call": fine}, observe=observing(Observation("x", 1e300)))
NAN = Workload("", "cpu", [1], {"call": fine}, observe=observing(Observation("x", float("nan"))))
WORD = Workload("", "cpu", [1], {"call": fine}, observe=observing("three"))
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    file = tmp_path_factory.mktemp("mine") / "mine.py"
    file.write_text(MINE)
    return own_files.read(file)


@pytest.mark.parametrize(
    ("workload", "detail"),
    [
        ("text", "NoText: (its text cannot be made: RuntimeError)"),
        ("cancelled", "CancelledError"),
        ("broken", "BrokenProcessPool: a child died"),
        ("huge", "ValueError: observe gives 1e+300 for 'x'; it must be a number up to 1e+12"),
        ("nan", "ValueError: observe gives nan for 'x'; it must be a number up to 1e+12"),
        ("word", "TypeError: observe gives 'three'; it must give a list of Observation"),
    ],
)
def test_the_row_has_the_cause(catalogue, workload, detail):
    """And no numbers."""
    measured = cell("sequential", workload=workload, workers=1, tasks=1, size=1)
    result = controller.run(trial(cell=measured, min_time_s=0.001), Launcher(file=catalogue.file), catalogue)
    assert (result.status, result.detail, result.measurement) == (Status.ERROR, detail, None)


@pytest.mark.parametrize("strategy", ["sequential", "threading", "asyncio", "asyncio-threads", "multiprocessing"])
def test_a_task_that_cancels_itself_is_an_error_under_every_model(catalogue, strategy):
    """An event loop takes it for one that was cancelled from outside, and goes on without its answer."""
    workers = 1 if strategy == "sequential" else 2
    measured = cell(strategy, workload="some-cancelled", workers=workers, tasks=4, size=1)
    result = controller.run(trial(cell=measured, min_time_s=0.001), Launcher(file=catalogue.file), catalogue)
    assert (result.status, result.detail) == (Status.ERROR, "CancelledError: by itself")
