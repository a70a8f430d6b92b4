"""The other Pythons of this machine: what they say of themselves is true. GIL_LAB_PYTHONS names more of them."""

import functools
import subprocess

import pytest
import pythons
from examples import thorough

from gil_lab.interpreters import choose
from gil_lab.suite.catalogue import Catalogue

NAMES = ("3.11", "3.12", "3.13", "3.13t", "3.14", "3.14t", "3.15", "pypy3.11")
TWIN = "3.14"
"""Of 3.15, where that is: it is asked in the thorough profile, and in the contract of cells."""
TRIED = [name for name in NAMES if thorough() or name != TWIN or "3.15" not in pythons.found()]
each = pytest.mark.parametrize("name", TRIED)


@functools.cache
def chosen():
    return choose(TRIED)


def real(name):
    for missing in chosen().missing:
        if missing.name == name:
            pytest.skip(f"{missing.reason}, and put it into GIL_LAB_PYTHONS")
    return next(one for one in chosen().interpreters if one.label == name)


def said(executable, code):
    """What that Python itself prints."""
    done = subprocess.run([executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@each
def test_its_facts_are_what_it_says_when_it_is_asked_otherwise(name):
    """By a program of one line, without the lab."""
    one = real(name)
    code = (
        "import sys, platform, sysconfig, multiprocessing as m\n"
        "print(platform.python_version(), platform.python_implementation(), m.get_start_method(),"
        " bool(sysconfig.get_config_var('Py_GIL_DISABLED')), getattr(sys, '_is_gil_enabled', lambda: True)())"
    )
    facts = one.facts
    expected = (facts.version, facts.implementation, facts.start_methods[0], facts.free_threaded, facts.gil)
    assert said(one.executable, code).split() == [str(value) for value in expected]
    assert (facts.label, facts.compiler[:4] in ("GCC ", "Clan")) == (name, True)


@each
def test_its_caches_are_warm(name):
    """Beside their sources or elsewhere; a standard library that came without is compiled first."""
    assert real(name).facts.bytecode in ("beside", "elsewhere")


@each
def test_what_needs_the_standard_library_alone_works_there(name):
    """And the rest does or says why not, with a next step."""
    facts = real(name).facts
    catalogue = Catalogue()
    for strategy in catalogue.strategy_names():
        reason = facts.reason_against(strategy)
        known = catalogue.strategy(strategy)
        if not known.requires and known.since <= tuple(map(int, facts.version.split(".")[:2])):
            assert reason is None
        if reason is not None:
            assert len(reason.split()) > 5


@pytest.mark.parametrize("name", ["3.13t", "3.14t"])
def test_a_free_threaded_build_can_have_its_gil(name):
    """The third arm: by a variable, which reaches workers too; and it can be kept off."""
    one = real(name)
    gil, nogil = choose((f"{name}+gil", f"{name}+nogil"), strategies=()).interpreters
    assert (one.facts.free_threaded, one.facts.gil, gil.facts.gil, nogil.facts.gil) == (True, False, True, False)
    assert {one.executable, gil.executable, nogil.executable} == {one.executable}


@pytest.mark.parametrize(("name", "module"), [("3.13t", "numba"), ("pypy3.11", "numba"), ("pypy3.11", "joblib")])
def test_what_no_package_can_mend_is_not_said_to_be_mended_by_one(name, module):
    """There is no numba for them, and joblib does not import on PyPy."""
    refused = [one.reason for one in real(name).facts.refusals if one.reason.startswith(module)]
    assert refused
    assert not [reason for reason in refused if "pip install" in reason]
    assert all("use 3.14t" in reason or "use CPython" in reason for reason in refused)
