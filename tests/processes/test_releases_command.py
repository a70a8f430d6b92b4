"""`gil-lab releases`: calls of which it is known whether they let go of the GIL."""

import json
import os
import re
import threading

import pytest
import pythons
from command_line import called

import gil_lab
from gil_lab.advice import releasing
from gil_lab.child.copies import here_only
from gil_lab.model.errors import UsageError
from gil_lab.sessions import plan
from gil_lab.suite.targets.calls import Repeated

pytestmark = pytest.mark.usefixtures("this_is_found_once", "children_are_forked")
TRIES, UNSEEN = 10, "samples were taken"
BUDGET_S = 0.1
"""Then there are three rounds, as with any budget, in one generation."""


@pytest.fixture(autouse=True)
def short_passes(monkeypatch):
    """Of 120 ms and not of 0.3 s: what is looked at here lets go of the GIL all the time or never."""
    for part, name, value in (
        (releasing, "TASKS", 4),
        (releasing, "TASK_S", 0.03),
        (plan, "MIN_TIME_S", 0.01),
    ):
        monkeypatch.setattr(part, name, value)


def releases(folder, expression, *options):
    return called("releases", expression, "--budget", f"{BUDGET_S}s", *options, cwd=folder)


BESIDE = """import random, threading, time
def hold():
    while True:
        time.sleep(0.005 if sum(range(100_000)) else 0)
threading.Thread(target=hold, daemon=True).start()
"""
"""Another thread, which holds the GIL for a few milliseconds of ten."""


def seen(folder, *given):
    """What is said of a call whose GIL was seen: again while other programs leave no core to look at it."""
    for _ in range(TRIES):
        done = releases(folder, *given)
        if UNSEEN not in " ".join(done.stdout.split()):
            break
    return done


def test_a_call_that_sleeps_lets_go_of_it(tmp_path):
    """For practically all of its time, however busy the machine is, whatever it answers, and beside other threads."""
    done = seen(tmp_path, "time.sleep(0.01) or random.random()", "--setup", BESIDE)
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    assert "time.sleep(0.01) or random.random(): yes, it lets go of the GIL for" in said
    assert "Other threads, of --setup or started by the call, hold the GIL for" in said, done.stdout


def test_a_call_that_works_on_python_objects_holds_it(tmp_path):
    """Statements of several --setup are run in their order; the session names the call."""
    done = seen(tmp_path, "sorted(numbers)", "--setup", "count = 20_000", "--setup", "numbers = list(range(count))")
    assert done.returncode == 0
    assert "sorted(numbers): no, it holds the GIL" in " ".join(done.stdout.split())
    session, *_ = tmp_path.glob("results/releases/*/session.json")
    assert json.loads(session.read_text())["target"] == "sorted(numbers)"


def test_a_call_of_half_a_second_is_made_a_few_times_only(tmp_path):
    """Two in a pass: sixteen would take minutes."""
    done = seen(tmp_path, "time.sleep(0.5)", "--setup", "import time")
    assert re.search(r"a call takes 50\d ms: this takes 1\d\.\d s at least", done.stdout)
    assert "yes, it lets go" in " ".join(done.stdout.split())
    assert re.search(r"yes +[0-9]+ % \S+ \S+ +50[0-9] ms", done.stdout)


def test_a_call_that_takes_next_to_no_time_is_said_to_be_too_short(tmp_path, monkeypatch):
    """Beside it the loop is no longer little. The limit is so high that it is below that on a busy machine, too.

    An expression of several lines is named in one.
    """
    for name, value in (("SHORT_CALL_S", 1e-3), ("LEAST_CALL_S", 1e-3), ("SHORT_REPEATS", 20_000)):
        monkeypatch.setattr(releasing, name, value)
    done = releases(tmp_path, "(x +\n 1)", "--setup", "x = 1")
    said = " ".join(done.stdout.split())
    assert re.search(r"x \+ 1: (inconclusive|unknown [^.]*)\. A call is too short for a share of it", said)


def test_without_a_gil_there_is_nothing_to_let_go_of(tmp_path):
    """Then what two threads gain is all there is to see."""
    python = pythons.executable("3.13t")
    done = releases(tmp_path, "sum(range(1000))", "--python", python)
    assert "there is no GIL to let go of" in " ".join(done.stdout.split())


