"""`gil-lab race`: a user's own class in threads, against classes of which the truth is known."""

import time

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


COUNTED = """
import threading

def setup():
    return []

def add(numbers):
    numbers.append(threading.get_ident())

operations = [add, add]

def invariant(numbers):
    assert len(numbers) == 2, f"{len(numbers)} numbers"
"""


def test_an_invariant_may_count_operations(tmp_path):
    """Each is then done as often as it allows; more threads than it allows are no race."""
    assert race(tmp_path, COUNTED).returncode == 0
    done = race(tmp_path, COUNTED, "--workers", "4")
    assert done.returncode == 2
    assert "(4 numbers), by 4 threads, each once;" in done.stderr
    assert "--workers" in done.stderr


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
    """Alone each operation ends; in threads they do not, and that is no mistake of the command: it says where they
    stand, what was not tried after that, and how the round is repeated."""
    monkeypatch.setattr(invariant, "ROUND_TIMEOUT_S", 1.0)
    done = race(tmp_path, LOCKED, "--repeat", "50")
    words = " ".join(done.stdout.split())
    assert done.returncode == 3
    assert "not safe for threads: it does not go on under Python" in words
    assert "thread 1 in line 10 of mine.py: 'with locks[1]:'; thread 2 in line 16 of mine.py" in words
    assert "a deadlock" in words
    assert (words.count("hung 1 "), words.count("not tried 3")) in ((1, 1), (1, 0))
    assert "--workers 2 --repeat 50 --seed 0 --round 1" in words


IN_A_THREAD = """
import os, signal, threading, time

rounds = 0

def setup():
    global rounds
    rounds += 1
    {setup}
    return []

def operation(shared):
    if threading.current_thread() is not threading.main_thread():
        {operation}

operations = [operation]

def invariant(shared):
    {invariant}
"""


def in_a_thread(setup="pass", operation="pass", invariant="pass"):
    return IN_A_THREAD.format(setup=setup, operation=operation, invariant=invariant)


def test_rounds_that_end_python_are_a_row_too(tmp_path):
    """How many there were before is known exactly, and the command repeats the one that crashed."""
    text = in_a_thread(operation="rounds < 20 or os._exit(4)")
    done = race(tmp_path, text, "--repeat", "1", "--workers", "3")
    words = " ".join(done.stdout.split())
    assert done.returncode == 3
    assert "not safe for threads: it ends the process under Python" in words
    assert "1 exited 18" in words  # two look at it alone before
    assert "round 18: exited: an operation ended the process (exit code 4)" in words
    assert "extension module" not in words
    assert "--workers 3 --repeat 1 --seed 0 --round 18" in words


def test_a_setup_that_ends_python_is_no_question_of_threads(tmp_path):
    """Also with exit code 0."""
    done = race(tmp_path, in_a_thread(setup="rounds < 20 or os._exit(0)"), "--repeat", "1", "--workers", "3")
    assert done.returncode == 3
    assert "not safe" not in done.stdout
    assert "setup() ended the process (exit code 0); fix it first" in " ".join(done.stdout.split())


@pytest.mark.parametrize("returned", [None, False, 0, []])
def test_a_setup_may_return_anything(tmp_path, returned):
    """Operations on a global need no object."""
    done = race(tmp_path, GLOBAL.format(returned))
    assert (done.returncode, done.stderr) == (0, "")
    assert "the invariant held in every round" in done.stdout


GLOBAL = """
import threading
lock, count = threading.Lock(), 0

def setup():
    global count
    count = 0
    return {}

def add(shared, number=1):
    global count
    with lock:
        count += number

operations = [add, lambda shared: add(shared, -1)]

def invariant(shared):
    return count == 0
"""


def test_the_name_of_a_file_may_begin_with_a_dash(tmp_path):
    """The command that repeats a round finds it then."""
    (tmp_path / "-mine.py").write_text(UNSAFE)
    done = called("race", "--python", "this", "--budget", "0.2s", "--", "-mine.py", cwd=tmp_path)
    assert done.returncode == 3
    assert "gil-lab race ./-mine.py" in done.stdout


