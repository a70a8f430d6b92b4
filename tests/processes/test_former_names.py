"""Users' files import what they imported before modules moved into rooms."""

import importlib
import subprocess
import sys

import pytest

import gil_lab
from gil_lab.model.former_names import FORMER_NAMES


@pytest.mark.parametrize("name", FORMER_NAMES)
def test_a_former_name_is_the_very_same_module(name):
    """Not a copy, whose classes would be others."""
    assert importlib.import_module(name) is importlib.import_module(FORMER_NAMES[name])


def test_a_module_keeps_its_own_name_and_spec():
    """Whoever looks at it sees where it really stands."""
    module = importlib.import_module("gil_lab.strategies.threading")
    assert module is importlib.import_module("gil_lab.suite.strategies.threading")
    assert (module.__name__, module.__spec__.name) == ("gil_lab.suite.strategies.threading",) * 2


def test_the_imports_that_were_documented_work_in_a_fresh_process():
    """As a user's file has them."""
    code = (
        "from gil_lab.claims import Evidence, Judgement; from gil_lab.experiment import Experiment;"
        "from gil_lab.plan import Design; from gil_lab.workloads.primes import count_primes;"
        "import gil_lab; print(Design is gil_lab.Design, Evidence is gil_lab.Evidence)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]


def test_another_name_is_still_missing():
    """The finder answers for its table alone."""
    with pytest.raises(ModuleNotFoundError, match=r"gil_lab\.nothing"):
        importlib.import_module("gil_lab.nothing")
    assert gil_lab.Design is importlib.import_module("gil_lab.plan").Design
