"""Exercises: each program fails as it is given and passes as it is repaired; what students may hand in instead."""

import os
from pathlib import Path

import pytest
from asked_once import asked_once
from command_line import called
from examples import thorough
from places import ROOT
from pythons import executable

from gil_lab.advice import exercises
from gil_lab.analysis.claims import Outcome
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.sessions.exercise_checks import checks

ALL = exercises.every_exercise()
MOST_ATTEMPTS = 3
"""Of what is inconclusive because other programs had the cores: it says so, and is tried again."""
NEED_TWO_CORES = ("free-threaded-race", "prange-race")
"""At a time: they look for that for seconds by themselves. A machine that never has them for a while shows nothing, and
no test needs a quiet one."""


pytestmark = pytest.mark.usefixtures("children_are_forked", "numba_is_imported")


def checked(name, file, *, python="", timeout_s=exercises.TIMEOUT_S):
    for _ in range(1 if name in NEED_TWO_CORES else MOST_ATTEMPTS):
        found = exercises.check(name, file, python=python, timeout_s=timeout_s)
        if found.judgement.outcome is not Outcome.INCONCLUSIVE:
            break
    return found


def edited(name, tmp_path, *replacements, of="program"):
    """A program with some of its text replaced."""
    text = (ROOT / "exercises" / name.replace("-", "_") / f"{of}.py").read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "mine.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ALL)
def test_a_program_fails_as_it_is_given_and_passes_as_it_is_repaired(name, monkeypatch):
    """The claim does not hold, and then it holds; or nothing can be said, where that can be."""
    folder = ROOT / "exercises" / name.replace("-", "_")
    python = executable("3.13t") if ALL[name].without_gil else ""
    asked_once(monkeypatch, python)
    given = checked(name, folder / "program.py", python=python)
    nothing = {Outcome.INCONCLUSIVE} if name in NEED_TWO_CORES else set()
    assert given.judgement.outcome in {Outcome.FAILS} | nothing, given
    repaired = checked(name, folder / "solution.py", python=python)
    assert repaired.judgement.outcome in {Outcome.HOLDS} | nothing, repaired


if thorough():  # one more of Numba's compilations

    def test_a_loop_in_which_each_thread_has_a_place_of_its_own_is_repaired(tmp_path):
        """It is slow, as its threads write beside each other, and right."""
        places = [("zeros(1", "zeros(get_num_threads()"), ("sums[0] +=", "sums[get_thread_id()] +=")]
        names = [
            ("import njit", "import get_num_threads, get_thread_id, njit"),
            ("return sums[0]", "return sums.sum()"),
        ]
        found = checked("prange-race", edited("prange-race", tmp_path, *places, *names))
        assert found.judgement.outcome in {Outcome.HOLDS, Outcome.INCONCLUSIVE}, found


WRONG = {
    "chunk-of-one": [
        ("list(pool.map(work, numbers))", "[0] * len(numbers)", "right answers, of 400: 0"),
        ("list(pool.map(work, numbers))", "list(map(work, numbers))", "calls in other processes, of 400: 0"),
        ("list(pool.map(work, numbers))", "list(pool.map(work, numbers[:9], chunksize=9))", "right answers, of 400: 0"),
        ("list(pool.map(work, numbers))", "None", "right answers, of 400: 0"),
    ],
    "pool-in-each-call": [
        ("list(pool.map(work, numbers))", "list(map(work, numbers))", "calls in other processes, of 20: 0"),
    ],
    "lost-updates": [
        ("self.balance += amount", "self.balance = 10**6", ": 1,000,000 (claimed: "),
        ("self.balance += amount", "raise ValueError('closed')", "deposit() raises ValueError: closed"),
        ("self.balance += amount", "raise ValueError('\\x1b[31m\\n')", r"deposit() raises ValueError: \x1b[31m\n"),
        ("self.balance = 0", "self.balance = 'much'", "deposit() raises ValueError"),
        ("self.balance += amount", "self.balance += 1", "balance after deposits of "),
        ("self.balance += amount", "self.balance = '80'", "no number that the deposits can come to (str)"),
        ("self.balance += amount", "self.balance = 10**6000", "no number that the deposits can come to (int)"),
        ("self.balance", "self.money", "what it returns cannot be checked (AttributeError"),
    ],
}
EACH_ITS_PROCESS = """
from multiprocessing import get_context

def send(connection, limit):
    connection.send(primes(limit))

if __name__ == "__main__":
    spawn = get_context("spawn")
    for limit in limits:
        ours, theirs = spawn.Pipe()
        spawn.Process(target=send, args=(theirs, limit)).start()
        print(ours.recv())
"""
CASES = [(name, *case) for name, cases in WRONG.items() for case in cases]


