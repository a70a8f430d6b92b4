"""Many trials, one after the other, cost the lab neither memory nor descriptors."""

import sys

import psutil
from places import FAKE_CHILD

from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Status, Trial
from gil_lab.suite.catalogue import Catalogue

TRIALS, WARM = 20, 5


def test_twenty_trials_leave_the_lab_as_it_was():
    """Good ones and bad ones in turn. The long one is benchmarks/soak.py."""
    cell = Cell("primes", "sequential", 1, "3.11", 2, 10)
    lab, sizes = psutil.Process(), []
    for number in range(1, TRIALS + 1):
        fault = ("none", "crash-timed", "garbage-ready", "none")[number % 4]
        launcher = Launcher(command=(sys.executable, str(FAKE_CHILD), fault))
        result = controller.run(Trial(number, 1, cell, 0.001, 20.0), launcher, Catalogue())
        assert (result.status is Status.OK) == (fault == "none")
        sizes.append((lab.memory_info().rss, lab.num_fds()))
    assert {descriptors for _, descriptors in sizes} == {sizes[0][1]}
    assert sizes[-1][0] - sizes[WARM][0] < 5 * 2**20
