"""`--chunk auto` and `--chunk all` in real children: what is chosen, when, and where it is noted."""

import csv

import pytest
from command_line import gil_lab, rows_of

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
    "0.01",
)


@pytest.mark.parametrize("strategy", ["multiprocessing", "joblib", "joblib-threading"])
def test_a_chunk_is_chosen_before_anything_is_timed(tmp_path, strategy):
    """It stands in the row; the strategy that takes tasks one by one beside it has none."""
    done = gil_lab(*SPUN, "--strategy", f"{strategy},threading", "--chunk", "auto", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    chunks = {row["strategy"]: row["chunk"] for row in rows_of(tmp_path)}
    assert 1 <= int(chunks[strategy]) <= 32
    assert (chunks["sequential"], chunks["threading"]) == ("", "")
    assert "predicted to be best (--chunk auto)" in " ".join(done.stdout.split())


def test_a_chunk_is_a_part_of_a_strategys_name(tmp_path):
    """Each is a cell; one that would give all tasks to one worker is skipped, and says so."""
    names = ("multiprocessing", *(f"multiprocessing by {word}" for word in ("4", "all", "auto", "64")))
    done = gil_lab(*SPUN, "--strategy", ",".join(names), cwd=tmp_path)
    assert done.returncode == 3
    rows = {row["strategy"]: row for row in rows_of(tmp_path)}
    assert [rows[name]["chunk"] for name in names[:3]] == ["", "4", "32"]
    assert int(rows["multiprocessing by auto"]["chunk"]) >= 1
    skipped = rows["multiprocessing by 64"]
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
    strategy = ("--strategy", "joblib-threading by auto", "--workers", "2", "--rounds", "1")
    done = gil_lab("run", "sorting.py", *strategy, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["status"] for row in rows_of(tmp_path)} == {"ok"}


def test_a_planned_chunk_is_kept_when_a_session_is_resumed(tmp_path):
    """It stands in plan.csv as it was asked for."""
    done = gil_lab(*SPUN, "--strategy", "multiprocessing", "--chunk", "all", "--out", "made", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (plan,) = (tmp_path / "made").rglob("plan.csv")
    with plan.open(newline="") as file:
        assert {row["chunk"] for row in csv.DictReader(file)} == {"all"}
    again = gil_lab("run", "--resume", str(plan.parent), cwd=tmp_path)
    assert again.returncode == 0
    assert "Nothing is missing in this session." in again.stdout
