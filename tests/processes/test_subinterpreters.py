"""A pool of interpreters: complete when it is open, gone when it is closed, and what a task raises comes out named."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import pythons
from examples import thorough
from offered_modules import offer_modules
from places import FAKE_CHILD, SUPPORT

from gil_lab.measuring import controller
from gil_lab.measuring.environment import environment
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.records import Cell, Status, Trial
from gil_lab.suite.catalogue import Catalogue, module_name
from gil_lab.suite.strategies.subinterpreters import portable

TASKS = SUPPORT / "interpreter_tasks.py"
PROLOGUE = f"""
import json, os, sys
import {module_name(TASKS)} as tasks
from concurrent import interpreters
from gil_lab.suite.catalogue import Catalogue
pool = Catalogue().strategy("subinterpreters").open
def alive():
    return len(interpreters.list_all()) - 1
def tell(**what):
    print(json.dumps(what), flush=True)
"""
THERE = [label for label in pythons.found() if pythons.version(label) >= (3, 14)]
every_python = pytest.mark.parametrize("python", (THERE if thorough() else THERE[-1:]) or ["3.14"])
"""Outside the thorough profile the newest: pools of interpreters are opened under each in test_contract.py."""


def run(python, code, folder):
    """What the program tells in its last line; it ends with 0 and prints no error."""
    program = pythons.executable(python)
    offer_modules(folder / "modules", TASKS)
    built = environment(2, folder, "test")
    done = subprocess.run(
        [program, "-c", code], capture_output=True, text=True, timeout=60, check=False, env=built, cwd=folder
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout.splitlines()[-1])


@every_python
def test_all_interpreters_are_there_when_the_pool_is_open_and_gone_when_it_is_closed(python, tmp_path):
    """None is started by the first pass, and none is left for the end of the process, where it would abort."""
    code = f"""{PROLOGUE}
with pool(3) as run:
    opened = alive()
    run(abs, range(9))
    used = alive()
tell(opened=opened, used=used, closed=alive())
"""
    assert run(python, code, tmp_path) == {"opened": 3, "used": 3, "closed": 0}


@every_python
def test_pools_are_opened_and_closed_over_and_over(python, tmp_path):
    """Nothing of one is left to the next: no interpreter, no open file."""
    code = f"""{PROLOGUE}
from gil_lab.suite.instruments.spans import TracedCall
def files():
    return len(os.listdir("/dev/fd"))
counts = set()
for number in range(4):
    with pool(2) as run:
        run(TracedCall(tasks.same), range(20))
        inside = files()
    counts.add((alive(), files(), inside - files() < 20))
tell(counts=sorted(counts)[1:])
"""
    assert run(python, code, tmp_path) == {"counts": []}


@every_python
def test_any_value_that_can_be_pickled_goes_in_and_comes_out(python, tmp_path):
    """Plain values are handed over, others are pickled."""
    code = f"""{PROLOGUE}
values = [None, True, -1, 10**30, 1.5, "text \\u20ac", b"bytes", (1, (2, None)), [1, [2]], {{"key": {{1, 2}}}}, 1 + 2j]
with pool(2) as run:
    tell(same=run(tasks.same, values) == values)
"""
    assert run(python, code, tmp_path) == {"same": True}


RAISED = {
    "leave": "SystemExit: task 7",
    "fail_unsendably": "RuntimeError: UnsendableError: task 7",
    "fail_with_two_arguments": "RuntimeError: TwoArgumentsError: task 7",
    "no_value": "NotShareableError: object does not support cross-interpreter data",
}


@every_python
def test_what_a_task_raises_is_named(python, tmp_path):
    """As itself if it can be sent, else by its name; so is an output that cannot be sent. The pool goes on."""
    code = f"""{PROLOGUE}
found = {{}}
with pool(2) as run:
    for name in {tuple(RAISED)!r}:
        try:
            run(getattr(tasks, name), [7])
        except BaseException as error:
            told, where = f"{{type(error).__name__}}: {{error}}", "".join(getattr(error, "__notes__", ["tasks.py"]))
        found[name] = told, "tasks.py" in where, run(tasks.same, [1])
tell(**found)
"""
    assert run(python, code, tmp_path) == {task: [told, True, [1]] for task, told in RAISED.items()}


PICKY = """
import importlib
from concurrent import interpreters
def refuse():
    for name in ("_curses", "readline", "_testsinglephase"):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        except ImportError as error:
            raise ImportError("many lines\\nof advice") from error
def task(item):
    return refuse()
"""


@every_python
@pytest.mark.parametrize("where", ["in the task", "at the top of its module"])
def test_a_module_that_refuses_is_named(python, where, tmp_path):
    """As numpy does, in one line instead of its own advice, which is about something else."""
    module = tmp_path / "picky.py"
    at_the_top = "if interpreters.get_current() != interpreters.get_main():\n    refuse()\n"
    module.write_text(PICKY + at_the_top * (where != "in the task"))
    code = f"""{PROLOGUE}
sys.path.insert(0, {str(tmp_path)!r})
os.chdir({str(tmp_path)!r})
import picky
with pool(2) as run:
    try:
        run(picky.task, [7])
    except ImportError as error:
        tell(error=str(error))
