"""What the tests of several files look at, and is dear to start."""

import contextlib
import os
from functools import cache

import pytest
from browser import browser
from forked_children import children_forked

from gil_lab.interpreters import choose


@pytest.fixture(scope="session")
def one_browser(tmp_path_factory):
    """Started once for all tests of a process: each opens its own page, and leaves no setting behind."""
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="session")
def script_cache(tmp_path_factory):
    """A folder for XDG_CACHE_HOME, in which the script of pages is made once for all processes of a test run."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "script_cache"


@pytest.fixture(scope="module")
def children_are_forked():
    """Processes that are measured and examined have the modules of the tests' process already."""
    with children_forked():
        yield


@pytest.fixture(scope="module")
def numba_is_imported(children_are_forked):
    """And has compiled something, so that no forked process has to begin with that; no threads of its own are started.

    Without Numba it is as without this.
    """
    with contextlib.suppress(ImportError):
        import numba

        numba.njit(nogil=True)(lambda number: number + 1)(1)


@cache
def _found(names, strategies, file):
    return choose(names, strategies=strategies, file=file)


@pytest.fixture(scope="module")
def this_is_found_once():
    """The Python that runs the tests is asked what works there once for all commands that are called in this process.

    It says so of every strategy; where a user's file is run, of those that are run.
    """

    def chosen(names, *, strategies=None, file=None):
        if tuple(names) != ("this",):
            return choose(names, strategies=strategies, file=file)
        return _found(("this",), tuple(strategies) if file and strategies is not None else None, file)

    with pytest.MonkeyPatch.context() as patch:
        for place in ("interpreters", "sessions.run"):
            patch.setattr(f"gil_lab.{place}.choose", chosen)
        for place in ("invariant", "releasing", "comparing", "finding"):
            patch.setattr(f"gil_lab.advice.{place}.choose_interpreters", chosen)
        yield
