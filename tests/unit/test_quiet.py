"""What a run says of a busy machine, and how it waits for a quiet one."""

import io
from itertools import count

import pytest
from rich.console import Console

from gil_lab.cli import quiet
from gil_lab.measuring.machine_load import BUSY_CORES, MachineLoad

QUIET, EDITOR, BUILD = MachineLoad(0.02, "cron (pid 1)"), MachineLoad(0.3, "vi (pid 2)"), MachineLoad(1.9, "cc (pid 3)")


class Watch:
    """Of a machine whose loads are known."""

    def __init__(self, *loads):
        self.loads = iter(loads)

    def load(self):
        return next(self.loads)


@pytest.fixture
def machine(monkeypatch):
    """What is printed before a session on a machine with these loads, one after the other."""

    def printed(*loads, wait=True, step_s=quiet.OBSERVED_S):
        watch, out = Watch(*loads), io.StringIO()
        seconds = count(0, step_s)
        monkeypatch.setattr(quiet, "LoadWatch", lambda: watch)
        monkeypatch.setattr(quiet.time, "sleep", lambda _: None)
        monkeypatch.setattr(quiet.time, "monotonic", lambda: next(seconds))
        quiet.note_load(Console(file=out, width=200), watch, 2, wait=wait)
        return out.getvalue().splitlines()

    return printed


def test_of_a_quiet_machine_nothing_is_said(machine):
    """Whether a quiet one is waited for or not."""
    assert machine(QUIET) == machine(QUIET, wait=False) == []
    assert machine(MachineLoad(BUSY_CORES), wait=False) == []


def test_of_a_busy_one_it_is_said_who_uses_it_and_what_to_do(machine):
    """In one line, before anything is measured."""
    assert machine(BUILD, wait=False) == [
        (
            "Others keep 1.9 of 2 cores busy, the busiest is cc (pid 3): stop what you can, use --wait-quiet, or "
            "expect wide intervals."
        ),
    ]
    assert quiet.busy_line(BUILD, 1).startswith("Others keep 1.9 of 1 core busy")


def test_it_is_waited_until_others_have_ended(machine):
    """Each of them is named once."""
    assert machine(BUILD, BUILD, EDITOR, EDITOR, QUIET) == [
        "Waiting until others keep less than 0.1 cores busy; the busiest is cc (pid 3).",
        "Waiting until others keep less than 0.1 cores busy; the busiest is vi (pid 2).",
    ]


def test_it_is_not_waited_for_ever(machine):
    """After ten minutes the session begins, and what it begins beside is said."""
    lines = machine(*[BUILD] * 3, step_s=quiet.MOST_WAITED_S / 2)
    assert lines[1] == "It has not become quiet within 10 minutes."
    assert lines[2].startswith("Others keep 1.9 of 2 cores busy")
