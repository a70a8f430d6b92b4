"""CPU time of processes that are not the lab's, by their own clocks."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest

from gil_lab.measuring.machine_load import BUSY_CORES, LoadWatch
from gil_lab.measuring.other_processes import OtherProcesses, used_s
from gil_lab.measuring.processes import clock_s

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="CPU clocks of other processes are Linux's")

SPINNING = """
import os
if pid := os.fork():
    print(pid, flush=True)
    os._exit(0)
os.setsid()
os.close(1)
while True:
    pass
"""
"""It leaves the tree of whoever starts it."""


@contextmanager
def a_neighbour():
    """The pid of a process that is not ours, and burns a core."""
    printed = subprocess.run([sys.executable, "-c", SPINNING], stdout=subprocess.PIPE, text=True, check=True).stdout
    pid = int(printed)
    try:
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def until_it_used(pid, more_s):
    """However long that takes on a busy machine."""
    enough_s = clock_s(pid) + more_s
    while clock_s(pid) < enough_s:
        time.sleep(0.001)


def test_what_a_neighbour_uses_is_seen_to_the_millisecond():
    """The counters of the cores would need ten of them for one tick."""
    with a_neighbour() as pid:
        others = OtherProcesses()
        others.look([])
        before, began_s = others.clocks_s(), clock_s(pid)
        until_it_used(pid, 0.005)
        ended_s, after = clock_s(pid), others.clocks_s()
    assert used_s({pid: before[pid]}, {pid: after[pid]}) == pytest.approx(after[pid] - before[pid])
    assert before[pid] <= began_s <= ended_s <= after[pid]
    assert used_s(before, after) >= ended_s - began_s >= 0.005


def test_our_own_processes_are_no_others():
    """Neither this one nor those that are named; a notebook may have started others."""
    waiting = [sys.executable, "-c", "input()"]
    with (
        subprocess.Popen(waiting, stdin=subprocess.PIPE) as own,
        subprocess.Popen(waiting, stdin=subprocess.PIPE) as pool,
    ):
        others = OtherProcesses()
        others.look([own.pid])
        assert {os.getpid(), own.pid}.isdisjoint(others.clocks_s())
        assert pool.pid in others.clocks_s()
        for process in (own, pool):
            process.communicate(b"\n")


def test_a_neighbour_that_ends_is_no_error():
    """What it used is not known any more; a tick tells of it."""
    with a_neighbour() as pid:
        others = OtherProcesses()
        others.look([])
        before = others.clocks_s()
        os.kill(pid, signal.SIGKILL)
        while pid in (after := others.clocks_s()):
            time.sleep(0.001)
    assert used_s({pid: before[pid]}, after) is None


def test_nothing_is_known_before_the_first_look():
    """Which is not the same as nothing used."""
    others = OtherProcesses()
    assert (others.clocks_s(), used_s(others.clocks_s(), others.clocks_s())) == ({}, None)


def test_the_load_of_the_machine_names_who_uses_it_most():
    """As a user sees it before a session begins."""
    with a_neighbour() as pid:
        watch = LoadWatch()
        until_it_used(pid, 0.1)
        load = watch.load()
    assert load.is_busy
    assert load.cores_busy > BUSY_CORES
    assert "(pid " in load.busiest


def test_what_this_process_uses_is_no_load_of_the_machine():
    """Nor what it has started since."""
    watch = LoadWatch()
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
        until_it_used(child.pid, 0.1)
        load = watch.load()
        child.kill()
    assert f"(pid {child.pid})" not in load.busiest
    assert f"(pid {os.getpid()})" not in load.busiest
