"""Numba's thread pools where they are not safe: a student's own strategy can get there, the lab's own cannot."""

import sys

import pytest

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
        total = 0.0
        for i in numba.prange(len(values)):
            total += values[i] ** 0.5
        return total

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
    ended = rig.run(str(file), "--strategy", "two-at-a-time", "--workload", "primes", "--workers", "4",
                    "--tasks", "2", "--size", "10", "--rounds", "1", "--min-time", "0.01")  # fmt: skip
    rig.survived(ended, 3, ok_at_most=1)
    (row,) = (row for row in rig.rows() if row["strategy"] == "two-at-a-time")
    assert (row["status"], row["detail"]) == ("crashed", "SIGABRT before its result")
    assert "oncurrent access has been detected" in (rig.sessions()[0] / "log.txt").read_text()


SCRIPT = """
from experiments import cpu_bound
results = cpu_bound.run(strategies=("multiprocessing-spawn", "multiprocessing-forkserver"),
                        workers=2, rounds=1, tasks=2, size=10, min_time_s=0.01, out={out!r})
print("MEASURED", sum(row.numbers is not None for row in results.trials), [row.detail for row in results.trials])
"""


@pytest.mark.parametrize("launcher", ["script", "command", "stdin", "interactive"])
def test_fault_20_processes_work_without_a_main_guard(rig, launcher):
    """However the program is started that calls the lab: these start workers that import its main module."""
    code = SCRIPT.format(out=str(rig.out))
    file = rig.cwd.parent / "script.py"
    file.write_text(code)
    command = [
        sys.executable,
        *{"script": [str(file)], "command": ["-c", code], "interactive": ["-i", "-q"]}.get(launcher, ["-"]),
    ]
    typed = code.replace("\n                        ", " ") + "\n" if launcher in ("stdin", "interactive") else ""
    with file.open("w") as typing:
        typing.write(typed or code)
    with file.open() as typing:
        ended = rig.ended(rig.start(command, stdin=typing))
    rig.survived(ended, 0, ok_at_most=3, next_works=False)
    assert "MEASURED 3" in ended.out
