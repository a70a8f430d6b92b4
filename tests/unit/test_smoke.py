"""The product works: each model of concurrency is measured once, reported, and used as a library.

The only tests of this floor that start real children; whether their numbers are right is asked in tests/processes.
"""

import json
from functools import partial

import pytest
from command_line import called, rows_of
from command_line import gil_lab as command

import gil_lab
from experiments import cpu_bound
from gil_lab import Results

MODELS = ("threading", "asyncio", "multiprocessing", "joblib", "numba-nogil", "numba-parallel")
REFERENCES = ("sequential", "numba-sequential")
SMALLEST = ("--workers", "2", "--tasks", "4", "--size", "50", "--rounds", "1", "--min-time", "0.000001")
TINY = {"workers": 2, "tasks": 4, "size": 50, "rounds": 1, "min_time_s": 1e-6}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the command is typed."""
    return tmp_path_factory.mktemp("folder")


@pytest.fixture(scope="module")
def ran(folder):
    """`gil-lab run` over all models."""
    return command("run", "cpu-bound", *SMALLEST, cwd=folder)


@pytest.fixture(scope="module")
def trials(ran, folder):
    return {row["strategy"]: row for row in rows_of(folder)}


def test_a_run_ends_well_and_prints_its_table(ran):
    """On standard output, with the way to the files; nothing on standard error."""
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "primes, 4 tasks, size 50" in ran.stdout
    assert "Files: results/cpu-bound/" in ran.stdout


@pytest.mark.parametrize("model", [*REFERENCES, *MODELS])
def test_a_model_is_measured(trials, model):
    """Its answers were right, and its row has its numbers."""
    row = trials[model]
    assert (row["status"], row["detail"]) == ("ok", "")
    assert row["workers"] == ("1" if model in REFERENCES else "2")
    assert 0 < float(row["in_flight"]) <= 2.002
    assert float(row["wall_s"]) > 0


@pytest.mark.parametrize("model", [model for model in (*REFERENCES, *MODELS) if model.startswith("numba")])
def test_compilation_is_measured_apart_from_running(trials, model):
    """It takes a compiler some time, which stands in a column of its own."""
    assert float(trials[model]["compile_s"]) > 0.001


def test_nothing_else_was_measured(trials):
    """The models and what they are compared with."""
    assert set(trials) == {*REFERENCES, *MODELS}


@pytest.mark.parametrize("model", MODELS)
def test_a_model_has_its_line_in_the_table(ran, model):
    """With its workers."""
    assert f"{model} x2" in ran.stdout


def test_the_same_session_is_reported_as_text(ran, folder):
    """The newest one, found by itself."""
    done = called("report", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"{model} x2" in done.stdout for model in MODELS)


def test_and_as_a_page(ran, folder):
    """One file with every picture that these cells have."""
    done = called("report", "--format", "html", cwd=folder)
    assert done.returncode == 0
    page = next(folder.glob("results/*/*/report.html")).read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert all(f'<figure id="{name}"' in page for name in ("map", "timeline", "speedups", "costs"))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The same through the library, with one model."""
    return cpu_bound.run(strategies="threading", out=tmp_path_factory.mktemp("out"), **TINY)


def test_an_experiment_runs_from_python(results):
    """Its results hold a row a cell, show themselves and draw themselves."""
    assert [(row.cell.strategy, row.status) for row in results] == [("sequential", "ok"), ("threading", "ok")]
    assert "threading" in repr(results)
    assert "threading" in results._repr_html_()
    assert json.dumps(results.map().spec)


def test_its_results_are_on_disk(results):
    """And are the same when they are read again."""
    assert Results.read(results.folder).rows == results.rows


def test_its_claims_are_checked(results):
    """Each comes to a verdict, also where there is too little to say."""
    assert len(cpu_bound.check(results)) == len(cpu_bound.EXPERIMENT.claims) > 0


def test_one_cell_is_measured_with_one_call(tmp_path):
    """Without a reference."""
    (row,) = gil_lab.measure("primes", "threading", out=tmp_path, **TINY)
    assert (row.status, row.cell.workers) == ("ok", 2)
    assert row.in_flight > 0


@pytest.mark.parametrize("model", ["threading", "multiprocessing", "joblib"])
def test_a_pool_is_opened_for_live_coding(model):
    """Any function, in the order of its inputs."""
    with gil_lab.open_pool(model, workers=2) as run:
        assert run(partial(pow, 2), [1, 2, 3]) == [2, 4, 8]
