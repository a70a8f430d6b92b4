"""A worker of a pool is killed: as a task, while it unpickles, while it pickles its answer. Over all strategies."""

from pathlib import Path

import pytest

from faults import killed_workers
from faults.rig import TALLY, Rig
from gil_lab.child.probe import refusal
from gil_lab.suite.catalogue import Catalogue

FILE = Path(killed_workers.__file__)
MOMENTS = ("task", "pickled", "unpickled", "returned")


def strategies():
    catalogue = Catalogue()
    every = {name: catalogue.strategy(name) for name in catalogue.strategy_names()}
    return [name for name, one in every.items() if one.form in ("call", "coroutine") and not refusal(one)]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    rig = Rig(tmp_path_factory.mktemp("workers"))
    ended = rig.run(
        str(FILE), "--workload", ",".join(MOMENTS), "--strategy", ",".join(strategies()), "--workers", "2",
        "--rounds", "1", "--min-time", "0.01", "--timeout", "4", within_s=115,
    )  # fmt: skip
    return rig, ended


def test_fault_16_killed_workers_cost_their_own_cells(session):
    """Nothing is left of any pool, in no process, in no folder and not in shared memory."""
    rig, ended = session
    rig.survived(ended, 3)
    TALLY["faults injected"] += len(rig.rows()) - 1


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("strategy", strategies())
def test_fault_16(session, strategy, moment):
    """A cell whose worker was killed is not `ok`; one that no worker was killed in is."""
    (row,) = (row for row in session[0].rows() if (row["strategy"], row["workload"]) == (strategy, moment))
    apart = Catalogue().strategy(strategy).workers_are == "processes"
    if row["status"] == "skipped":
        assert row["detail"]
        return
    harmless = not apart and moment != "task"  # nothing is pickled between threads
    expected = {"ok"} if harmless else {"crashed", "error", "timeout"}
    assert row["status"] in expected, row["detail"]
    assert (row["wall_s"] != "") == harmless
