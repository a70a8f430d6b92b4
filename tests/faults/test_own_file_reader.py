"""A user's file is imported in a process of its own, with a limit: its top level costs one line at most."""

import os
import time

import psutil
import pytest

from faults.rig import TALLY, eventually
from gil_lab.experiment import own_files
from gil_lab.model.errors import UsageError

WORK = """
import gil_lab


def task(number):
    return number


WORK = gil_lab.Workload("numbers", "cpu", [1, 2, 3], {"call": task})
"""
HARMLESS = {
    "another working directory": "import os; os.chdir('/')",
    "ignored signals": "import signal; [signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)]",
    "a handler of its own": "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))",
    "closed streams": "import os; os.close(1); os.close(2)",
    "replaced streams": "import sys; sys.stdout = sys.stderr = None",
    "an exit handler": "import atexit, os; atexit.register(lambda: os._exit(77))",
    "a low recursion limit": "import sys; sys.setrecursionlimit(100)",
    "faulthandler": "import faulthandler; faulthandler.dump_traceback_later(0.1)",
    "an object with every name": "class Any:\n    def __getattr__(self, name): return self\nANY = Any()",
    "an object with no name": "class No:\n    def __getattr__(self, name): raise RuntimeError(name)\nNO = No()",
    "a mock": "from unittest.mock import Mock; MOCK = Mock(spec=gil_lab.Workload)",
    "a namespace": "from types import SimpleNamespace; PARAMETERS = SimpleNamespace(design='square', question='?')",
    "a thread that goes on": "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()",
    "a process that goes on": "import subprocess; subprocess.Popen(['sleep', '600'])",
    "a second answer": "import os; os.fork()",
    "much output": "print('x' * 10**7)",
    "another name of its own": "__name__ = '__main__'",
}
"""They do not keep a file from being measured."""
FATAL = {
    "an exit": ("raise SystemExit(3)", "does not import (SystemExit: 3, in line 11 of mine.py: 'raise SystemExit(3)')"),
    "an exit at once": ("import os; os._exit(0)", "ends the Python that imports it (exit code 0)"),
    "an interrupt": ("raise KeyboardInterrupt", "ends the Python that imports it (KeyboardInterrupt)"),
    "a crash": ("import os; os.kill(os.getpid(), 11)", "ends the Python that imports it ("),
    "an error": ("1 / 0", "does not import (ZeroDivisionError: division by zero, in line 11 of mine.py: '1 / 0')"),
    "an endless loop": ("while True: pass", "is still being imported after"),
    "a sleep": ("import time; time.sleep(600)", "is still being imported after"),
    "every descriptor closed": ("import os; os.closerange(0, 1000)", "ends the Python that imports it ("),
    "no JSON": ("import json; json.dumps = None", "ends the Python that imports it ("),
}


@pytest.fixture
def file(tmp_path):
    """A writer of a file with that code below a workload."""

    def write(code):
        path = tmp_path / "mine.py"
        path.write_text(f"{WORK}\n{code}\n")
        return path

    return write


@pytest.fixture(autouse=True)
def nothing_stays():
    """Whatever a file has started is gone when it has been read."""
    before = set(psutil.Process().children(recursive=True))
    yield
    assert eventually(lambda: set(psutil.Process().children(recursive=True)) <= before)
    TALLY["faults injected"] += 1


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in HARMLESS.items()])
def test_fault_58_a_file_is_read_whatever_else_it_does(file, code):
    """The lab has its own directory, signals, streams and names afterwards."""
    where = os.getcwd()  # noqa: PTH109 - as a file changes it
    catalogue = own_files.read(file(code))
    assert list(catalogue.workloads) == ["work"]
    assert (catalogue.strategies, catalogue.experiment) == ({}, None)
    assert catalogue.workload("work").tasks == 3
    assert os.getcwd() == where  # noqa: PTH109


@pytest.mark.parametrize(("code", "message"), [pytest.param(*case, id=name) for name, case in FATAL.items()])
def test_fault_58_a_file_that_cannot_be_read_is_one_line(file, code, message, monkeypatch):
    """With the cause and the next step, and within the limit."""
    if "still being imported" in message:
        monkeypatch.setattr(own_files, "READ_TIMEOUT_S", 0.5)  # whatever it does by then, it does not answer later
    began = time.monotonic()
    with pytest.raises(UsageError) as error:
        own_files.read(file(code))
    assert time.monotonic() - began < 30
    assert str(error.value).startswith(f"mine.py {message}")
    assert "\n" not in str(error.value)
    assert ";" in str(error.value)


def test_functions_of_a_file_are_never_called_in_the_lab(file):
    """They stay where the file was imported."""
    workload = own_files.read(file("")).workload("work")
    with pytest.raises(RuntimeError, match="in measured processes only"):
        workload.forms["call"](1)
