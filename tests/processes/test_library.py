"""The lab as a library: in scripts, notebooks and one-liners."""

import asyncio
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from asked_once import asked_once
from examples import thorough

import gil_lab
from experiments import cpu_bound
from gil_lab import Results, UsageError
from gil_lab.analysis.speedups_so_far import SpeedupsSoFar
from gil_lab.sessions.reader import read_rows

TINY = {"tasks": 4, "size": 50, "rounds": 1, "min_time_s": 0.0001}


class Shell:
    kernel = True


class Notebook:
    """What IPython offers there, as far as it is used."""

    def __init__(self):
        self.shown = []

    def get_ipython(self):
        return Shell()

    def display(self, line, display_id):
        assert display_id
        self.shown.append(str(line))
        return self

    def update(self, line):
        self.shown.append(str(line))


@pytest.fixture(autouse=True, scope="module")
def known():
    """What works under this Python is not the point here."""
    with pytest.MonkeyPatch.context() as patch:
        asked_once(patch, sys.executable)
        yield


@pytest.fixture(scope="module")
def notebook():
    return Notebook()


@pytest.fixture(scope="module")
def results(known, notebook, tmp_path_factory):
    """The main job through the library, as a lecturer calls it: in a notebook, whose event loop runs already."""
    out = tmp_path_factory.mktemp("out")

    async def cell() -> Results:
        return cpu_bound.run(workers=2, strategies=["threading", "asyncio"], out=out, **TINY)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "IPython", notebook)
        patch.setitem(sys.modules, "IPython.display", notebook)
        return asyncio.run(cell())


def test_an_experiment_returns_one_row_a_cell(results):
    """In the order in which they were asked for, after their reference. That an event loop runs does not matter:
    everything is measured in child processes.
    """
    assert [row.cell.strategy for row in results] == ["sequential", "threading", "asyncio"]
    assert {row.status for row in results.rows} == {"ok"}
    assert len(results) == len(results.trials) == 3


def test_results_show_themselves_as_a_table(results):
    """In a terminal and in a notebook; nothing is printed by the lab itself."""
    assert "threading" in repr(results)
    assert max(map(len, repr(results).splitlines())) <= 80
    assert results._repr_html_().count("<tr") == 4


def test_results_are_filtered_by_the_fields_of_a_cell(results):
    """By any of them, and a typo is an error rather than an empty table."""
    assert [row.cell.strategy for row in results.where(strategy="asyncio", workers=2)] == ["asyncio"]
    assert len(results.where(workers=3)) == 0
    with pytest.raises(UsageError, match="workload, strategy, workers"):
        results.where(stratgey="asyncio")


def test_results_can_be_read_again(results):
    """What is on disk is all there is."""
    assert Results.read(results.folder).rows == results.rows


def test_pandas_is_used_where_it_is_there(results):
    """A data frame with the columns of summary.csv; without pandas one line that says what to install."""
    try:
        importlib.import_module("pandas")
    except ImportError:
        with pytest.raises(gil_lab.GilLabError, match="pip install pandas"):
            results.to_pandas()
    else:
        frame = results.to_pandas()
        assert list(frame["strategy"]) == ["sequential", "threading", "asyncio"]
        assert "cores_busy" in frame.columns


def test_one_cell_is_measured_with_one_call(tmp_path):
    """Seconds, tasks in flight and cores busy of one cell, without a reference."""
    (row,) = gil_lab.measure("primes", "threading", workers=2, out=tmp_path, **TINY)
    assert (row.cell.strategy, row.cell.workers) == ("threading", 2)
    assert row.in_flight > 0
    assert row.speedup is None


def test_a_session_ends_once_it_is_precise_enough(tmp_path, monkeypatch):
    """After three rounds of its second generation at the earliest: one alone says little of processes."""
    monkeypatch.setattr(SpeedupsSoFar, "enough", property(lambda self: True))
    effort = {"budget_s": 8, "precision": 0.05, "min_time_s": 0.0001}
    found = cpu_bound.run(workers=2, strategies="threading", tasks=4, size=50, out=tmp_path, **effort)
    turns = read_rows(found.session, "turns.csv")
    rounds = {number: {row.turn.round for row in turns if row.turn.generation == number} for number in (1, 2, 3)}
    assert len(rounds[1]) >= 3
    assert len(rounds[2]) in (3, 0)  # 0 where to start once took most of the time
    assert len(rounds[3]) == 0
    assert found.session.notes == []


