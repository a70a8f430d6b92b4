"""Signals as a terminal leaves them. Skips are counted: with GIL_LAB_SKIPS=strict, one that is not in
`skips_expected.txt` fails the tests.
"""

import os
import re
import signal
from collections import Counter
from pathlib import Path

import examples
import pytest

EXPECTED = Path(__file__).with_name("skips_expected.txt")
WITHOUT_OTHER_PYTHONS = ".*GIL_LAB_PYTHONS.*"
"""Where that variable names none, each test that needs one is skipped."""
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


def listed(text, pythons):
    """Patterns, each of a whole reason: the lines that are no comments."""
    lines = [line.strip() for line in text.splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    return patterns if pythons else [*patterns, WITHOUT_OTHER_PYTHONS]


def unlisted(reasons, patterns):
    """The reasons that no pattern describes, and how often each was given."""
    return {
        reason: number
        for reason, number in Counter(reasons).items()
        if not any(re.fullmatch(pattern, reason) for pattern in patterns)
    }


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