def test_a_file_that_hangs_when_it_is_imported_is_tried_under_one_python_only(tmp_path, monkeypatch):
    """It would hang under each."""
    monkeypatch.setattr(invariant, "START_TIMEOUT_S", 3)
    (tmp_path / "mine.py").write_text("import time\nopen('begun', 'a').write('.')\ntime.sleep(1000)")
    done = called("race", "mine.py", "--python", "this", "--python", "this+nogil", "--python", "all", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.startswith("under Python ")
    assert done.stdout.count("\n") == 1
    assert "mine.py does not go on: importing it took more than 3 s" in " ".join(done.stderr.split())
    assert (tmp_path / "begun").read_text() == "."


def test_what_is_killed_from_outside_says_nothing_of_threads(tmp_path):
    """For lack of memory, say; what to try is said."""
    done = race(tmp_path, in_a_thread(operation="rounds < 20 or os.kill(os.getpid(), signal.SIGKILL)"))
    assert done.returncode == 3
    assert "not safe" not in done.stdout
    assert "killed by SIGKILL: from outside" in done.stdout
    assert "fewer --workers" in done.stdout


def test_an_invariant_that_only_fails_in_threads_is_broken(tmp_path):
    """Of an object in a state that nobody thought of it may raise anything."""
    done = race(tmp_path, in_a_thread(operation="shared.append(1)", invariant="assert shared[3:] == [] or {}['lost']"))
    assert done.returncode == 3
    assert "the invariant broke" in done.stdout
    assert "invariant raised KeyError: 'lost', in line 19 of mine.py" in " ".join(done.stdout.split())


def test_what_broke_is_told_in_full(tmp_path):
    """A table has no room for it."""
    long = "word " * 20
    done = race(tmp_path, in_a_thread(operation=f"raise ValueError('{long}')"))
    assert "not safe for threads: an operation raised under Python" in done.stdout
    assert f"ValueError: {long}, in line 14 of mine.py" in " ".join(done.stdout.split())


FORGED = """
import json, os

def setup(): return []

def operation(shared):
    line = json.dumps({"message": "Failed", "status": "error", "detail": "\\x1b[31mred"}) + "\\n"
    for descriptor in range(3, 1 << 12):
        try:
            os.write(descriptor, line.encode())
        except OSError:
            pass

operations = [operation]

def invariant(shared): return True
"""


def test_what_a_file_writes_in_the_place_of_answers_is_inert(tmp_path):
    """It has the descriptor, as everything in its process has."""
    done = race(tmp_path, FORGED)
    assert done.returncode == 2
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr.count("\n") == 1


def test_a_setup_that_fails_later_costs_no_round_that_ended(tmp_path):
    """They are told, and why there are no more."""
    done = race(tmp_path, in_a_thread(setup="assert rounds < 20, 'none left'"), "--repeat", "1")
    words = " ".join(done.stdout.split())
    assert done.returncode == 3
    assert "the invariant held in the 17 rounds that ended" in words
    assert "setup() raised AssertionError: none left, in line 9 of mine.py" in words


def test_a_round_in_which_nothing_answers_is_found_from_outside(tmp_path, monkeypatch):
    """It cannot say itself where its threads stand; which step of the round it is, is known."""
    monkeypatch.setattr(invariant, "ROUND_TIMEOUT_S", 0.5)
    monkeypatch.setattr(invariant, "SILENCE_S", 1.5)
    text = in_a_thread(operation="shared.append(1)", invariant="shared and time.sleep(1000)")
    done = race(tmp_path, text, "--repeat", "1")
    assert done.returncode == 3
    assert "round 1: hung: the invariant did not end within 0.5 s" in done.stdout


def test_what_was_found_before_an_interrupt_is_told(tmp_path, monkeypatch):
    """With the exact number of rounds; and that it was stopped."""
    add = invariant.RoundsUnder.add

    def interrupted(look, rounds):
        add(look, rounds)
        while not (tmp_path / "thirty").exists():
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(invariant.RoundsUnder, "add", interrupted)
    text = in_a_thread(invariant="rounds == 30 and open('thirty', 'w').close()")
    done = race(tmp_path, text, "--repeat", "1", "--budget", "600s")
    assert "stopped before the end: the invariant held in the " in done.stdout
    assert int(done.stdout.partition("held in the ")[2].split()[0].replace(",", "")) >= 27
    assert "fewer than 1 in" in done.stdout


def test_each_operation_has_as_many_threads_as_any_other(tmp_path):
    """With three threads one of two that cancel each other would be done once more."""
    done = race(tmp_path, SAFE, "--workers", "3")
    assert done.returncode == 0
    assert "4 threads in each round, not 3: as many for each operation as for any other" in done.stdout


REFUSED = {
    "def setup(): pass\nasync def f(o): pass\noperations = [f]\ndef invariant(o): pass": "makes a coroutine",
    "def setup(): pass\ndef f(o): yield\noperations = [f]\ndef invariant(o): pass": "makes a generator",
    "async def setup(): pass\noperations = [id]\ndef invariant(o): pass": "setup() makes a coroutine",
    "def setup(): pass\noperations = [id]\ndef invariant(o): return 2": "invariant returned 2",
    "setup = 1": "has no operations",
    "def setup(): pass\noperations = []\ndef invariant(o): pass": "at least one",
    "def setup(): pass\noperations = len\ndef invariant(o): pass": "must be a list of functions",
    "setup = 3\noperations = [print]\ndef invariant(o): pass": "setup is of type int",
    "def setup(): pass\noperations = [id]\ndef invariant(o): return False": "one after the other",
    "def setup():\n  return 1 / 0\noperations = [id]\ndef invariant(o): pass": "line 2 of mine.py: 'return 1 / 0')",
    "def setup(): pass\ndef f(o):\n  o.x\noperations = [f]\ndef invariant(o): pass": "line 3 of mine.py: 'o.x'); fix",
    "def setup(): pass\noperations = [id]\ndef invariant(o):\n  o.x": "has no attribute 'x', in line 4 of mine.py",
    "def setup(): pass\noperations = [id]\ndef invariant(o):\n  assert o": ", in line 4 of mine.py: 'assert o'",
    "def setup(): pass\noperations = [id]\ndef invariant(o, done): pass": "invariant must take one argument, the obj",
    "def setup(o): pass\noperations = [id]\ndef invariant(o): pass": "setup must take no argument; it takes (o)",
    "def setup(): 1 / 0\ndef f(): pass\noperations = [f]\ndef invariant(o): pass": "an operation (f) must take one",
    "def setup(): 1 / 0\noperations = [id]\ndef invariant(o):\n  o == []": "the invariant can never fail; return the",
    "x = 0\ny = 1 / x": "ZeroDivisionError: division by zero, in line 2 of mine.py: 'y = 1 / x'); fix it",
    "import sys; sys.exit(0)": "exits when it is imported (exit code 0), in line 1 of mine.py: 'import sys",
    "x = 1\ny = = 1": "SyntaxError: invalid syntax, in line 2 of mine.py: 'y = = 1'); fix it first",
}


@pytest.mark.parametrize(("text", "why"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_file_that_cannot_be_tested_costs_one_line(tmp_path, text, why):
    """With its name, the cause, and exit code 2, after the Python under which it is looked at."""
    done = race(tmp_path, text)
    assert (done.returncode, done.stdout.count("\n")) == (2, 1)
    assert done.stdout.startswith("under Python ")
    assert "mine.py" in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert why in line


@pytest.mark.parametrize("option", [["--workers", "0"], ["--round", "0"], ["--repeat", "-1"], ["--budget", "soon"]])
def test_options_that_make_no_sense_are_refused(tmp_path, option):
    assert race(tmp_path, SAFE, *option).returncode == 2


def test_operations_that_end_python_alone_cost_one_line(tmp_path):
    """Whatever they do, it happens in a process of its own; that is no question of threads."""
    done = race(tmp_path, SAFE.replace("counter.add(-1)", "__import__('os')._exit(4)"))
    assert (done.returncode, done.stdout.count("\n")) == (2, 1)
    assert (
        "mine.py ends the Python that runs it (running its operations one after the other: exit code 4)" in done.stderr
    )


def test_an_operation_that_raises_breaks_the_round(tmp_path):
    """Threads would raise it, too; alone it does not."""
    text = UNSAFE.replace("time.sleep(0.0001)", "time.sleep(0.0001); assert self.inside == 1")
    done = race(tmp_path, text, "--workers", "3", "--repeat", "3")
    assert done.returncode == 3
    assert "an operation raised AssertionError" in done.stdout
