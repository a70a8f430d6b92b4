"""A neighbour that uses a quarter of a core in bursts of 50 ms disturbs the turn in which it does so.

It burns exact amounts of its own CPU time, on request. How long a turn takes meanwhile depends on the machine, and how
much the cores' counters tick too; so the flags are looked at as if it had taken 50 ms.
"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gil_lab.measuring import other_processes
from gil_lab.measuring.exact_counter import ExactCounter
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.measuring.quality_flags import turn_flags
from gil_lab.measuring.sampler import Reading
from gil_lab.model.records import Flag

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="CPU clocks of other processes are Linux's")

NO_SERVICES = frozenset()
TURN_S, BURST_S = 0.05, 0.0125
READING_S = 0.001
"""The counter and the clocks are read one after the other: on a busy core the difference is less than that."""
NEIGHBOUR = """
import os, resource, sys, time

def burn(seconds):
    enough_s = time.process_time() + seconds
    while time.process_time() < enough_s:
        pass

def used_s(of):
    usage = resource.getrusage(of)
    return usage.ru_utime + usage.ru_stime

for line in sys.stdin:
    processes, seconds = line.split()
    before_s = used_s(resource.RUSAGE_SELF) + used_s(resource.RUSAGE_CHILDREN)
    for _ in range(int(processes)):
        if not (pid := os.fork()):
            burn(float(seconds) / int(processes))
            os._exit(0)
        os.waitpid(pid, 0)
    if processes == "0":
        burn(float(seconds))
    print(used_s(resource.RUSAGE_SELF) + used_s(resource.RUSAGE_CHILDREN) - before_s, flush=True)
"""
MEASURED = """
import subprocess, sys
for line in sys.stdin:
    if line == "start another\\n":
        subprocess.run([sys.executable, "-c", ""])
    print(flush=True)
"""


class Asked:
    """A process that does what it is asked for, and answers when that is done."""

    def __init__(self, program):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, "-c", program], **pipes)

    def ask(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@pytest.fixture
def neighbour():
    asked = Asked(NEIGHBOUR)
    asked.ask("1 0")
    with asked.process:
        yield asked
        asked.process.stdin.close()


@pytest.fixture
def measured():
    asked = Asked(MEASURED)
    asked.ask("")
    with asked.process:
        yield asked
        asked.process.stdin.close()


@pytest.fixture
def counted():
    """Only where the kernel counts the CPU time of all processes exactly."""
    if ExactCounter().used_s() is None:
        pytest.skip("no control group counts the CPU time of all processes here")


def turn(measured, neighbour, burst, others):
    """What was used while the neighbour had that burst, and what it says itself that it used."""
    before = Reading.before(measured.process.pid, NO_SERVICES, others)
    burnt_s = float(neighbour.ask(burst))
    return before.until(before.after(measured.process.pid, NO_SERVICES)), burnt_s


def flags(usage):
    """Of a turn of 50 ms that kept one of two cores busy and in which the cores' counters saw no others."""
    return turn_flags(replace(usage, wall_s=TURN_S, child_s=TURN_S, busy_s=TURN_S, steal_s=0.0), 2.0, 2)


def only(neighbour, monkeypatch):
    """Others of which it is the only one, by its CPU clock alone: whatever else this machine does is not seen."""
    monkeypatch.setattr(other_processes, "ExactCounter", lambda: ExactCounter(Path("/nowhere")))
    monkeypatch.setattr(other_processes.psutil, "pids", lambda: [neighbour.process.pid])
    others = OtherProcesses()
    others.look(())
    return others


def everything():
    others = OtherProcesses()
    others.look(())
    return others


def test_a_process_that_works_for_the_child_is_none_of_the_others(measured, neighbour, monkeypatch):
    """As those of a running cluster do: what it uses is counted apart."""
    others, beside = only(neighbour, monkeypatch), frozenset({neighbour.process.pid})
    before = Reading.before(measured.process.pid, NO_SERVICES, others, beside)
    burnt_s = float(neighbour.ask("1 0.05"))
    usage = before.until(before.after(measured.process.pid, NO_SERVICES, beside))
    assert usage.service_s > 0.5 * burnt_s > 0.01  # by ticks of 10 ms
    assert not usage.other_processes_s


def test_a_burst_of_one_process_is_found_by_its_clock(measured, neighbour, monkeypatch):
    """A tick of the cores' counters is nearly as long as its burst."""
    usage, burnt_s = turn(measured, neighbour, f"0 {BURST_S}", only(neighbour, monkeypatch))
    assert usage.other_processes_s >= burnt_s - READING_S > TURN_S / 5
    assert Flag.DISTURBED in flags(usage)


def test_a_neighbour_at_rest_disturbs_no_turn(measured, neighbour, monkeypatch):
    """Its clock stands still, but for the answer."""
    usage, _ = turn(measured, neighbour, "0 0", only(neighbour, monkeypatch))
    assert Flag.DISTURBED not in flags(usage)


@pytest.mark.usefixtures("counted")
def test_a_burst_of_processes_that_end_within_the_turn_is_found(measured, neighbour, monkeypatch):
    """They have no clock any more; only what all processes used tells. Clocks of others are not looked at."""
    others = everything()
    monkeypatch.setattr(others, "clocks_s", dict)
    usage, burnt_s = turn(measured, neighbour, f"5 {BURST_S}", others)
    assert usage.other_processes_s >= burnt_s - READING_S > TURN_S / 5
    assert Flag.DISTURBED in flags(usage)


def test_where_nothing_counts_them_only_the_ticks_tell(measured, neighbour, monkeypatch):
    """As on a host of control groups of version 2 that has none: the clock of their parent says that it waited."""
    usage, burnt_s = turn(measured, neighbour, f"5 {BURST_S}", only(neighbour, monkeypatch))
    assert usage.other_processes_s < burnt_s
    seen_by_ticks = replace(usage, wall_s=1.0, child_s=1.0, busy_s=1.25, steal_s=0.0)
    assert Flag.DISTURBED in turn_flags(seen_by_ticks, 2.0, 2)


@pytest.mark.usefixtures("counted")
def test_what_the_measured_process_uses_is_not_what_others_used(measured, monkeypatch):
    """The counter of all processes has it, too; made up here so that nothing else is in it."""
    others = everything()
    child_s = iter([1.0, 1.5])
    monkeypatch.setattr("gil_lab.measuring.sampler._of_all", lambda supervisor, child: (next(child_s), 0))
    used = iter([100.0, 100.75])
    monkeypatch.setattr(others, "everything_s", lambda: next(used))
    monkeypatch.setattr(others, "clocks_s", dict)
    before = Reading.before(measured.process.pid, NO_SERVICES, others)
    usage = before.until(before.after(measured.process.pid, NO_SERVICES))
    assert usage.other_processes_s == pytest.approx(0.25 - usage.controller_s)


def test_processes_of_the_work_that_end_are_no_others(measured, monkeypatch):
    """Their CPU time is known in ticks: what is left of the exact number is theirs, and would disturb every turn."""
    others = everything()
    used = iter([100.0, 100.75])
    monkeypatch.setattr(others, "everything_s", lambda: next(used))
    monkeypatch.setattr(others, "clocks_s", dict)
    before = Reading.before(measured.process.pid, NO_SERVICES, others)
    measured.ask("start another")
    usage = before.until(before.after(measured.process.pid, NO_SERVICES))
    assert usage.other_processes_s is None
