"""Advice on a function, from the command line and in a library, and what it says of functions it cannot advise on."""

import json
import runpy
import shutil
import sys
from dataclasses import replace

import psutil
import pytest
from command_line import called, rows_of
from made_targets import written

from gil_lab.advice import examination, trials
from gil_lab.advice.examination import compilation
from gil_lab.advice.program import ProgramState, state
from gil_lab.interpreters import choose
from gil_lab.measuring.machine import this_machine
from gil_lab.measuring.program import watch
from gil_lab.measuring.program_gil import ProgramGil
from gil_lab.model.errors import UsageError
from gil_lab.model.target import GivenInputs, Location, Target

pytestmark = pytest.mark.usefixtures("this_is_found_once", "children_are_forked")
MOST_ATTEMPTS = 3

MINE = """
import asyncio, os, random, sys, threading, time
from dataclasses import dataclass

COUNT = 0
LOCK = threading.Lock()


def count(limit):
    return sum(1 for number in range(2, limit % 50 + 400) if all(number % d for d in range(2, number)))


def waits(item):
    time.sleep(0.002)
    return item


async def waits_well(item):
    await asyncio.sleep(0.01)
    return item


async def blocks(item):
    time.sleep(0.01)
    return item


def shared(item):
    global COUNT
    COUNT += 1
    time.sleep(0.001)
    return COUNT * 0 + threading.active_count() * 0 + item + (threading.current_thread() is not threading.main_thread())


def lasts(item):
    time.sleep(1000)


def leaves(item):
    os._exit(3)


def exits(item):
    sys.exit(4)


def third(item):
    if item == 2:
        raise ValueError("three")


def reads(item):
    return input()


def differs(item):
    return random.random()


TAKEN = []


def numbers(item):
    TAKEN.append(item)
    return len(TAKEN)


def makes(item):
    yield item


def two(x, y):
    return x + y


async def never(item):
    await asyncio.Event().wait()


@dataclass
class Point:
    x: int


def point(item):
    print("seen", item)
    return Point(item)


def sorts(items):
    items.sort()
    return items


LISTS = [[3, 1, 2] for _ in range(10)]
NUMBER = 5
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    return written(tmp_path_factory.mktemp("advise"), MINE)


@pytest.fixture(scope="module")
def this_python():
    return choose(["this"], strategies=["sequential"]).interpreters[0]


def asked(mine, name, kind="range", value="8"):
    return Target(name, Location(str(mine), "", name), GivenInputs(kind, value))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("leaves", r"ends the Python that runs it \(calling it for input 0: exit code 3\)"),
        ("exits", "exits for input 0"),
        ("third", "raises ValueError: three for input 2"),
        ("reads", "reads from standard input"),
        ("differs", "answers differently each time: .* --seedable"),
        ("numbers", "answers differently each time: .* it changes TAKEN: return what it adds"),
        ("makes", "answers with a value of type generator"),
        ("two", "cannot be called with the input 0"),
        ("NUMBER", "is of type int, which cannot be called"),
        ("nothing", "has no 'nothing'"),
    ],
)
def test_what_no_advice_can_be_given_on_is_one_line(mine, this_python, name, words):
    """With the cause and the next step, whatever the function does."""
    with pytest.raises(UsageError, match=words) as refused:
        examination.examine(asked(mine, name), this_python)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["lasts", "never"])
def test_a_call_that_does_not_end_is_one_line(mine, this_python, name, monkeypatch):
    """That says which input it was called for."""
    monkeypatch.setattr(examination, "PHASE_TIMEOUT_S", 2.0)
    with pytest.raises(UsageError, match=r"does not end within 2 s \(calling it for input 0\)"):
        examination.examine(asked(mine, name), this_python)


def test_what_is_found_out_about_a_function(mine, this_python):
    """Its kind, its calls, its answers."""
    plain = examination.examine(asked(mine, "count"), this_python)
    assert (plain.is_coroutine, plain.inputs, plain.times.calls, plain.importable) == (False, 8, 7, "mine")
    assert plain.unpicklable == ""
    waiting = examination.examine(asked(mine, "waits_well"), this_python)
    assert waiting.is_coroutine
    assert waiting.times.cpu_s < waiting.times.wall_s
    printing = examination.examine(asked(mine, "point"), this_python)
    assert printing.prints
    assert printing.not_comparable == ""
    assert examination.examine(asked(mine, "sorts", "name", f"{mine}:LISTS"), this_python).mutates


def test_numba_is_asked(mine, this_python):
    """It compiles the function as it stands; why it does not compile another one: see what changes a global."""
    assert examination.compilation(asked(mine, "two", "repeat", "4 1, 2"), this_python).forms == ("nogil",)


@pytest.fixture(scope="module", autouse=True)
def one_core():
    """Then fewer workers are worth a try: what waits gains from them all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trials, "this_machine", lambda: replace(this_machine(), usable_cores=1))
        yield