@pytest.mark.parametrize(("name", "old", "new", "why"), CASES, ids=range(len(CASES)))
def test_a_program_without_its_work_does_not_pass(name, old, new, why, tmp_path):
    """Answers are checked, and calls are counted where they are made."""
    found = checked(name, edited(name, tmp_path, (old, new)))
    assert found.judgement.outcome is Outcome.FAILS
    assert why in found.judgement.measured


def test_a_script_that_starts_no_process_does_not_pass(tmp_path):
    """Its numbers are right."""
    name, (pool, use) = "main-guard", ("with ProcessPoolExecutor", "pool.map")
    text = (ROOT / "exercises/main_guard/program.py").read_text()
    head, _, _ = text.partition(pool)
    assert use in text
    (tmp_path / "mine.py").write_text(f"{head}print(*map(primes, limits))\n")
    found = checked(name, tmp_path / "mine.py")
    assert found.judgement.outcome is Outcome.FAILS
    assert "processes that it started: 0 (claimed: at least 1)" in found.judgement.measured


def test_a_script_whose_processes_work_for_nothing_does_not_pass(tmp_path):
    """The numbers that it prints are its own."""
    text = (ROOT / "exercises/main_guard/solution.py").read_text()
    printed = "print(*pool.map(primes, limits))"
    assert printed in text
    (tmp_path / "mine.py").write_text(
        text.replace(printed, "list(pool.map(primes, [3, 4]))\n    print(*map(primes, limits))")
    )
    found = checked("main-guard", tmp_path / "mine.py")
    assert found.judgement.outcome is Outcome.FAILS
    assert "answers that came from them, of 3:" in found.judgement.measured  # 0, unless an answer equals a pid


MEMOIZED = """
import functools

def run(factor, limit):
    steps = functools.lru_cache(None)(lambda number: 1 + (number > 2**25 and steps((number * factor + 1) % 2**31)))
    __import__("sys").setrecursionlimit(10**5)
    found = [steps((start * factor + 1) % 2**31) for start in range(limit)]
    return {"start": found.index(max(found)), "steps": max(found)}
"""


def test_plain_python_with_a_cache_does_not_pass_for_compiled(tmp_path):
    """No call, and no start, repeats what another one has worked out."""
    (tmp_path / "mine.py").write_text(MEMOIZED)
    found = checked("object-mode", tmp_path / "mine.py")
    assert [each.outcome for each in found.judgements] == [Outcome.HOLDS, Outcome.FAILS], found


def test_a_script_that_starts_a_process_for_each_task_passes(tmp_path):
    """How it hands its tasks over does not matter."""
    text = (ROOT / "exercises/main_guard/program.py").read_text()
    head, _, _ = text.partition("with ProcessPoolExecutor")
    head = head.replace("limits =", "limits = []\nif __name__ == '__main__':\n    limits =")
    (tmp_path / "mine.py").write_text(f"{head}{EACH_ITS_PROCESS}")
    found = checked("main-guard", tmp_path / "mine.py")
    assert found.judgement.outcome is Outcome.HOLDS, found


