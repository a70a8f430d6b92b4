"""`gil-lab pythons`, and `--python` of `list` and `doctor`: what is there, what works, and why the rest does not."""

import os
import sys
from unittest import mock

import pytest
from asked_once import asked_once
from command_line import called
from fake_python import answered_at_once, facts_of, fake, installed, refusing, script

from gil_lab.cli import doctor
from gil_lab.interpreters import Interpreter
from gil_lab.suite.catalogue import Catalogue

STRATEGIES = len(Catalogue().strategy_names())


def gil_lab(*arguments, **environment):
    """The command, on a machine with these Pythons only."""
    usual = {"PATH": "", "PYENV_ROOT": "/nowhere", "UV_PYTHON_INSTALL_DIR": "/nowhere"}
    with mock.patch.dict(sys.modules, findpython=None):
        return called(*arguments, **usual, **environment)


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """Once, or not at all: how programs are asked is tested in test_interpreters_asking.py."""
    answered_at_once(monkeypatch)
    asked_once(monkeypatch, sys.executable)


@pytest.fixture
def three(tmp_path):
    """A GIL build without numba, a free-threaded one, and a PyPy whose joblib is broken."""
    return {
        "gil": fake(
            tmp_path / "a" / "python",
            "3.99.2",
            **installed(numpy="2.4.6", joblib="1.6.0"),
            **refusing("numba is not installed for 3.99: python -m pip install numba", "numba-nogil", "numba-parallel"),
        ),
        "free": fake(tmp_path / "b" / "python", "3.99.1", free_threaded=True),
        "pypy": fake(
            tmp_path / "c" / "python",
            "3.99.17",
            "pypy",
            bytecode="none",
            **refusing("joblib does not import under pypy3.99 (AttributeError); use CPython", "joblib"),
        ),
    }


def test_everything_that_is_there_is_listed(three):
    """One line for each in a table, then its path, its packages and what does not work, by reason."""
    done = gil_lab("pythons", GIL_LAB_PYTHONS=os.pathsep.join(three.values()))
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    table = {line.split()[0]: line.split() for line in lines[1:5]}
    assert lines[0].split() == ["Python", "version", "build", "GIL", "bytecode", "strategies"]
    assert table["3.99"][1:] == ["3.99.2", "GCC", "16.2.0", "on", "cached", str(STRATEGIES - 2), "of", str(STRATEGIES)]
    assert table["3.99t"][1:3] == ["3.99.1", "free-threaded,"]
    assert "off" in table["3.99t"]
    assert table["pypy3.99"][-5:] == ["not", "cached", str(STRATEGIES - 1), "of", str(STRATEGIES)]
    assert f"3.99  {three['gil']}" in lines
    assert "  numpy 2.4.6, joblib 1.6.0" in lines
    text = " ".join(done.stdout.split())
    assert "not numba-nogil, numba-parallel: numba is not installed for 3.99: python -m pip install numba" in text
    assert "not joblib: joblib does not import under pypy3.99 (AttributeError); use CPython" in text
    assert "no bytecode caches can be written" in text
    assert "Cannot be used" not in text


def test_it_fits_eighty_columns(three, tmp_path):
    """But for paths, which are not torn: they are there to be copied."""
    deep = fake(tmp_path / ("deep" * 20) / "python", "3.98.2")
    done = gil_lab("pythons", GIL_LAB_PYTHONS=os.pathsep.join([*three.values(), deep]))
    assert [line for line in done.stdout.splitlines() if len(line) > 80 and "/" not in line] == []
    assert f"3.98  {deep}" in done.stdout.splitlines()


def test_what_is_broken_is_listed_with_the_reason(tmp_path, three):
    """And those that are too old together; that is no failure of a command that lists what there is."""
    broken = script(tmp_path / "broken", "exit 7")
    old = fake(tmp_path / "old", "3.9.2")
    done = gil_lab("pythons", GIL_LAB_PYTHONS=os.pathsep.join([broken, old, "/nowhere"]))
    text = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert "Cannot be used" in text
    assert "does not answer as Python does (exit code 7)" in text
    assert "/nowhere does not exist" in text
    assert "3.9.2: gil-lab needs Python 3.11 or later" in text


def test_named_ones_are_shown_as_they_are_named(three):
    """With their settings. One that is missing is reported, and the exit code is that of a name that means nothing."""
    everything = os.pathsep.join(three.values())
    done = gil_lab("pythons", "3.99t+nogil", "3.99", GIL_LAB_PYTHONS=everything)
    assert (done.returncode, [line.split()[0] for line in done.stdout.splitlines()[1:3]]) == (
        0,
        ["3.99t+nogil", "3.99"],
    )
    done = gil_lab("pythons", "3.99,3.97t", "3.99+gil", GIL_LAB_PYTHONS=everything)
    assert (done.returncode, done.stdout.splitlines()[1].split()[0]) == (2, "3.99")
    assert "no Python 3.97t was found; uv python install 3.97t" in done.stdout
    assert "3.99 always has a GIL" in done.stdout


