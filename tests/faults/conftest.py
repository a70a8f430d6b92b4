"""A rig for each test, and the tally of all of them at the end."""

import os

import pytest

from faults.rig import TALLY, Rig


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


@pytest.fixture
def patient_disk(monkeypatch):
    """An fsync that does not wait: a process that is killed, while the power stays on, loses nothing that it wrote."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def pytest_sessionfinish(session):
    """A worker of pytest-xdist hands over its part of the tally."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = dict(TALLY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """A worker has ended, and its part is added."""
    TALLY.update(getattr(node, "workeroutput", {}).get("tally", {}))


def pytest_terminal_summary(terminalreporter):
    if TALLY:
        line = ", ".join(f"{name} {TALLY[name]}" for name in ("faults injected", "rows lost", "strays"))
        terminalreporter.write_line(line)
