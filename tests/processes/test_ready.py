"""For how long threads waited for a core, as the system counts it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gil_lab.measuring.processes import ready_s, total_cpu_s
from gil_lab.measuring.sampler import waited_s

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="the system does not report how long a thread waited for a core"
)

SPINS = "print(flush=True)\nwhile True: pass"
ENOUGH_S = 0.3
"""Of the CPU clock: many time slices."""


@pytest.fixture
def on_one_core():
    """Two processes that spin, and may use the same single core."""
    core = min(os.sched_getaffinity(0))
    started = [
        subprocess.Popen(
            [sys.executable, "-c", f"import os; os.sched_setaffinity(0, [{core}])\n{SPINS}"], stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in started:
        process.stdout.readline()
    yield [psutil.Process(process.pid) for process in started]
    for process in started:
        process.kill()
        process.communicate()


def test_two_processes_on_one_core_wait_for_it_whenever_they_do_not_run(on_one_core):
    """Together they want two cores, whoever else uses the one that they have."""
    began_s, ready, cpu_s = time.monotonic(), ready_s(on_one_core), total_cpu_s(on_one_core)[0]
    while total_cpu_s(on_one_core)[0] < cpu_s + ENOUGH_S:
        time.sleep(0.01)
    ready, used_s = waited_s(ready, ready_s(on_one_core)), total_cpu_s(on_one_core)[0] - cpu_s
    wall_s = time.monotonic() - began_s
    assert ready > 0.5 * used_s  # each waits while the other one runs
    assert used_s + ready == pytest.approx(2 * wall_s, rel=0.2)


def test_a_process_that_is_gone_has_waited_for_nothing(on_one_core):
    """Nothing is read of it, and nothing fails."""
    one, other = on_one_core
    one.kill()
    one.wait()
    assert {pid for pid, _ in ready_s([one, other])} == {other.pid}
    assert ready_s([one]) == {}


def test_threads_that_began_meanwhile_count_and_those_that_ended_do_not():
    """What the latter waited is gone with them."""
    assert waited_s({(1, 1): 1.0, (1, 2): 5.0}, {(1, 1): 1.5, (1, 3): 0.25}) == 0.75
    assert waited_s({(1, 1): 1.0}, {(1, 1): 0.5}) == 0.0
    assert waited_s({(1, 1): 1.0}, {}) is None