def test_settings_of_one_program_share_what_is_reported_of_it(three):
    """Path, packages and reasons stand there once."""
    done = gil_lab("pythons", "3.99t,3.99t+gil,3.99t+switch=1ms", GIL_LAB_PYTHONS=three["free"])
    assert f"3.99t, 3.99t+gil, 3.99t+switch=1ms  {three['free']}" in done.stdout.splitlines()


def test_only_names_that_mean_nothing_are_reported_without_a_table():
    """There is nothing to put into it."""
    done = gil_lab("pythons", "3.97t")
    assert (done.returncode, "version" in done.stdout) == (2, False)


@pytest.mark.parametrize("command", ["pythons", "list", "doctor"])
def test_what_is_no_name_is_a_usage_error(command):
    """In one line."""
    done = gil_lab(command, *([] if command == "pythons" else ["--python"]), "3.13+")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gil-lab: error: '3.13+' has an empty part")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["list", "doctor"])
def test_a_python_that_is_missing_costs_one_line(command):
    """Nothing else is printed."""
    done = gil_lab(command, "--python", "this", "--python", "/bin/true")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gil-lab: error: /bin/true does not answer as Python does (exit code 0)")
    assert done.stderr.count("\n") == 1


def test_list_says_under_which_python_a_strategy_cannot_run(three):
    """Each reason once, with all whom it concerns."""
    done = gil_lab(
        "list", "-v", "--python", "3.99,3.99t", "--python", "pypy", GIL_LAB_PYTHONS=os.pathsep.join(three.values())
    )
    text = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert "Strategies (--strategy NAME) with Python 3.99, 3.99t, pypy3.99" in text
    assert "cannot run under 3.99: numba is not installed" in text
    assert "cannot run under pypy3.99: joblib does not import" in text


def test_doctor_examines_the_pythons_that_are_named(three):
    """What they have in common is reported once."""
    done = gil_lab("doctor", "--python", "3.99,3.99t,pypy", GIL_LAB_PYTHONS=os.pathsep.join(three.values()))
    text = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert "GIL: Python 3.99, pypy3.99: build with the GIL, GIL on" in text
    assert "GIL: Python 3.99t: free-threaded build, GIL off" in text
    assert "start methods: Python 3.99, 3.99t, pypy3.99: fork, spawn, forkserver; default fork" in text
    assert "Python 3.99: CPython 3.99.2, numpy 2.4.6, joblib 1.6.0" in text
    assert "bytecode: Python pypy3.99: some modules that workers import are not cached" in text
    assert "threading layer" not in text  # of the running Python's Numba, which is not among them


def interpreter(label="3.13t", environment=(), **changes):
    return Interpreter(
        label, "/python", environment, facts_of(**{"version": "3.13.5", "free_threaded": True, **changes})
    )


def test_an_import_that_switches_the_gil_on_is_to_be_mended():
    """Unless a setting keeps it off, in which case it cannot happen."""
    finding = doctor.gil(interpreter(gil_after_imports=True))
    assert "on after the imports" in finding.state
    assert "3.13t+nogil" in finding.remedy


def test_a_gil_that_a_setting_asks_for_is_as_it_should_be():
    """One that was not requested is not."""
    assert doctor.gil(interpreter("3.13t+gil", (("PYTHON_GIL", "1"),), gil=True, gil_after_imports=True)).remedy == ""
    assert doctor.gil(interpreter(gil=True, gil_after_imports=True)).remedy != ""
    assert doctor.gil(interpreter(free_threaded=False)).remedy == ""


@pytest.mark.parametrize(
    ("where", "environment", "found", "remedy"),
    [
        ("beside", (), "cached", False),
        ("elsewhere", (("PYTHONPYCACHEPREFIX", "/cache/lab"),), "cached in /cache/lab", False),
        ("none", (), "caches cannot be written", True),
    ],
)
def test_where_caches_are_is_reported(where, environment, found, remedy, monkeypatch):
    """Only where there are none, something has to be fixed."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    finding = doctor.bytecode(interpreter(bytecode=where, environment=environment))
    assert found in finding.state
    assert bool(finding.remedy) == remedy
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert ("not passed on" in doctor.bytecode(interpreter(bytecode=where)).state) == (where != "none")