@pytest.fixture(scope="module")
def advised(mine, one_core):
    """Compared without what needs packages: joblib is compared for a function of a script."""
    every = trials.worth_a_try

    def plain(examined, catalogue, *numbers):
        return [one for one in every(examined, catalogue, *numbers) if not catalogue.strategy(one[0]).requires]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trials, "worth_a_try", plain)
        return _advised(mine)


def _advised(mine):
    """Once more where other programs had the cores, and it says so."""
    for _ in range(MOST_ATTEMPTS):
        shutil.rmtree(mine.parent / "results", ignore_errors=True)
        done = called("advise", "mine.py:waits", "--inputs", "range:1000", "--budget", "2s", cwd=mine.parent)
        assert (done.returncode, done.stderr) == (0, "")
        if "\nwaits: use " in done.stdout:
            break
    return done.stdout


def test_the_advice_comes_first_and_the_code_after_it(advised, mine):
    """For a function that waits, more than one call at a time; the code is there as a file, and was run.

    It has two seconds of work, so that a pool is worth its start on a busy machine, too.
    """
    said, _, code = advised.partition("The code, run as it stands")
    answer = said[said.index("\nwaits:") + 1 :].rstrip().splitlines()
    assert answer[0].startswith("waits: use ")
    assert len(answer) <= 20
    assert max(map(len, answer)) <= 80
    assert "a plain function; coroutines need async def" in said
    assert "from mine import waits" in code
    (written_code,) = mine.parent.glob("results/advise-waits/*/advised_code.py")
    assert written_code.read_text().rstrip() in advised
    assert {row["status"] for row in rows_of(mine.parent)} == {"ok"}


