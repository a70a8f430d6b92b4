"""A user's file is measured where the user stands."""

import pytest
from command_line import called, rows_of

pytestmark = pytest.mark.usefixtures("this_is_found_once", "children_are_forked")
SHORT = ("--rounds", "1", "--min-time", "0.0001")
READING = """
from pathlib import Path
from gil_lab import Workload

LINES = Path("lines.txt").read_text().split()


def length(name):
    return len(Path("data", name).read_text()), LINES


WORK = Workload("reads", "cpu", ["a.txt", "b.txt"], {"call": length})
"""


def test_paths_are_relative_to_where_the_user_stands(tmp_path):
    """At the top of the file and in its tasks, in every child and worker; not to where the file is."""
    strategies = "threading,multiprocessing,multiprocessing-spawn,joblib"
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "reading.py").write_text(READING)
    (tmp_path / "lines.txt").write_text("one two")
    (tmp_path / "data").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "data" / name).write_text(name)
    options = ("--strategy", strategies, "--workers", "2", *SHORT)
    done = called("run", "programs/reading.py", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["status"] for row in rows_of(tmp_path)} == {"ok"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "lines.txt", "programs", "results"]


def test_work_of_the_lab_leaves_nothing_where_the_user_stands(tmp_path):
    """Its files are in a folder of its own, which is removed."""
    done = called(
        "run",
        "io-bound",
        "--workload",
        "files",
        "--strategy",
        "threading",
        "--rounds",
        "1",
        "--size",
        "1",
        "--tasks",
        "4",
        cwd=tmp_path,
    )
    assert done.returncode in (0, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


LIMITS = """
import os
from gil_lab import Workload

def threads(number):
    return [os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"]]

def verify(inputs, answers):
    return None if {tuple(answer) for answer in answers} == {("ALLOWED", "ALLOWED")} else f"it was {answers[0]}"

LIMITS = Workload("limits", "cpu", [1, 2], {"call": threads}, verify)
"""


@pytest.mark.parametrize(("options", "allowed"), [((), "1"), (("--library-threads", "3"), "3")])
def test_libraries_use_as_many_threads_as_they_are_allowed(tmp_path, options, allowed):
    """One, whatever the environment of the user says, or as many as were asked for: then the label says so."""
    (tmp_path / "limits.py").write_text(LIMITS.replace("ALLOWED", allowed))
    strategies = ("--strategy", "threading,multiprocessing", "--workers", "2", *SHORT)
    done = called("run", "limits.py", *strategies, *options, cwd=tmp_path, OMP_NUM_THREADS="7")
    assert (done.returncode, done.stderr) == (0, "")
    settings = {row["interpreter"].partition("+")[2] for row in rows_of(tmp_path)}
    assert settings == {f"threads={allowed}" if options else ""}
    assert ("--library-threads N" in " ".join(done.stdout.split())) == (not options)


TOGETHER = """
import os, time
from gil_lab import Workload

def where(number):
    time.sleep(0.01)  # long enough for another worker to take the next chunk, if there is one
    return os.getpid()

def verify(inputs, answers):
    return None if len(set(answers)) == 1 else "they ran in several processes"

TOGETHER = Workload("together", "io", list(range(12)), {"call": where}, verify, varies=True)
"""


def test_as_many_tasks_are_handed_over_at_a_time_as_the_user_says(tmp_path):
    """All of them to one worker; the report says that it was asked for."""
    (tmp_path / "together.py").write_text(TOGETHER)
    strategies = (
        "--strategy",
        "multiprocessing,process-pool-executor",
        "--workers",
        "2",
        "--rounds",
        "1",
        "--min-time",
        "0.0001",
    )
    done = called("run", "together.py", *strategies, "--tasks", "12", "--chunk", "12", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["status"] for row in rows_of(tmp_path)} == {"ok"}
    assert "Tasks were handed over 12 at a time by each strategy that has chunks (--chunk)." in done.stdout


OTHERWISE = """
import os, threading
from gil_lab import Workload

def square(number):
    return number * number

async def nonsense(number):
    return "nonsense"

def where(number):
    return os.getpid()

def lazy(number):
    return zip([number], [number])

WRONG = Workload("wrong", "cpu", [1, 2, 3], {"call": square, "coroutine": nonsense})
VARYING = Workload("varying", "cpu", [1, 2, 3], {"call": where}, varies=True)
LAZY = Workload("lazy", "cpu", [1, 2, 3], {"call": lazy})
"""


def test_answers_are_those_of_sequential_work_or_wrong(tmp_path):
    """If nothing else knows the right ones; not where they may differ. One who answers something else is no faster."""
    (tmp_path / "other.py").write_text(OTHERWISE)
    strategies = (
        "--strategy",
        "asyncio,threading,multiprocessing",
        "--workers",
        "2",
        "--rounds",
        "1",
        "--min-time",
        "0.0001",
    )
    done = called("run", "other.py", *strategies, cwd=tmp_path)
    assert done.returncode == 3
    found = {(row["workload"], row["strategy"]): (row["status"], row["detail"]) for row in rows_of(tmp_path)}
    for strategy in ("sequential", "threading", "multiprocessing"):
        assert found["wrong", strategy] == found["varying", strategy] == ("ok", "")
        assert found["lazy", strategy][0] == "wrong"
    assert found["lazy", "threading"][1] == "a task answers with a zip, which is yet to be read; return a list"
    status, detail = found["wrong", "asyncio"]
    assert status == "wrong"
    assert detail.startswith("the answers differ from those of sequential: task 0 answered 'nonsense' instead of 1")
