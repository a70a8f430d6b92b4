"""What the tests of several files look at, and is dear to start."""

import pytest
from browser import browser


@pytest.fixture(scope="session")
def one_browser(tmp_path_factory):
    """Started once for all tests of a process: each opens its own page, and leaves no setting behind."""
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started
