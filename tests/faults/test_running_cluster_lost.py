"""A cluster that the user started loses a part while the lab uses it: rows with the cause, and no process of ours."""

import signal

import pytest
from support.dask_programs import DaskPrograms

from faults.rig import TALLY, eventually
from gil_lab.child.probe import reason_against_modules

if reason := reason_against_modules(("distributed",)):
    pytest.skip(reason, allow_module_level=True)

FILE = """\
import sys
import time
from pathlib import Path
from gil_lab import Workload


def task(number):
    if "distributed.worker" in sys.modules:
        with Path({marker!r}).open("a") as marker:
            marker.write(".")
    time.sleep(0.05)
    return number


WORK = Workload("for a test", "cpu", [1, 2, 3, 4], {{"call": task}})
"""
IN_A_TURN = 100
"""Tasks on the cluster: more than both strategies have in all passes before their turns, fewer than in one turn."""
HOW = ("--workers", "2", "--rounds", "1", "--min-time", "4", "--timeout", "60")
BOTH, ONE = ("dask", "joblib-dask"), ("dask",)


def a_worker_is_killed(cluster):
    cluster.processes(0)[-1].send_signal(signal.SIGKILL)


def the_scheduler_is_killed(cluster):
    cluster.scheduler.kill()


def a_host_is_silent(cluster):
    """To the rest of the cluster it is as if it were cut off: connections stay open, and nothing comes."""
    for one in cluster.processes(0):
        one.send_signal(signal.SIGSTOP)


LOST = {
    a_worker_is_killed: (BOTH, "ended or does not answer"),
    the_scheduler_is_killed: (ONE, "the scheduler is gone or cut off"),
    a_host_is_silent: (ONE, "was not heard of for 20 s; is its host cut off"),
}
"""What is run then, and the cause that a row has. Each strategy waits for as long as a silent host may be silent."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.__name__)
def test_fault_64_a_running_cluster_that_loses_a_part_costs_its_trials(rig, tmp_path, fault):
    (strategies, cause), marker, file = LOST[fault], tmp_path / "began", tmp_path / "mine.py"
    file.write_text(FILE.format(marker=str(marker)))
    (tmp_path / "cluster").mkdir()
    cluster = DaskPrograms(tmp_path / "cluster", 2)
    try:
        begun = rig.forked(str(file), "--strategy", ",".join(strategies), *HOW, "--cluster", cluster.address)
        assert eventually(lambda: marker.exists() and marker.stat().st_size > IN_A_TURN, 60)
        fault(cluster)
        rig.survived(rig.ended(begun, within_s=200), 3, ok_at_most=1)
    finally:
        cluster.close()
    TALLY["faults injected"] += 1
    rows = {row["strategy"]: row for row in rig.rows()}
    assert rows["sequential"]["status"] == "ok"
    for strategy in strategies:
        assert rows[strategy]["status"] == "error", rows[strategy]
    assert any(cause in row["detail"] for row in rows.values()), rows