"""
    told = run(python, code, tmp_path)["error"]
    assert re.fullmatch(r"module \w+ does not support loading in subinterpreters; choose another strategy", told)


@every_python
def test_tasks_that_wait_behind_one_that_fails_are_not_begun(python, tmp_path):
    """As with other pools: the second is in flight already and ends, the third never begins."""
    code = f"""{PROLOGUE}
begun, told = os.pipe()
gate, opening = os.pipe()
with pool(1) as run:
    try:
        run(tasks.begin_and_wait, [None, (told, gate), (told, gate)])
    except LookupError as error:
        os.write(opening, b"..")
os.close(told)
tell(begun=len(os.read(begun, 9)) < 2, alive=alive())
"""
    assert run(python, code, tmp_path) == {"begun": True, "alive": 0}


@every_python
def test_an_interrupt_closes_the_pool(python, tmp_path):
    """Ctrl-C while tasks are in flight: they end, nothing is left, and the process ends as it should."""
    code = f"""{PROLOGUE}
import signal, threading
begun, told = os.pipe()
gate, opening = os.pipe()
def interrupt():
    os.read(begun, 1), os.read(begun, 1)
    os.kill(os.getpid(), signal.SIGINT)
    caught.wait()
    os.write(opening, b"..")
caught = threading.Event()
thread = threading.Thread(target=interrupt)
try:
    with pool(2) as run:
        thread.start()
        try:
            run(tasks.begin_and_wait, [(told, gate)] * 6)
        finally:
            caught.set()
except KeyboardInterrupt:
    thread.join()
    tell(interrupted=True, alive=alive())
"""
    assert run(python, code, tmp_path) == {"interrupted": True, "alive": 0}


@every_python
def test_an_interpreter_that_does_not_come_up_is_an_error_and_no_deadlock(python, tmp_path):
    """The others, which wait for it, are let go."""
    code = f"""{PROLOGUE}
import logging
logging.disable()
import itertools
create, number = interpreters.create, itertools.count()
def create_one():
    if next(number) > 0:
        raise interpreters.InterpreterError("no more of them")
    return create()
interpreters.create = create_one
try:
    with pool(3):
        pass
except RuntimeError as error:
    tell(error=type(error).__name__)
"""
    assert run(python, code, tmp_path) == {"error": "BrokenInterpreterPool"}


@every_python
def test_every_traced_task_has_all_its_clocks(python, tmp_path):
    """Thread, time on a core and wait for a core are reported from inside an interpreter as from a thread."""
    code = f"""{PROLOGUE}
from gil_lab.suite.instruments.spans import TracedCall, unfolded
with pool(2) as run:
    outputs, spans = unfolded(run(TracedCall(sum), [range(9000)] * 40))
tell(running=min(s.running_ns for s in spans) > 0, waits=all(s.ready_ns is not None for s in spans),
     here={{s.pid for s in spans}} == {{os.getpid()}}, apart=os.getpid() not in {{s.tid for s in spans}})
"""
    told = run(python, code, tmp_path)
    assert told == {"running": True, "waits": Path("/proc/self/schedstat").exists(), "here": True, "apart": True}


TYPED_IN = """
import json
from gil_lab.suite.strategies.subinterpreters import STRATEGY
one = 1
def add(item):
    return item + one
with STRATEGY.open(2) as run:
    print(json.dumps([run(add, [1, 2, 3]), run(lambda item: item * one, [4])]))
"""


@every_python
def test_functions_that_were_typed_in_are_sent_by_value(python, tmp_path):
    """With their globals, and without running the main program again."""
    if subprocess.run(
        [pythons.executable(python), "-c", "import cloudpickle"], capture_output=True, check=False
    ).returncode:
        pytest.skip(f"no cloudpickle for {python}")
    assert run(python, TYPED_IN, tmp_path) == [[2, 3, 4], [4]]


@every_python
def test_without_cloudpickle_the_remedy_is_reported(python, tmp_path):
    """In one line, before anything is sent."""
    code = f"""
import json, sys
sys.modules["cloudpickle"] = None
try:
    exec({TYPED_IN!r})
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""
    name, told = run(python, code, tmp_path)
    assert name == "UsageError"
    assert "define the task in a file" in told
    assert "\n" not in told


def test_an_exception_that_cannot_be_sent_keeps_its_traceback():
    """As a note, which the log of a failed trial shows."""
    try:
        int("mine")
    except ValueError as error:
        sent = portable(error)
    assert "'mine'" in str(sent)
    assert "test_subinterpreters.py" in sent.__notes__[0]


@pytest.mark.parametrize(("stage", "when"), [("finished", "before its result"), ("end", "after its result")])
def test_an_abort_while_interpreters_are_closed_costs_the_trial(stage, when):
    """Whenever it comes, the numbers of such a process are not believed, and the row says why."""
    launcher = Launcher(command=(sys.executable, str(FAKE_CHILD), f"abort-{stage}"))
    trial = Trial(1, 1, Cell("primes", "subinterpreters", 2, "3.14", 2, 10), 0.1, 20.0)
    result = controller.run(trial, launcher, Catalogue())
    assert (result.status, result.detail, result.measurement) == (Status.CRASHED, f"SIGABRT {when}", None)