def test_a_function_of_a_program_is_looked_at_too(tmp_path):
    """Also one that has no name to import it by; displayed, it is what the command prints."""
    for _ in range(TRIES):
        found = gil_lab.releases(lambda: sum(range(20_000)), budget_s=BUDGET_S, out=tmp_path)
        if UNSEEN not in " ".join(repr(found).split()):
            break
    assert repr(found).startswith("the lambda: ")
    said = " ".join(repr(found).split())
    assert "no, it holds the GIL" in said or "in a single pass it lets go of the GIL for 0 %" in said
    assert found.releases[0].released.value < 0.05


REFUSED = {
    ("1 +",): "is no Python",
    ("1",): "1 calls nothing; give a call",
    ("breakpoint()",): "breakpoint() raises ",
    ("asyncio.sleep(1)", "--setup", "import asyncio"): "runs nothing; give asyncio.run(asyncio.sleep(1))",
    ("x = 3",): "is no Python",
    ("nowhere()",): "nowhere() raises NameError",
    ("hashlib.sha256", "--setup", "import hashlib"): "hashlib.sha256 calls nothing; give hashlib.sha256()",
    ("sorted",): "sorted calls nothing",
    ("lambda: 3",): "lambda: 3 calls nothing; give (lambda: 3)() with its arguments",
    ("id(1)", "--setup", "def"): "--setup is no Python",
    ("id(1)", "--setup", "a = 1", "--setup", "for x in\n  3"): "in line 2): 'for x in'",
    (
        "id(1)",
        "--setup",
        "import nomodule",
    ): "no module named 'nomodule', in line 1 of --setup: 'import nomodule'; install it",
    (
        "id(1)",
        "--setup",
        "a = 0",
        "--setup",
        "b = 1 / a",
    ): "division by zero, in line 2 of --setup: 'b = 1 / a'); fix it first",
    (
        "id(1)",
        "--setup",
        "a = 0\nexit(0)",
    ): "--setup exits (exit code 0), in line 2 of --setup: 'exit(0)'; leave that out",
    (
        "f(0)",
        "--setup",
        "def f(x):\n  return 1 / x",
    ): "f(0) raises ZeroDivisionError: division by zero, in line 2 of --setup",
    ("(1,\n f(0))", "--setup", "x = 0"): "in line 2 of the expression: 'f(0))'; import or define it with --setup",
    ("os.fork()", "--setup", "import os"): "os.fork() forks the process that calls it, and returns in both",
    ("os._exit(3)", "--setup", "import os"): "(calling it: exit code 3); give a call that returns",
    ("d.pop()", "--setup", "d = [1, 2]"): "d.pop() raises IndexError: pop from empty list in call 3; fix it",
    ("map(str, 'ab')",): "which does its work when it is read; give list(map(str, 'ab'))",
    (" # nothing",): "the expression is empty; give a call: 'sorted(data)'",
    ("id(1)", "--budget", "soon"): "budget",
    ("id(1)", "--python", "9.9"): "9.9",
}


NO_OTHER_PYTHONS = {"GIL_LAB_PYTHONS": "", "PATH": "", "PYENV_ROOT": "/nowhere", "HOME": "/nowhere"}
"""Each that there is would be asked for its version."""


def test_a_function_that_cannot_be_sent_is_refused_with_what_to_do_instead(tmp_path):
    """What it closes over can be made inside of it."""
    lock = threading.Lock()
    with pytest.raises(UsageError, match=r"cannot pickle '_thread.lock' object\); make it inside of the function"):
        gil_lab.releases(lambda: [lock.locked()], out=tmp_path)


def test_a_function_that_takes_arguments_is_refused_with_what_to_give(tmp_path):
    """Without a process that looks at it."""
    with pytest.raises(UsageError, match=r"sorted takes arguments .*; give one without: lambda: sorted\(\.\.\.\)"):
        gil_lab.releases(sorted, out=tmp_path)


def test_a_copy_of_the_process_makes_none_of_the_calls_that_are_left():
    """Of a task that forks and returns in both processes: else each copy would fork as well."""
    made = []
    read, write = os.pipe()

    def call(_):
        made.append(os.getpid())
        if len(made) == 1 and os.fork() == 0:
            os.write(write, b"copied")

    here_only(Repeated(call, 3), lambda: os.write(write, str(len(made)).encode()))(None)
    os.wait()
    os.close(write)
    with os.fdopen(read) as said:
        assert said.read() == "copied1"
    assert len(made) == 3


@pytest.mark.parametrize(("arguments", "why"), REFUSED.items(), ids=" ".join)
def test_what_cannot_be_looked_at_costs_one_line(tmp_path, arguments, why):
    """With the cause, and exit code 2; nothing is measured."""
    done = called("releases", *arguments, cwd=tmp_path, **NO_OTHER_PYTHONS)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert why in line
    assert not (tmp_path / "results").exists()
