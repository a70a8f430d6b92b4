"""Mistakes in a user's file: reported as the user's, with the field, before anything is measured."""

import os
import re
import sys
from contextlib import contextmanager
from importlib import import_module

import pytest
from command_line import called

from gil_lab.analysis.history import history
from gil_lab.cli.app import execute
from gil_lab.experiment import own_files
from gil_lab.model.errors import UsageError
from gil_lab.model.wire import Failed, decode

pytestmark = pytest.mark.usefixtures("this_is_found_once", "children_are_forked")

WORK = """
from dataclasses import replace
from gil_lab import Design, Experiment, Strategy, Workload
from gil_lab.suite.strategies.sequential import STRATEGY


def task(number):
    return number


WORK = Workload("numbers", "cpu", lambda tasks, size: [size] * tasks, {"call": task})
"""
EXPERIMENT = "EXPERIMENT = Experiment('?', Design('mine', ('work',), ('sequential',)))"


@pytest.fixture
def file(tmp_path):
    def write(code):
        path = tmp_path / "mine.py"
        path.write_text(f"{WORK}\n{code}\n")
        return path

    return write


@pytest.fixture
def read_here(monkeypatch):
    """The file is read in this process, by what else is a program."""

    @contextmanager
    def asked(program, path, *arguments):
        def receive(_):
            if isinstance(reply, Failed):
                raise UsageError(reply.detail)
            return reply

        answers, theirs = os.pipe()
        with os.fdopen(answers, "rb") as lines:
            import_module(program).answer(theirs, str(path), *arguments)
            os.close(theirs)
            reply = decode(lines.readline())
        yield receive

    monkeypatch.setattr(own_files, "_asked", asked)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    yield
    sys.modules.pop("gil_lab_file_mine", None)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("WORK = replace(WORK, size='ten')", "work.size is 'ten', not int"),
        ("WORK = replace(WORK, tasks=True)", "work.tasks is True, not int"),
        ("WORK = replace(WORK, tasks=2.5)", "work.tasks is 2.5, not int"),
        ("WORK = replace(WORK, max_size=None)", "work.max_size is None, not int"),
        ("WORK = replace(WORK, max_size=10**400)", "work.max_size is too large; it may be 9.22337e+18 at most"),
        ("WORK = replace(WORK, size=10**5000)", "work.size is too large; it may be"),
        ("WORK = replace(WORK, summary=5)", "work.summary is 5, not str"),
        ("WORK = replace(WORK, requires='numpy')", "work.requires is 'numpy', not tuple"),
        ("WORK = replace(WORK, releases_gil='yes')", "work.releases_gil is 'yes', not bool"),
        ("WORK = replace(WORK, why_not={'nogil': 3})", "work.why_not.reason is 3, not str"),
        ("WORK = replace(WORK, heartbeat_ms=float('nan'))", "work.heartbeat_ms is nan, not int"),
        ("MINE = replace(STRATEGY, since=3.12)", "mine.since is 3.12, not tuple"),
        ("MINE = replace(STRATEGY, form='fortran')", "unknown form of mine 'fortran'"),
        ("MINE = replace(STRATEGY, workers_are='fibres')", "mine.workers_are is 'fibres'; it is one of"),
        ("EXPERIMENT = Experiment(3, Design('mine', ('work',)))", "experiment.question is 3, not str"),
        ("EXPERIMENT = Experiment('?', 'mine')", "experiment.design is 'mine'; it must be a Design"),
        ("EXPERIMENT = Experiment('?', Design('mine', 'work'))", "design.workloads is 'work', not tuple"),
        ("EXPERIMENT = Experiment('?', Design('mine', ('work',), workers=2))", "workers is 2; it must be a function"),
        (
            "EXPERIMENT = Experiment('?', Design('mine', ('work',), strategies_of=['work']))",
            "design.strategies_of is ['work']; it must be a mapping",
        ),
        (
            "EXPERIMENT = Experiment('?', Design('mine', ('work',), workers=lambda cores: cores / 0))",
            "raises ZeroDivisionError",
        ),
        (
            "EXPERIMENT = Experiment('?', Design('mine', ('work',), workers=lambda cores: [1.5]))",
            "design.workers is 1.5, not int",
        ),
        ("EXPERIMENT = Experiment('?', Design('mine', ('work',)), picture='pie')", "experiment.picture is 'pie'"),
        ("EXPERIMENT = Experiment('?', Design('mine', ('work',), tasks_of=int))", "design has tasks_of"),
        ("work = replace(WORK)", "has two that are called 'work'"),
    ],
)
def test_a_field_that_cannot_be_is_named(file, code, message, read_here):
    """In one line with the file's name. That the process which reads the file reports it: the test after this."""
    with pytest.raises(UsageError) as error:
        own_files.read(file(code))
    assert message in str(error.value)
    assert "mine.py" in str(error.value) or "unknown form" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("WORK = replace(WORK, tasks=10**6)", "tasks of work is 1000000"),
        ("WORK = replace(WORK, size=0)", "size of work is 0"),
        (EXPERIMENT.replace("'mine'", "'m' * 65"), "an experiment cannot be called 'mmm"),
        (EXPERIMENT.replace("'sequential',", "'sequentiell',"), "unknown strategy 'sequentiell'; did you mean"),
        (EXPERIMENT.replace("'work',", "'wrk',"), "unknown workload 'wrk'; did you mean 'work'?"),
        (EXPERIMENT.replace("',)))", "',), workers=lambda cores: (10**6,)))"), "workers is 1000000"),
        (EXPERIMENT.replace("',)))", "',), min_time_s=-1.0))"), "design.min_time_s is -1.0"),
        (EXPERIMENT.replace("',)))", "',), min_time_s=100.0))"), "min-time is 100; a turn has to end within"),
        (EXPERIMENT.replace("',)))", "',), sizes=(0,)))"), "size is 0"),
        (EXPERIMENT.replace("',)))", "',), tasks=0))"), "tasks is 0"),
    ],
)
def test_limits_hold_for_what_a_file_says_as_for_options(file, code, message, tmp_path, monkeypatch, capsys):
    """With exit code 2, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as error:
        execute(["run", str(file(code))])
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert capsys.readouterr() == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]


def test_numbers_of_numpy_are_numbers(file):
    """As a file that computes its sizes has them."""
    catalogue = own_files.read(file("import numpy\nWORK = replace(WORK, size=numpy.int64(7), tasks=numpy.int32(3))"))
    assert (catalogue.workload("work").size, catalogue.workload("work").tasks) == (7, 3)


def test_a_workload_is_found_beside_a_function_of_its_name(file):
    """Not replaced by it, and not by one of the lab's own."""
    catalogue = own_files.read(file("PRIMES = replace(WORK, summary='my primes')\ndef primes(number): return number"))
    assert catalogue.workload("primes").summary == "my primes"


