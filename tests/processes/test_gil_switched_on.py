"""A module that is not safe without the GIL, imported for real under a free-threaded Python."""

import shutil
import subprocess
from dataclasses import astuple
from pathlib import Path

import pytest
import pythons

from gil_lab.measuring import controller
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Flag, Status, Trial
from gil_lab.sessions.trial_rows import numbers
from gil_lab.suite.catalogue import with_file

MODULE = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "unaware", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_unaware(void) { return PyModule_Create(&definition); }
"""
WORKLOAD = """
from contextlib import contextmanager
from gil_lab import Workload

@contextmanager
def inputs(tasks, size):
    {before}
    yield list(range(tasks))

def at_work(item):
    {at_work}
    return sum(range(20_000))

def verify(inputs, outputs):
    return None

OWN = Workload("", "cpu", inputs, {{"call": at_work}}, verify, 1, "", 1)
"""
FREE_THREADED = "3.13t"


@pytest.fixture
def python():
    return pythons.executable(FREE_THREADED)


@pytest.fixture
def module(python, tmp_path):
    """An extension module in the style of before PEP 703, which says nothing about the GIL."""
    compiler = shutil.which("cc") or pytest.skip("no C compiler")
    ask = "import sysconfig; print(sysconfig.get_path('include')); print(sysconfig.get_config_var('EXT_SUFFIX'))"
    reported = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True, timeout=60)
    include, suffix = reported.stdout.split()
    if not (Path(include) / "Python.h").exists():
        pytest.skip(f"{FREE_THREADED} came without its C headers")
    source = tmp_path / "unaware.c"
    source.write_text(MODULE)
    target = tmp_path / f"unaware{suffix}"
    command = [compiler, "-shared", "-fPIC", f"-I{include}", str(source), "-o", str(target)]
    subprocess.run(command, check=True, timeout=60)
    return target


def measured(python, folder, environment=(), before="pass", at_work="pass"):
    file = folder / "own_work.py"
    file.write_text(WORKLOAD.format(before=before, at_work=at_work))
    launcher = Launcher((python, "-m", "gil_lab.child"), file, environment)
    trial = Trial(1, 1, Cell("own", "threading", 2, FREE_THREADED, 4, 1), 0.001, 60.0)
    return controller.run(trial, launcher, with_file(file))


@pytest.mark.parametrize("when", ["before", "at_work"])
def test_an_import_that_switches_the_gil_on_is_in_the_row_with_its_name(python, module, tmp_path, when):
    """The numbers are those of a Python with a GIL, and must not pass for those of one without."""
    result = measured(python, tmp_path, **{when: "import unaware"})
    assert (result.status, result.detail) == (Status.OK, "")
    row = numbers(result.measurement, "")
    assert astuple(row.gil) == (False, True, True, "unaware")
    assert Flag.GIL_REENABLED in result.flags


def test_without_such_an_import_nothing_is_flagged(python, tmp_path):
    """The Python is without a GIL from beginning to end."""
    result = measured(python, tmp_path)
    row = numbers(result.measurement, "")
    assert astuple(row.gil) == (False, False, False, "")
    assert Flag.GIL_REENABLED not in result.flags


def test_with_the_setting_nogil_it_stays_off(python, module, tmp_path):
    """PYTHON_GIL=0: at one's own risk, as Python says."""
    result = measured(python, tmp_path, (("PYTHON_GIL", "0"),), at_work="import unaware")
    assert result.status is Status.OK
    assert not result.measurement.gil.after_work
    assert Flag.GIL_REENABLED not in result.flags


def test_with_the_setting_gil_it_is_on_from_the_beginning_and_no_surprise(python, tmp_path):
    """The third arm: the same build with the lock, on purpose."""
    result = measured(python, tmp_path, (("PYTHON_GIL", "1"),))
    assert (result.measurement.gil.at_start, result.measurement.gil.after_work) == (True, True)
    assert Flag.GIL_REENABLED not in result.flags
