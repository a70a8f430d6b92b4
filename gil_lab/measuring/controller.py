"""Runs one trial by itself: a block of one cell, with a single turn."""

from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.measured_child import MeasuredChild
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.model.records import Result, Trial
from gil_lab.suite.catalogue import Catalogue


def run(trial: Trial, launcher: Launcher, catalogue: Catalogue) -> Result:
    """Measure one trial. Whatever the child does becomes part of the result; only an interrupt is raised.

    The lab does nothing else meanwhile: progress is shown between trials. A trial during which anything was suspended
    has no numbers, and should be measured again.
    """
    with MeasuredChild(trial, launcher, catalogue) as child:
        child.start()
        child.trace()
        others = OtherProcesses()
        others.look(child.pids)
        child.turn(1, 1, trial.min_time_s, others)
        return child.finish()
