"""`--chunk auto` and `--chunk all` in real children: what is chosen, when, and where it is noted."""

import csv
import sys

import pytest
from asked_once import asked_once
from command_line import called, rows_of
from examples import thorough

SPUN = (
    "run",
    "cpu-bound",
    "--workload",
    "spin",
    "--workers",
    "2",
    "--tasks",
    "64",
    "--size",
    "10",
    "--rounds",
    "1",
    "--min-time",
    "0.0001",
)
STRATEGIES = ("multiprocessing", "joblib-threading", *["joblib"] * thorough())
"""Processes, and what joblib makes of chunks; in the thorough profile both at once, whose workers take seconds."""


@pytest.fixture(autouse=True, scope="module")
def known():
    """What works under this Python is not the point here."""
    with pytest.MonkeyPatch.context() as patch:
        asked_once(patch, sys.executable)
        yield


@pytest.fixture(scope="module")
def automatic(known, tmp_path_factory):
    """A run with `--chunk auto`: the folder that it was started in, and how it ended."""
    folder = tmp_path_factory.mktemp("automatic")
    return folder, called(*SPUN, "--strategy", ",".join((*STRATEGIES, "threading")), "--chunk", "auto", cwd=folder)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_chunk_is_chosen_before_anything_is_timed(automatic, strategy):
    """It stands in the row; the strategy that takes tasks one by one beside it has none."""
    folder, done = automatic
    assert (done.returncode, done.stderr) == (0, "")
    chunks = {row["strategy"]: row["chunk"] for row in rows_of(folder)}
    assert 1 <= int(chunks[strategy]) <= 32
    assert (chunks["sequential"], chunks["threading"]) == ("", "")
    assert "predicted to be best (--chunk auto)" in " ".join(done.stdout.split())


@pytest.fixture(scope="module")
def named(known, tmp_path_factory):
    """A run with chunks in the names of strategies, and all tasks at once for those without: its folder, its end.

    Threads of joblib stand for all that take chunks, for they start soonest; processes are in the run above.
    """
    folder = tmp_path_factory.mktemp("named")
    return folder, called(*SPUN, "--strategy", ",".join(NAMED), "--chunk", "all", "--out", "results", cwd=folder)


NAMED = ("joblib-threading", *(f"joblib-threading by {word}" for word in ("4", "auto", "64")))


def test_a_chunk_is_a_part_of_a_strategys_name(named):
    """Each is a cell; one that would give all tasks to one worker is skipped, and says so."""
    folder, done = named
    assert done.returncode == 3
    rows = {row["strategy"]: row for row in rows_of(folder)}
    assert [rows[name]["chunk"] for name in ("sequential", *NAMED[:2])] == ["", "32", "4"]
    assert int(rows["joblib-threading by auto"]["chunk"]) >= 1
    skipped = rows["joblib-threading by 64"]
    assert skipped["status"] == "skipped"
    assert skipped["detail"].startswith("one worker would be handed all 64 tasks")
    assert all(0 <= float(row["underfill_share"]) <= 1 for row in rows.values() if row["status"] == "ok")
    assert all(0 <= float(row["tail_share"]) <= 1 for row in rows.values() if row["status"] == "ok")


SORTING = """
from gil_lab import Workload

def sort(numbers):
    numbers.sort()
    return numbers[:3]

SORTING = Workload("sorting", "cpu", [[number, 3, 2, 1] for number in range(40)], {"call": sort})
"""


def test_tasks_that_change_their_inputs_have_fresh_ones_when_a_chunk_is_chosen(tmp_path):
    """In threads they would find what an earlier pass left."""
    (tmp_path / "sorting.py").write_text(SORTING)
    strategy = ("--strategy", "joblib-threading by auto", "--workers", "2", "--rounds", "1", "--min-time", "0.0001")
    done = called("run", "sorting.py", *strategy, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["status"] for row in rows_of(tmp_path)} == {"ok"}


def test_a_planned_chunk_is_kept_when_a_session_is_resumed(named):
    """It stands in plan.csv as it was asked for."""
    folder, _ = named
    (plan,) = (folder / "results").rglob("plan.csv")
    with plan.open(newline="") as file:
        assert {row["chunk"] for row in csv.DictReader(file)} == {"all"}
    again = called("run", "--resume", str(plan.parent), cwd=folder)
    assert again.returncode == 3
    assert "Nothing is missing in this session." in again.stdout