def test_the_session_is_reported_like_any_other(advised, mine):
    """The newest one; the trial of the code lies within it."""
    done = called("report", "--format", "json", cwd=mine.parent)
    assert done.returncode == 0
    assert {row["workload"] for row in json.loads(done.stdout)} == {"waits"}
    (session,) = mine.parent.glob("results/advise-waits/*")
    assert json.loads((session / "session.json").read_text())["target"] == "mine.py:waits with range:1000"
    resumed = called("run", "--resume", session, cwd=mine.parent)
    assert resumed.returncode == 2
    assert "and is not resumed; run that command again" in resumed.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["advise"], "Missing argument"),
        (["advise", "mine.py"], "is a whole file; say what of it is meant: mine.py:NAME"),
        (["advise", "nosuch.py:f", "--inputs", "range:3"], "no file"),
        (["advise", "mine.py:count"], "no inputs"),
        (["advise", "mine.py:count", "--inputs", "range:3", "--repeat", "3"], "by one of"),
        (["advise", "mine.py:count", "--args", "3"], "--args needs --repeat"),
        (["advise", "mine.py:count", "--repeat", "0"], "1 to 100000"),
        (["advise", "mine.py:count", "--repeat", "3", "--args", "open("], "--args takes Python values"),
        (["advise", "mine.py:count", "--each-line", "nosuch.log"], "no file"),
        (["advise", "mine.py:count", "--command", "true"], "leave out the function"),
        (["advise", "--command", ""], "empty"),
        (["advise", "--command", "nosuchprogram"], "cannot be started"),
        (["advise", "mine.py:count", "--inputs", "range:1"], "single input"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_written(mine, arguments, words, tmp_path):
    """One line, exit 2."""
    written(tmp_path, MINE)
    done = called(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]


LIBRARY = """
import gil_lab

def slow(x, y):
    import time
    time.sleep(0.002)
    return x + y

if __name__ == "__main__":
    for _ in range(MOST_ATTEMPTS):
        advice = gil_lab.advise(slow, [(n, 1) for n in range(200)], budget_s=2)
        if advice.tried is not None:
            break
    print(advice.decision.best.cell.strategy)
    print(advice._repr_html_()[:9], advice.tried is not None, repr(advice).count("def call(item)"))
"""


def test_a_function_of_a_script_is_advised_on_in_python(tmp_path, monkeypatch, capsys):
    """As one of a notebook: it has no module, and the code is tried all the same."""
    monkeypatch.chdir(tmp_path)
    runpy.run_path(
        str(written(tmp_path, LIBRARY.replace("MOST_ATTEMPTS", str(MOST_ATTEMPTS)), "script.py")), run_name="__main__"
    )
    done = capsys.readouterr()
    assert done.err == ""
    strategy, rest = done.out.splitlines()
    assert strategy in ("threading", "joblib")
    assert rest == "<pre>slow True 1"


def test_a_model_with_other_answers_is_unsafe(mine):
    """Threads that see another thread's state answer otherwise."""
    done = called("advise", "mine.py:shared", "--inputs", "range:12", "--budget", "0.5s", cwd=mine.parent)
    assert done.returncode == 0
    assert "unsafe for this function: " in done.stdout
    assert "use threading" not in done.stdout


def test_a_function_that_changes_a_global_gets_no_processes(mine, monkeypatch):
    """Each of them would change a copy of its own. Nor does Numba compile it, for a reason of one line."""
    refused = []
    monkeypatch.setattr(examination, "compilation", lambda *args: refused.append(compilation(*args)) or refused[0])
    mine.write_text("SEEN = {}\n\ndef remember(n):\n    SEEN[n] = sum(k * n % 7 for k in range(3_000))\n")
    options = ("--inputs", "range:50", "--budget", "0.5s", "--details")
    done = called("advise", "mine.py:remember", *options, cwd=mine.parent)
    assert done.returncode == 0
    assert "it changes SEEN" in " ".join(done.stdout.split())
    assert "use multiprocessing" not in done.stdout
    (numba,) = refused
    assert numba.forms == ()
    assert numba.reason in " ".join(done.stdout.split())
    assert "\n" not in numba.reason


def test_a_wrong_verify_is_found_at_the_first_calls(mine):
    """With the exception that it raises, and exit code 2."""
    mine.write_text("def double(n):\n    return 2 * n\n\ndef check(n):\n    return True\n")
    done = called("advise", "mine.py:double", "--inputs", "range:50", "--verify", "mine.py:check", cwd=mine.parent)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "--verify check raises TypeError" in line


def test_a_program_is_watched_until_it_ends():
    """Its processes, threads and exit code."""
    use = watch([sys.executable, "-c", "import time; time.sleep(0.3); raise SystemExit(7)"], 30.0)
    assert use.exit_code == 7
    assert use.processes >= 1
    assert use.cpu_s < use.wall_s


SPINNING = """
import os, sys, threading, time
def spin():
    until_s = None
    while until_s is None or time.process_time() < until_s:
        sum(range(1000))
        if until_s is None and os.path.exists(sys.argv[1]):
            until_s = time.process_time() + 2.0
threads = [threading.Thread(target=spin) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of other processes is read on Linux")
def test_the_gil_of_a_program_is_seen_without_its_help(monkeypatch, tmp_path):
    """Three threads that compute: one holds it, and the others wait for it, however busy the machine is.

    They go on until it is looked at, and for a while then.
    """
    begin, begun = ProgramGil._watch, tmp_path / "begun"
    monkeypatch.setattr(ProgramGil, "_watch", lambda *given: (begin(*given), begun.touch()))
    use = watch([sys.executable, "-c", SPINNING, begun], 30.0)
    assert use.gil is not None
    assert use.gil.held_share > 0.5
    assert use.gil.waiting > 0.1  # two of three; beside others they are ready as well, after each 5 ms
    assert state(use) is ProgramState.TAKING_TURNS


def test_what_a_program_starts_in_a_session_of_its_own_is_ended_too():
    """Whoever its parent was, it becomes our child when that ends."""
    watch(["sh", "-c", "(setsid sleep 986 &) ; sleep 0.2"], 10.0)
    assert not [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == ["sleep", "986"]]


def test_a_program_that_does_not_end_is_ended_with_all_that_it_started():
    """After the time that it is watched for."""
    program = "import subprocess, sys, time; subprocess.Popen(['sleep', '987']); time.sleep(987)"
    use = watch([sys.executable, "-c", program], 1.0)
    assert use.exit_code is None
    assert not [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == ["sleep", "987"]]
