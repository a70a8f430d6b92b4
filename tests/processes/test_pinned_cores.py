"""A child that is kept to some of the cores: it, its pools, and what its numbers are held against."""

import os
import sys
from dataclasses import replace

import pytest
import pythons
from asked_once import asked_once
from examples import thorough
from made import measurement, usage

from gil_lab.interpreters import choose
from gil_lab.measuring import controller, machine
from gil_lab.measuring.core_kinds import core_kinds
from gil_lab.measuring.quality_flags import quality_flags
from gil_lab.model.records import Cell, Flag, Status, Trial
from gil_lab.sessions.run import launcher
from gil_lab.suite.catalogue import Catalogue, with_file

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen on this system")

FILE = """
import os
import sys
from dataclasses import replace
from gil_lab.suite.workloads.sleep import WORKLOAD

def cores(job):
    return sorted(os.sched_getaffinity(0))

def verify(jobs, outputs):
    return None if all(each == {expected} for each in outputs) else f"ran on {{outputs}}"

CORES = replace(WORKLOAD, forms={{"call": cores}}, verify=verify)
"""


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """What works under these Pythons is not the point here; a pin is no part of the question."""
    asked_once(monkeypatch, sys.executable, *pythons.found().values())


def run(tmp_path, python, strategy, expected):
    file = tmp_path / "cores_of_a_task.py"
    file.write_text(FILE.format(expected=expected))
    (chosen,) = choose((python,), strategies=("threading",)).interpreters
    trial = Trial(1, 1, Cell("cores", strategy, 2, chosen.label, 4, 1), 0.001, 60.0)
    return controller.run(trial, launcher(chosen, file), with_file(file))


@pytest.mark.parametrize("strategy", ["threading", "multiprocessing-fork", "multiprocessing-forkserver", "joblib"])
def test_a_pool_inherits_the_core_of_its_child(tmp_path, strategy):
    """Threads and processes of every kind. This process keeps its cores."""
    before = os.sched_getaffinity(0)
    result = run(tmp_path, "this+cores=1", strategy, sorted(before)[:1])
    assert (result.status, result.detail) == (Status.OK, "")
    assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize("python", ["this", *(label for label in pythons.found() if thorough() or label != "3.14")])
def test_every_python_can_be_pinned(tmp_path, python):
    """And is on all the cores where it is not: nothing is done then, so this Python stands for all. 3.14, between two
    others of its kind, is for the thorough profile.
    """
    name = python if python == "this" else pythons.executable(python)
    mine = sorted(os.sched_getaffinity(0))
    if python == "this" or thorough():
        assert run(tmp_path, name, "threading", mine).status is Status.OK
    assert run(tmp_path, f"{name}+cores=1", "threading", mine[:1]).status is Status.OK


def test_more_cores_than_may_be_used_are_refused():
    """In one line that says how many there are."""
    (missing,) = choose((f"this+cores={machine.usable_cores() + 1}",), strategies=()).missing
    assert f"cores takes 1 to {machine.usable_cores()}" in missing.reason


def test_a_child_that_knows_its_pin_reports_the_controller():
    """So that flags are about the cores that it had."""
    (chosen,) = choose(("this+cores=1",), strategies=()).interpreters
    assert launcher(chosen, None).cores == 1
    assert launcher(replace(chosen, environment=()), None).cores is None


@pytest.mark.parametrize(("pinned", "impossible"), [(None, False), (2, False), (1, True)])
def test_more_cores_busy_than_it_was_kept_to_is_impossible(pinned, impossible):
    """Two processes that keep 1.9 cores busy, on a machine of two."""
    lab = Catalogue()
    found = quality_flags(
        measurement(usage=usage(child_s=1.9, busy_s=1.9)),
        lab.workload("primes"),
        lab.strategy("multiprocessing"),
        2,
        2,
        pinned,
    )
    assert (Flag.IMPOSSIBLE in found) is impossible


def test_a_child_can_be_kept_to_one_hardware_thread_of_each_core(tmp_path):
    """Where the system says which ones share a core."""
    physical = core_kinds(os.sched_getaffinity(0)).physical
    if physical is None:
        pytest.skip("this system does not say which hardware threads share a core")
    assert run(tmp_path, "this+cores=physical", "threading", list(physical)).status is Status.OK
