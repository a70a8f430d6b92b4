"""A failure is blamed on memory only if a process of its own can have been killed for it."""

import signal
import subprocess
import sys

import psutil
import pytest

from gil_lab.measuring.out_of_memory import may_be_killed
from gil_lab.model.records import Status

HERE = psutil.Process()
BROKEN = "BrokenProcessPool: A process in the process pool was terminated abruptly"


def gone():
    """A process that has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        known = psutil.Process(process.pid)
        process.communicate(b"\n")
    return known


@pytest.mark.parametrize(
    ("status", "detail", "code"),
    [
        (Status.CRASHED, "SIGKILL before its result", -signal.SIGKILL),
        (Status.ERROR, BROKEN, None),
        (Status.ERROR, BROKEN, 1),
        (Status.ERROR, "TerminatedWorkerError: A worker process managed by the executor was", 1),
        (Status.ERROR, "EOFError: ", 1),
        (Status.ERROR, "CalledProcessError: Command 'x' died with <Signals.SIGKILL: 9>.", 1),
        (Status.TIMEOUT, "not done after 5 s", None),
    ],
)
def test_what_the_kill_of_a_process_looks_like(status, detail, code):
    """Of the measured process, of a worker, of a program that a task runs; nothing is known of its processes."""
    assert may_be_killed(status, detail, code, [])


@pytest.mark.parametrize(
    ("status", "detail", "code"),
    [
        (Status.ERROR, "ValueError: my own bug", None),
        (Status.ERROR, "ValueError: my own bug", 1),
        (Status.WRONG, "item 1: 2 instead of 3", 1),
        (Status.CRASHED, "SIGSEGV before its result", -signal.SIGSEGV),
        (Status.CRASHED, "exit code 3 before its result", 3),
        (Status.PROTOCOL, "exited 0 before its result", 0),
        (Status.TIMEOUT, "not done after 5 s", None),
    ],
)
def test_what_is_the_works_own_fault_is_not_blamed_on_memory(status, detail, code):
    """Although the system killed something of the same control group meanwhile."""
    assert not may_be_killed(status, detail, code, [HERE])


def test_a_pool_that_waits_for_a_worker_that_is_gone_may_have_lost_it_so():
    assert may_be_killed(Status.TIMEOUT, "not done after 5 s", None, [HERE, gone()])
