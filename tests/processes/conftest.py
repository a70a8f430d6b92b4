"""What the tests of several files look at, and is dear to start."""

import os

import pytest
from browser import browser


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
