"""A worker of a pool is killed: as a task, while it unpickles, while it pickles its answer. Over all strategies."""

from pathlib import Path

import pytest
from examples import thorough

from faults import killed_workers
from faults.rig import TALLY, Rig
from gil_lab.child.probe import refusal
from gil_lab.suite.catalogue import Catalogue

FILE = Path(killed_workers.__file__)
MOMENTS = ("task", "pickled", "unpickled", "returned")
HOW = ("--workers", "2", "--rounds", "1", "--min-time", "0.01", "--timeout", "40")


def strategies(workers_are_processes):
    catalogue = Catalogue()
    every = {name: catalogue.strategy(name) for name in catalogue.strategy_names()}
    return [
        name
        for name, strategy in every.items()
        if strategy.form in ("call", "coroutine")
        and not refusal(strategy)
        and (strategy.workers_are == "processes") == workers_are_processes
    ]


SAME_POOL = ("joblib-dask",)
"""As that of `dask`, which takes seconds to open: tried in the thorough profile."""
PROCESSES = [name for name in strategies(workers_are_processes=True) if thorough() or name not in SAME_POOL]
THREADS = strategies(workers_are_processes=False)

ALIKE = (
    "multiprocessing",
    "multiprocessing-fork",
    "multiprocessing-forkserver",
    "process-pool-executor",
    "dask",
)
"""Their pool is the ProcessPoolExecutor of multiprocessing-spawn, or takes seconds to open as dask's does: only a task
is killed there, and at every moment in the thorough profile.
"""
PICKLING = [name for name in PROCESSES if thorough() or name not in ALIKE]
KILLED = [(name, moment) for name in PROCESSES for moment in MOMENTS if moment == "task" or name in PICKLING]
IN_PROCESS = [name for name in THREADS if thorough() or name in ("sequential", "threading", "asyncio")]
"""A call, a thread and a coroutine that kill the measured process; all other strategies of these, of which nothing is
left then either, in the thorough profile.
"""


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    """At the same time: in a task, of pools of processes, and of threads the measured process itself; and when
    something is pickled.
    """
    cells = {"task": (MOMENTS[:1], PROCESSES + IN_PROCESS), "pickling": (MOMENTS[1:], PICKLING)}
    rigs = {name: Rig(tmp_path_factory.mktemp(name)) for name in cells}
    runs = {
        name: rigs[name].forked(str(FILE), "--workload", ",".join(moments), "--strategy", ",".join(strategies), *HOW)
        for name, (moments, strategies) in cells.items()
    }
    return {name: (rigs[name], rigs[name].ended(run, 110)) for name, run in runs.items()}


def cell(sessions, kind, strategy, moment):
    (row,) = (row for row in sessions[kind][0].rows() if (row["strategy"], row["workload"]) == (strategy, moment))
    return row


@pytest.mark.parametrize(("kind", "code"), [("task", 5), ("pickling", 3)])
def test_fault_16_killed_workers_cost_their_own_cells(sessions, kind, code):
    """Nothing is left of any pool, in no process, in no folder and not in shared memory."""
    rig, ended = sessions[kind]
    rig.survived(ended, code)
    TALLY["faults injected"] += len(rig.rows()) - 1


@pytest.mark.parametrize(("strategy", "moment"), KILLED)
def test_fault_16_a_cell_whose_worker_was_killed_is_not_ok(sessions, strategy, moment):
    """Whichever way the pool notices it; or the limit does."""
    row = cell(sessions, "task" if moment == "task" else "pickling", strategy, moment)
    assert row["status"] in {"crashed", "error", "timeout"}, row["detail"]
    assert row["wall_s"] == ""


@pytest.mark.parametrize("moment", MOMENTS[1:])
def test_fault_16_what_kills_a_worker_is_harmless_where_nothing_is_pickled(sessions, moment):
    """Without a pool of processes: these cells are `ok`, so it was the pickling that ended the others."""
    assert cell(sessions, "pickling", "sequential", moment)["status"] == "ok"


@pytest.mark.parametrize("strategy", IN_PROCESS)
def test_fault_16_a_thread_that_kills_its_process_is_a_crash(sessions, strategy):
    """There is no worker to lose but the measured process."""
    row = cell(sessions, "task", strategy, "task")
    assert (row["status"], row["detail"]) == ("crashed", "SIGKILL before its result")
