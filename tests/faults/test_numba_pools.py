"""Numba's thread pools where they are not safe: a student's own strategy can get there, the lab's own cannot."""

import sys

import pytest
from examples import thorough

WORKQUEUE = """
import numpy as np
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from gil_lab import Strategy

@contextmanager
def open_pool(workers):
    import numba
    numba.config.THREADING_LAYER = "workqueue"

    @numba.njit(parallel=True)
    def kernel(values):
        for i in numba.prange(len(values)):
            values[i] = 1.0

    values = np.ones(2_000_000)
    kernel(values)
    with ThreadPoolExecutor(4) as pool:
        def run(task, inputs):
            for _ in range(5):
                list(pool.map(lambda item: kernel(values), range(8)))
            return [task(item) for item in inputs]
        yield run

TWO_AT_A_TIME = Strategy("parallel kernels in several threads", form="call", open=open_pool, workers_are="threads")
"""


def test_fault_17_numbas_workqueue_layer_in_two_threads_is_a_crash_with_its_words(rig):
    """Numba aborts the process; the row says so, and the log has what it printed."""
    file = rig.cwd.parent / "own.py"
    file.write_text(WORKQUEUE)
    ended = rig.run_forked(str(file), "--strategy", "two-at-a-time", "--workload", "primes", "--workers", "4",
                           "--tasks", "2", "--size", "10", "--rounds", "1", "--min-time", "0.01")  # fmt: skip
    rig.survived(ended, 3, ok_at_most=1)
    (row,) = (row for row in rig.rows() if row["strategy"] == "two-at-a-time")
    assert (row["status"], row["detail"]) == ("crashed", "SIGABRT before its result")
    assert "oncurrent access has been detected" in (rig.sessions()[0] / "log.txt").read_text()


SCRIPT = """
import gil_lab
results = gil_lab.measure("primes", {strategy!r}, workers=2, rounds=1, tasks=2, size=10, min_time_s=0.01, out={out!r})
print("MEASURED", sum(row.numbers is not None for row in results.trials), [row.detail for row in results.trials])
"""
SPAWN, FORKSERVER = "multiprocessing-spawn", "multiprocessing-forkserver"
STARTED = [("script", SPAWN), ("command", FORKSERVER), ("stdin", SPAWN), ("interactive", FORKSERVER)]


@pytest.mark.parametrize(
    ("launcher", "strategy"),
    STARTED
    if not thorough()
    else [(launcher, strategy) for launcher, _ in STARTED for strategy in (SPAWN, FORKSERVER)],
)
def test_fault_20_processes_work_without_a_main_guard(rig, launcher, strategy):
    """However the program is started that calls the lab: these start workers that import its main module, which both
    find in the same way (`get_preparation_data` of multiprocessing.spawn); each in each in the thorough profile.
    """
    code = SCRIPT.format(out=str(rig.out), strategy=strategy)
    file = rig.cwd.parent / "script.py"
    command = [
        sys.executable,
        *{"script": [str(file)], "command": ["-c", code], "interactive": ["-i", "-q"]}.get(launcher, ["-"]),
    ]
    file.write_text(f"{code}\n")
    with file.open() as typing:
        ended = rig.ended(rig.start(command, stdin=typing))
    rig.survived(ended, 0, ok_at_most=1, next_works=False)
    assert "MEASURED 1" in ended.out
