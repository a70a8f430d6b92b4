"""Signals as a terminal leaves them. Skips are counted: with GIL_LAB_SKIPS=strict, one that is not in
`skips_expected.txt` fails the tests.
"""

import os
import signal

import examples
import pytest
from own_process import numba_has_threads
from skips import EXPECTED, listed, unlisted

STRANGE = pytest.StashKey()
SPIN_S = 0.02


examples.register()


def pytest_configure():
    """Ctrl-C works in what is tested also where the tests are a background job of a shell, which ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def cpu_of_a_known_speed():
    """Of trials that are measured in this process. To find it out twice takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gil_lab.measuring.dialogue.spin_s", lambda: SPIN_S)
        yield


@pytest.fixture(autouse=True)
def no_threads_of_numba():
    """Of this process: no test after it could fork one that uses Numba, but would wait for it until its time is up."""
    had_some = numba_has_threads()
    yield
    assert had_some or not numba_has_threads(), "this test has started Numba's threads; see support/own_process.py"


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("GIL_LAB_SKIPS") != "strict" or reporter is None:
        return
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in reporter.stats.get("skipped", [])]
    strange = unlisted(reasons, listed(EXPECTED.read_text(encoding="utf-8"), os.environ.get("GIL_LAB_PYTHONS")))
    session.config.stash[STRANGE] = (len(reasons), strange)
    if strange and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    if STRANGE in config.stash:
        number, strange = config.stash[STRANGE]
        terminalreporter.write_line(f"{number} skipped, {sum(strange.values())} of them not in {EXPECTED.name}")
        for reason, times in strange.items():
            terminalreporter.write_line(f"  {times} x {reason}", red=True)
