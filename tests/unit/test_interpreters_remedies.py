"""What a Python says of a package that is missing: a command to paste that works there, or what to use instead."""

import sys
import sysconfig
from types import SimpleNamespace

import pytest

from gil_lab.child import probe
from gil_lab.model.interpreter import Greeting

MISSING = "no_such_module_at_all"


@pytest.fixture
def python(monkeypatch):
    """Pretend to be another Python, in a virtual environment that has pip."""

    def pretend(version="3.14.2", implementation="cpython", free_threaded=False, executable="/opt/python"):
        monkeypatch.setattr(Greeting, "own", lambda: Greeting(version, implementation, free_threaded))
        monkeypatch.setattr(sys, "executable", executable)
        monkeypatch.setattr(sys, "base_prefix", "/elsewhere")
        monkeypatch.setattr(probe.importlib.util, "find_spec", lambda name: object())

    return pretend


def test_a_missing_package_is_installed_with_the_python_it_is_missing_for(python):
    """By its path: `python` alone is another one."""
    python()
    assert probe.not_installed(MISSING) == f"{MISSING} is not installed for 3.14: /opt/python -m pip install {MISSING}"


@pytest.mark.parametrize(
    ("executable", "shown"),
    [
        ("/home/ada/venv/bin/python", "~/venv/bin/python"),
        ("/home/ada/my venv/bin/python", "~/'my venv/bin/python'"),
        ("/home/adam/bin/python", "/home/adam/bin/python"),
        ("/opt/a b/python", "'/opt/a b/python'"),
    ],
)
def test_a_command_can_be_pasted_and_reveals_no_user_s_name(executable, shown, python, monkeypatch):
    """It is stored with the results."""
    monkeypatch.setenv("HOME", "/home/ada")
    python(executable=executable)
    assert probe.install_command("numba") == f"{shown} -m pip install numba"


def test_an_environment_without_pip_is_filled_by_uv(python, monkeypatch):
    """As those that uv makes are."""
    python()
    monkeypatch.setattr(probe.importlib.util, "find_spec", lambda name: None)
    assert probe.install_command("numba") == "uv pip install --python /opt/python numba"


def test_a_python_that_the_system_keeps_gets_an_environment(python, tmp_path, monkeypatch):
    """Its pip refuses to install anything (PEP 668)."""
    python()
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    assert probe.install_command("numba") == "/opt/python -m pip install numba"
    (tmp_path / "EXTERNALLY-MANAGED").write_text("")
    assert probe.install_command("numba") == "/opt/python -m venv DIR, then DIR/bin/python -m pip install numba"


@pytest.mark.parametrize(
    ("module", "version", "implementation", "free_threaded", "reported"),
    [
        ("numba", "3.13.5", "cpython", True, "numba has no build for 3.13t, and will have none: use 3.14t"),
        ("numba", "3.11.17", "pypy", False, "numba has no build for PyPy: use CPython"),
        ("numba", "3.14.2", "cpython", True, "numba is not installed for 3.14t: /opt/python -m pip install numba"),
        ("uvloop", "3.13.5", "cpython", True, "uvloop has no build for 3.13t: use 3.14t"),
        ("uvloop", "3.14.2", "cpython", True, "uvloop is not installed for 3.14t: /opt/python -m pip install uvloop"),
        ("uvloop", "3.11.17", "pypy", False, "uvloop has no build for PyPy: use CPython"),
        ("gevent", "3.14.2", "cpython", True, "gevent has no build for Pythons without a GIL: use one with a GIL"),
        ("gevent", "3.11.17", "pypy", False, "gevent is not tried under PyPy: use CPython"),
        ("joblib", "3.13.5", "cpython", True, "joblib is not installed for 3.13t: /opt/python -m pip install joblib"),
        (
            "joblib",
            "3.11.17",
            "pypy",
            False,
            "joblib is not installed, and fails to import on PyPy (joblib 1.6): use CPython",
        ),
    ],
)
def test_where_there_is_no_such_package_it_is_not_to_be_installed(
    module, version, implementation, free_threaded, reported, python
):
    """What to use instead is."""
    python(version, implementation, free_threaded)
    assert probe.not_installed(module) == reported


def strategy(*requires, since=(3, 11), refuses=lambda: None):
    return SimpleNamespace(requires=requires, since=since, refuses=refuses)


def test_what_takes_long_to_import_is_only_looked_for(monkeypatch, python):
    """distributed, by a whole second: an examination finds it, or says how to install it, and imports nothing."""
    python("3.11.9", "cpython", free_threaded=False)
    imported, there = [], {"distributed": object()}
    monkeypatch.setattr(probe.importlib, "import_module", imported.append)
    monkeypatch.setattr(probe.importlib.util, "find_spec", there.get)
    assert probe.refusal(strategy("distributed")) is None
    there["pip"] = there.pop("distributed")
    assert probe.refusal(strategy("distributed")) == (
        "distributed is not installed for 3.11: /opt/python -m pip install distributed"
    )
    assert imported == []


def test_what_a_strategy_needs_is_really_imported(tmp_path, monkeypatch):
    """Being installed is not being usable; what a module lacks is another reason than its own absence."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "broken_here.py").write_text("raise AttributeError('no dispatch')")
    (tmp_path / "lacks_another.py").write_text(f"import {MISSING}")
    assert "does not import" in probe.refusal(strategy("broken_here"))
    assert "AttributeError: no dispatch" in probe.refusal(strategy("broken_here"))
    assert "fix or reinstall it" in probe.refusal(strategy("lacks_another"))
    assert "is not installed" in probe.refusal(strategy("json", MISSING))
    assert probe.refusal(strategy("json")) is None


def test_a_strategy_may_refuse_by_itself():
    """Once all that it needs is there."""
    assert probe.refusal(strategy(refuses=lambda: "no fork here")) == "no fork here"
    assert probe.refusal(strategy(since=(9, 0))) == "it needs Python 9.0 or later; choose one with --python 9.0"


def test_a_strategy_whose_file_does_not_import_is_refused():
    """It may use what a newer standard library has; the others are asked all the same."""

    def broken(name):
        if name == "new":
            raise ImportError("cannot import name 'InterpreterPoolExecutor'")
        return strategy()

    (only,) = probe.refusals(SimpleNamespace(strategy=broken), ["old", "new", "other"])
    assert only.strategy == "new"
    assert "cannot import name 'InterpreterPoolExecutor'" in only.reason


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (
            "'--prefix=/home/anna/x' '--with-lto=thin' '--enable-optimizations' 'CC=gcc'",
            ("--with-lto=thin", "--enable-optimizations"),
        ),
        ("'--disable-gil' '--enable-experimental-jit=yes-off'", ("--disable-gil", "--enable-experimental-jit=yes-off")),
        ("", ()),
        (None, ()),
    ],
)
def test_the_flags_that_make_a_build_fast_or_slow_are_reported_and_no_paths(monkeypatch, arguments, reported):
    """Two builds that are compared differ in more than the lock."""
    monkeypatch.setattr(probe.sysconfig, "get_config_var", lambda name: arguments)
    assert probe.configured() == reported
