"""`gil-lab race`: a user's own class in threads, against classes of which the truth is known."""

import pytest
from command_line import called

from gil_lab.advice import invariant

pytestmark = pytest.mark.usefixtures("this_is_found_once", "children_are_forked")


@pytest.fixture(autouse=True)
def short_looks(monkeypatch):
    """A round takes some milliseconds, and what is broken here is so in the first ones."""
    monkeypatch.setattr(invariant, "LEAST_S", 0.05)


SAFE = """
import threading

class Counter:
    def __init__(self):
        self.lock, self.value = threading.Lock(), 0

    def add(self, number):
        with self.lock:
            self.value += number

def setup():
    return Counter()

operations = [lambda counter: counter.add(1), lambda counter: counter.add(-1)]

def invariant(counter):
    return counter.value == 0
"""
UNSAFE = """
import time

class Room:
    def __init__(self):
        self.inside, self.most = 0, 0

    def enter(self):
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(0.0001)  # it lets go of the GIL
        self.inside -= 1

def setup():
    return Room()

operations = [Room.enter]

def invariant(room):
    assert room.most <= 1, f"{room.most} at a time"
"""


def race(folder, text, *options):
    (folder / "mine.py").write_text(text)
    return called("race", "mine.py", "--python", "this", "--budget", "0.2s", *options, cwd=folder)


def test_a_class_with_a_lock_keeps_its_invariant_and_is_not_called_safe(tmp_path):
    """What can be said is how rare a failure would have to be."""
    done = race(tmp_path, SAFE)
    assert done.returncode == 0
    assert "the invariant held in every round" in done.stdout
    assert "no proof" in done.stdout
    assert "fewer than 1 in" in done.stdout


def test_a_class_without_one_breaks_and_the_command_that_repeats_it_stands_there(tmp_path):
    """With the number of the first round, and what the invariant said."""
    done = race(tmp_path, UNSAFE, "--workers", "3", "--repeat", "3", "--seed", "7")
    assert done.returncode == 3
    assert "not safe for threads" in done.stdout
    assert "at a time" in done.stdout
    assert "--workers 3 --repeat 3 --seed 7 --round" in " ".join(done.stdout.split())


def test_one_round_can_be_repeated(tmp_path):
    """Every round then has its order."""
    assert race(tmp_path, UNSAFE, "--workers", "3", "--repeat", "3", "--round", "5").returncode == 3


LOCKED = """
import threading, time

def setup():
    return threading.Lock(), threading.Lock()

def one(locks):
    with locks[0]:
        time.sleep(0.001)
        with locks[1]:
            pass

def other(locks):
    with locks[1]:
        time.sleep(0.001)
        with locks[0]:
            pass

operations = [one, other]

def invariant(locks):
    return True
"""


def test_threads_that_wait_for_each_other_for_ever_are_found(tmp_path, monkeypatch):
    """Alone each operation ends; in threads they do not, and that is no mistake of the command."""
    monkeypatch.setattr(invariant, "ROUND_TIMEOUT_S", 1.0)
    done = race(tmp_path, LOCKED, "--repeat", "50")
    assert done.returncode == 3
    assert "not safe for threads: it does not go on under Python" in done.stdout
    assert "a deadlock" in done.stdout


def test_each_operation_has_as_many_threads_as_any_other(tmp_path):
    """With three threads one of two that cancel each other would be done once more."""
    done = race(tmp_path, SAFE, "--workers", "3")
    assert done.returncode == 0
    assert "4 threads in each round" in done.stdout


REFUSED = {
    "def setup(): pass\nasync def f(o): pass\noperations = [f]\ndef invariant(o): pass": "makes a coroutine",
    "def setup(): pass\ndef f(o): yield\noperations = [f]\ndef invariant(o): pass": "makes a generator",
    "def setup(): pass\noperations = [id]\ndef invariant(o): return 2": "invariant returned 2",
    "setup = 1": "has no operations",
    "def setup(): pass\noperations = []\ndef invariant(o): pass": "at least one",
    "def setup(): pass\noperations = len\ndef invariant(o): pass": "must be a list of functions",
    "setup = 3\noperations = [print]\ndef invariant(o): pass": "setup is of type int",
    "def setup(): pass\noperations = [id]\ndef invariant(o): return False": "one after the other",
    "def setup():\n  return 1 / 0\noperations = [id]\ndef invariant(o): pass": "line 2 of mine.py: 'return 1 / 0')",
    "def setup(): pass\ndef f(o):\n  o.x\noperations = [f]\ndef invariant(o): pass": "line 3 of mine.py: 'o.x'); fix",
    "def setup(): pass\noperations = [id]\ndef invariant(o):\n  o.x": "in line 4 of mine.py: 'o.x'); fix it first",
    "def setup(): pass\noperations = [id]\ndef invariant(o):\n  assert o": ", in line 4 of mine.py: 'assert o'",
    "x = 0\ny = 1 / x": "ZeroDivisionError: division by zero, in line 2 of mine.py: 'y = 1 / x'); fix it",
    "import sys; sys.exit(0)": "exits when it is imported (exit code 0), in line 1 of mine.py: 'import sys",
    "x = 1\ny = = 1": "SyntaxError: invalid syntax, in line 2 of mine.py: 'y = = 1'); fix it first",
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_file_that_cannot_be_tested_costs_one_line(tmp_path, text, why):
    """With the cause, and exit code 2."""
    done = race(tmp_path, text)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert why in line


@pytest.mark.parametrize("option", [["--workers", "0"], ["--round", "0"], ["--repeat", "-1"], ["--budget", "soon"]])
def test_options_that_make_no_sense_are_refused(tmp_path, option):
    assert race(tmp_path, SAFE, *option).returncode == 2


def test_operations_that_end_python_cost_one_line(tmp_path):
    """Whatever they do, it happens in a process of its own."""
    done = race(tmp_path, SAFE.replace("counter.add(-1)", "__import__('os')._exit(4)"))
    assert done.returncode == 2
    assert "ends the Python that runs it" in done.stderr


def test_an_operation_that_raises_breaks_the_round(tmp_path):
    """Threads would raise it, too; alone it does not."""
    text = UNSAFE.replace("time.sleep(0.0001)", "time.sleep(0.0001); assert self.inside == 1")
    done = race(tmp_path, text, "--workers", "3", "--repeat", "3")
    assert done.returncode == 3
    assert "an operation raised AssertionError" in done.stdout