def test_what_stands_below_a_main_guard_is_not_read(tmp_path):
    """As the message says."""
    guarded = (
        "if __name__ == '__main__':\n    import gil_lab\n    WORK = gil_lab.Workload('w', 'cpu', [1], {'call': abs})\n"
    )
    (tmp_path / "mine.py").write_text(guarded)
    with pytest.raises(UsageError, match="what stands below its __main__ guard is not read"):
        own_files.read(tmp_path / "mine.py")


def test_claims_of_a_file_are_checked_where_it_is_imported(file, tmp_path):
    """What a claim prints, changes or exits with concerns that process; one that never ends is inconclusive."""
    claims = """
from gil_lab.claims import is_true

@EXPERIMENT.claim("holds")
def holds(seen):
    import os
    os.chdir("/")
    return is_true(bool(seen.cells(strategy="sequential")), "it is there")

@EXPERIMENT.claim("forgets to say so")
def forgets(seen):
    print("my own look at it")
"""
    options = ("--rounds", "3", "--min-time", "0.0001", "--strategy", "sequential")
    done = called("run", str(file(EXPERIMENT + claims)), *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 claims: 1 holds, 1 inconclusive." in done.stdout
    assert "my own look" not in done.stdout + done.stderr
    (kept,) = (tmp_path / "results").glob("*/*/claims.csv")
    assert "holds" in kept.read_text()
    assert "no Judgement" in kept.read_text()


def test_a_claim_whose_check_ends_its_process_costs_itself(file, tmp_path):
    """With the reason; what was measured is kept, and the claims before and behind it are judged."""
    ending = """
from gil_lab.claims import is_true

@EXPERIMENT.claim("before")
def before(seen):
    return is_true(True, "it is there")

@EXPERIMENT.claim("ends")
def ends(seen):
    import os
    os._exit(1)

@EXPERIMENT.claim("made up")
def made_up(seen):
    from gil_lab import Judgement
    return Judgement("holds", "x", "y")

@EXPERIMENT.claim("behind")
def behind(seen):
    return is_true(True, "it is there")
"""
    options = ("--rounds", "1", "--min-time", "0.0001", "--strategy", "sequential")
    done = called("run", str(file(EXPERIMENT + ending)), *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "4 claims: 2 hold, 2 inconclusive." in done.stdout
    (kept,) = (tmp_path / "results").glob("*/*/claims.csv")
    assert "its check ended the Python that ran it (exit code 1)" in kept.read_text()
    assert "and no Judgement" in kept.read_text()


def test_a_file_called_as_an_experiment_of_the_lab_has_results_of_its_own(tmp_path):
    """Claims, reports and histories of the lab's experiment are about that one; so they are of each content."""
    options = ("--workload", "primes", "--strategy", "sequential", "--rounds", "1", "--min-time", "0.0001")
    for edited in ("", "# edited"):
        (tmp_path / "cpu_bound.py").write_text(f"{WORK}\nPRIMES = WORK\n{edited}")
        done = called("run", str(tmp_path / "cpu_bound.py"), *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert [folder.name for folder in (tmp_path / "results").iterdir()] == ["cpu-bound-file"]
    works = {row.summary.cell.work for row in history(tmp_path / "results").rows}
    assert len(works) == 2
    assert all(re.fullmatch(r"primes of cpu_bound\.py [0-9a-f]{6}", work) for work in works)
    claims = called("claims", cwd=tmp_path).stdout
    assert "cpu-bound-file" not in claims


def test_an_experiment_called_as_one_of_the_lab_is_refused(file, tmp_path):
    """With what to do."""
    done = called("run", str(file(EXPERIMENT.replace("'mine'", "'cpu-bound'"))), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "calls its experiment cpu-bound, as one of the lab's; give it another name" in done.stderr