@pytest.mark.parametrize(
    "wrong",
    [{"workers": 0}, {"workers": 2.5}, {"workers": True}, {"strategies": []}, {"tasks": "4"}, {"min_time_s": -1}],
)
def test_wrong_values_are_refused_before_anything_is_written(wrong, tmp_path):
    """The library is as strict as the command line."""
    with pytest.raises(UsageError):
        cpu_bound.run(out=tmp_path, **wrong)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path):
    """Also in the library."""
    with pytest.raises(UsageError, match="did you mean 'threading'"):
        gil_lab.measure("primes", "thread", out=tmp_path)


def test_a_pool_is_opened_for_live_coding():
    """Any function, in this process, in the order of the inputs."""
    with gil_lab.open_pool("threading", workers=2) as run:
        assert run(lambda item: item + 1, [1, 2, 3]) == [2, 3, 4]


def test_a_pool_that_does_not_exist_is_refused():
    """With the nearest name."""
    with pytest.raises(UsageError, match="did you mean"), gil_lab.open_pool("threadin"):
        pass


async def double(item: int) -> int:
    await asyncio.sleep(0)
    return 2 * item


@pytest.mark.parametrize(("strategy", "task"), [("asyncio", double), ("asyncio-threads", abs), ("threading", abs)])
def test_a_pool_opens_where_an_event_loop_runs_already(strategy, task):
    """As in a notebook, whose loop asyncio.run refuses to stand beside."""

    async def notebook() -> list[int]:
        with gil_lab.open_pool(strategy, workers=2) as run:
            return run(task, [1, 2, 3])

    assert asyncio.run(notebook()) in ([2, 4, 6], [1, 2, 3])


SCRIPT = """
import gil_lab
def add(item):
    return item + one
one = 1
for name in {strategies!r}:
    with gil_lab.open_pool(name, workers=2) as run:
        print(name, run(add, [1, 2, 3]), run(lambda item: item * one, [4]), flush=True)
"""
SPAWNING, OTHERS = "multiprocessing-spawn", ("multiprocessing", "multiprocessing-forkserver", "joblib")


@pytest.mark.parametrize("how", ["script", "one-liner", "stdin"])
def test_processes_work_without_a_main_guard(how, tmp_path):
    """Functions of the main script go to the workers by value, and the script is not run again in each of them.

    Every way to start one with workers that import their main module again; every kind of workers from a script, and in
    the thorough profile in every way.
    """
    strategies = (SPAWNING, *(OTHERS if how == "script" or thorough() else ()))
    text = SCRIPT.format(strategies=strategies)
    (tmp_path / "script.py").write_text(text)
    arguments = {"script": ["script.py"], "one-liner": ["-c", text], "stdin": ["-"]}[how]
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, input=text, capture_output=True, text=True, timeout=60, check=False
    )
    expected = "".join(f"{name} [2, 3, 4] [4]\n" for name in strategies)
    assert (done.stdout, done.returncode) == (expected, 0), done.stderr


def test_an_experiment_runs_from_a_script_without_a_main_guard(tmp_path):
    """Once, and not again in each worker. It sees no progress, also with IPython where there is no notebook."""
    no_notebook = "import sys, types\nsys.modules['IPython'] = types.SimpleNamespace(get_ipython=lambda: None)\n"
    call = f"cpu_bound.run(workers=2, strategies='multiprocessing-spawn', **{TINY!r})"
    script = f"{no_notebook}from experiments import cpu_bound\nprint(len({call}))"
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("2\n", "", 0)
    assert len(list(Path(tmp_path).glob("results/cpu-bound/*"))) == 1


def test_every_public_name_can_be_imported():
    """And the front of the package names nothing that is not there."""
    assert all(getattr(gil_lab, name) is not None for name in gil_lab.__all__)
    assert sorted(gil_lab.__all__) == sorted(dir(gil_lab))
    with pytest.raises(AttributeError):
        gil_lab.nothing_of_that_name  # noqa: B018


def test_a_notebook_sees_how_far_a_session_is(results, notebook):
    """One line, which is replaced: what is started, the round, and at last where the files are."""
    steps = [line.removeprefix("cpu-bound: ") for line in notebook.shown]
    names = {"sequential", "threading x2", "asyncio x2"}
    assert (steps[0], {*steps[1:4]}) == ("measuring", {f"starting {name}" for name in names})
    assert {*steps[4:7]} == {f"tracing {name}" for name in names}
    assert any(re.fullmatch(r"round 1; about \d+ s left", step) for step in steps)
    assert re.fullmatch(rf"measured for \d+ s; files: {results.folder}", steps[-1])
