"""A cluster of dask loses a part of it: a row with its cause, and its siblings go on."""

from pathlib import Path

import pytest

from faults import lost_clusters
from faults.rig import TALLY, Rig
from gil_lab.child.probe import reason_against_modules

if reason := reason_against_modules(("distributed",)):
    pytest.skip(reason, allow_module_level=True)

HOW = ("--workers", "2", "--rounds", "1", "--min-time", "0.001", "--timeout", "60")
LOST = {
    "without-a-worker": "WorkerLostError: 1 of 2 workers ended or do not answer; was memory short?",
    "without-a-scheduler": "FutureCancelledError: end_the_scheduler-",
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The rig after a run of both side by side, and how it ended."""
    rig = Rig(tmp_path_factory.mktemp("lost"))
    return rig, rig.run_forked(str(Path(lost_clusters.__file__)), *HOW, within_s=240)


@pytest.mark.timeout(300)
def test_fault_61_a_cluster_that_loses_a_part_costs_its_own_trial(measured):
    """Nothing of it runs on, stopped or not, and nothing lies around."""
    rig, ended = measured
    rig.survived(ended, 3, ok_at_most=1)
    TALLY["faults injected"] += len(LOST) - 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("strategy", LOST)
def test_fault_61_its_row_has_the_cause(measured, strategy):
    """And no numbers; sequential work beside it has all of its own."""
    rows = {row["strategy"]: row for row in measured[0].rows()}
    assert rows[strategy]["status"] == "error", rows[strategy]["detail"]
    assert rows[strategy]["detail"].startswith(LOST[strategy])
    assert rows["sequential"]["status"] == "ok"