def test_one_process_where_two_were_asked_for_does_not_pass(tmp_path):
    """To have no pool in each task is not enough."""
    found = checked("nested-pools", edited("nested-pools", tmp_path, ("WORKERS = 2", "WORKERS = 1"), of="solution"))
    assert found.judgement.outcome is Outcome.FAILS
    assert "processes that do the work: 1 (claimed: 2)" in found.judgement.measured


def test_a_lock_that_is_gone_is_no_repair(tmp_path):
    """The pages are waited for together, and what is read before the others write is lost."""
    held = "        with self.lock:\n            text = read(address)\n            self.total += len(text.split())"
    gone = "        text, total = read(address), self.total\n        __import__('time').sleep(0.1)"
    path = edited("lock-across-io", tmp_path, (held, f"{gone}\n        self.total = total + len(text.split())"))
    found = checked("lock-across-io", path)
    assert found.judgement.outcome is Outcome.FAILS
    assert [each.outcome for each in found.judgements] == [Outcome.FAILS, Outcome.HOLDS, Outcome.HOLDS]


def test_threads_are_as_good_as_coroutines_that_do_not_block(tmp_path):
    """What is judged is what the server sees."""
    pool = (
        "import concurrent.futures\n\ndef run(addresses):\n    with concurrent.futures.ThreadPoolExecutor(9) as pool:"
    )
    new = f"{pool}\n        return list(pool.map(read, addresses))\n\ndef other(addresses):"
    found = checked("blocking-call", edited("blocking-call", tmp_path, ("def run(addresses):", new)))
    assert found.judgement.outcome is Outcome.HOLDS


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1 +", "it raises SyntaxError: invalid syntax (mine.py, line 1) when it is imported"),
        ("import nowhere_at_all", "it raises ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("class Accounts: pass", "it has no Account; keep the names"),
        ("import sys\nsys.exit(4)", "it exits when it is imported (exit code 4)"),
        ("Account = 3", "it raises TypeError: 'int' object is not callable in Account()"),
        ("import os\nos._exit(3)", "it ends the Python that runs it (importing it: exit code 3)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "it ends the Python that runs it (importing it"),
        ("import sys\nsys.setrecursionlimit(90)\ndef f(): f()\nf()", "it raises RecursionError"),
        (
            "import os\nfor n in range(3, 1 << 12):\n    try: os.write(n, b'{}\\n')\n    except OSError: pass",
            "it writes where",
        ),
        ("Account = lambda: '\\x1b[31m' + undefined", "it raises NameError: name 'undefined' is not defined"),
    ],
)
def test_whatever_a_file_does_instead_is_a_claim_that_does_not_hold(text, why, tmp_path):
    """With what it did, in one line."""
    (tmp_path / "mine.py").write_text(text)
    found = checked("lost-updates", tmp_path / "mine.py")
    assert found.judgement.outcome is Outcome.FAILS
    assert why in found.judgement.measured
    assert found.judgement.measured.isprintable()


@pytest.mark.parametrize(
    ("text", "doing", "seconds"),
    [
        ("while True: pass", "importing it, in line 1 of mine.py: 'while True: pass'", 1.5),
        (
            "import time\ndef Account():\n    while True: time.sleep(0.01)",
            "calling Account(), in line 3 of mine.py: 'while True: time.sleep(0.01)'",
            1.5,
        ),
        (
            "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
            "importing it, in line 4 of mine.py: 'lock.acquire()'",
            1.5,
        ),
        (
            (
                "import threading\nclass Account:\n    lock = threading.Lock()\n    def deposit(self, amount):\n"
                "        self.lock.acquire()"
            ),
            "calling deposit() in 4 threads, in line 5 of mine.py: 'self.lock.acquire()'",
            1.5,
        ),
    ],
)
def test_a_file_that_does_not_end_is_ended(text, doing, seconds, tmp_path):
    """After the time that it has in all; that begins when it is imported."""
    (tmp_path / "mine.py").write_text(text)
    found = checked("lost-updates", tmp_path / "mine.py", timeout_s=seconds)
    assert found.judgement.outcome is Outcome.FAILS
    assert found.judgement.measured == f"it does not end: after {seconds:g} s it was ended ({doing})"


def test_what_it_leaves_behind_is_ended_with_it(tmp_path):
    """Processes that do not end by themselves."""
    pid = tmp_path / "pid"
    start = "import subprocess\nleft = subprocess.Popen(['sleep', '300'], start_new_session=True)"
    note = f"open({str(pid)!r}, 'w').write(str(left.pid))"
    path = edited("lost-updates", tmp_path, ("class Account", f"{start}\n{note}\nclass Account"), of="solution")
    assert checked("lost-updates", path).judgement.outcome is Outcome.HOLDS
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_it_may_print(tmp_path):
    """Also in its workers, and as much as it likes: nothing of it reaches the terminal."""
    path = edited("lost-updates", tmp_path, ("self.balance = 0", "self.balance = 0; print('x' * 10**6)"), of="solution")
    done = called("exercise", "lost-updates", "--check", path, cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout) < 1000


def test_what_needs_a_package_says_so_with_the_remedy():
    """No Numba, no exercise: that is no mistake of the student's."""
    file = ROOT / "exercises" / "object_mode" / "solution.py"
    with pytest.raises(NothingMeasuredError, match=r"numba has no build for 3\.13t, and will have none: use 3\.14t"):
        exercises.check("object-mode", file, python=executable("3.13t"))


def test_a_race_without_the_gil_is_not_looked_for_under_it():
    """The Python that runs the tests has one."""
    file = ROOT / "exercises" / "free_threaded_race" / "solution.py"
    with pytest.raises(UsageError, match="has the GIL, and this shows only without it"):
        exercises.check("free-threaded-race", file, python=executable("3.14"))


def test_the_command_puts_the_program_here_and_checks_what_becomes_of_it(tmp_path):
    """From the first command to the last: the list then says that it is done."""
    begun = called("exercise", "lost-updates", cwd=tmp_path)
    file = tmp_path / "lost_updates.py"
    assert begun.returncode == 0
    assert "gil-lab exercise lost-updates --check lost_updates.py" in begun.stdout
    failed = called("exercise", "lost-updates", "--check", "lost_updates.py", cwd=tmp_path)
    assert failed.returncode == 3
    first, *_ = failed.stdout.splitlines()
    assert first.startswith("lost_updates.py under Python")
    assert "the claim does not hold yet" in first
    assert f"Hint: {ALL['lost-updates'].hint[:20]}" in failed.stdout
    assert "Done." not in called("exercise", cwd=tmp_path).stdout
    solution = called("exercise", "lost-updates", "--solution", cwd=tmp_path)
    file.write_text(solution.stdout)
    passed = called("exercise", "lost-updates", "--check", "lost_updates.py", cwd=tmp_path)
    assert passed.returncode == 0
    assert "the claim holds" in passed.stdout.splitlines()[0]
    assert "Hint" not in passed.stdout
    assert called("exercise", cwd=tmp_path).stdout.count("Done.") == 1
    assert [each.outcome for each in checks(tmp_path / "results")] == ["does not hold", "holds"]
    assert {path.name for path in tmp_path.iterdir()} == {"lost_updates.py", "results"}


def test_results_that_cannot_be_written_cost_a_note(tmp_path):
    """The answer stands all the same."""
    (tmp_path / "results").write_text("a file")
    done = called("exercise", "lost-updates", "--check", exercises_file("lost_updates"), cwd=tmp_path)
    assert done.returncode == 0
    assert "Note: results cannot be made" in done.stdout


def exercises_file(folder):
    return Path(ROOT, "exercises", folder, "solution.py")
