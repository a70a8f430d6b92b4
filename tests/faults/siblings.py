"""An experiment file: strategies that go wrong in their second turn, or between turns, beside others that do not."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from gil_lab import Design, Experiment, Strategy, Workload

HOME = Path(os.environ.get("HOME", "/nonexistent"))
SECOND = 2
"""The turn in which something goes wrong: there is one timed pass in each."""
ONCE = HOME / "once"
"""If there is such a folder, things go wrong in one process only: others may have a second turn too, a repeated one."""
SPINNER = """
import os, time
os.setsid()
if pid := os.fork():
    os._exit(0)
while True:
    rest = time.monotonic() + 0.002
    while time.monotonic() < rest:
        pass
    time.sleep(0.01)
"""
"""It uses a sixth of a core, which is far from sleep, and leaves some to those who wait for it."""


def kind_of_pass():
    """Of the pass that is running: warm-up, traced or timed, as the measured process itself calls it."""
    frame = sys._getframe()
    while frame and (frame.f_code.co_name, frame.f_globals.get("__name__")) != ("timed", "gil_lab.child.trial"):
        frame = frame.f_back
    return frame.f_locals["kind"] if frame else ""


@contextmanager
def numbers(tasks, size):
    yield list(range(tasks))


def verify(inputs, outputs):
    return None if outputs == [item + 1 for item in inputs] else f"got {outputs!r:.60}"


def add_one(item):
    """Longer than --min-time, so that each turn is one pass."""
    time.sleep(0.005)
    return item + 1


def is_first(name):
    """Whether no other process has asked for that name, if it matters."""
    try:
        (ONCE / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:
        pass
    return True


def in_turn(number, what):
    """A strategy that does this in a turn of its process, before the work."""
    name = f"line {sys._getframe(1).f_lineno}"

    @contextmanager
    def pool(workers):
        timed = []

        def run(task, inputs):
            if kind_of_pass() == "timed":
                timed.append(task)
                if len(timed) == number and is_first(name):
                    what()
            return [task(item) for item in inputs]

        yield run

    return Strategy("it goes wrong in one of its turns", "call", pool, None)


def beside(what):
    """A strategy that starts this when it is opened."""

    @contextmanager
    def pool(workers):
        what()
        yield lambda task, inputs: [task(item) for item in inputs]

    return Strategy("it does not sleep between its turns", "call", pool, None)


def spin():
    """In a thread that is never ended; see SPINNER."""

    def forever():
        while True:
            rest = time.monotonic() + 0.002
            while time.monotonic() < rest:
                pass
            time.sleep(0.01)

    threading.Thread(target=forever, daemon=True).start()


def escape():
    """A process that cannot be found by its group, session, parent or environment does not rest; see SPINNER."""
    subprocess.run([sys.executable, "-I", "-S", "-c", SPINNER], env={"HOME": str(HOME)}, timeout=60, check=True)


def leak():
    """A process that sleeps, and ignores signals."""
    code = "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; time.sleep(1e6)"
    subprocess.Popen([sys.executable, "-I", "-S", "-c", code], start_new_session=True)


def wait():
    """The lab may be ended now."""
    (HOME / "reached").touch()
    time.sleep(1e6)


def devour():
    """More memory than there is, page by page."""
    held = []
    while True:
        held.append(bytearray(b"x") * 2**20)


def refuse():
    raise ValueError("not again")


STEADY = in_turn(0, refuse)
CRASHES = in_turn(SECOND, lambda: ctypes.string_at(0))
HANGS = in_turn(SECOND, lambda: time.sleep(1e6))
STOPS = in_turn(SECOND, lambda: os.kill(os.getpid(), signal.SIGSTOP))
IS_KILLED = in_turn(SECOND, lambda: os.kill(os.getpid(), signal.SIGKILL))
REFUSES = in_turn(SECOND, refuse)
LEAVES = in_turn(SECOND, lambda: os._exit(0))
LEAKS = in_turn(SECOND, leak)
WAITS, DEVOURS = in_turn(SECOND, wait), in_turn(SECOND, devour)
SPINS, ESCAPES = beside(spin), beside(escape)
WORK = Workload("for a test", "cpu", numbers, {"call": add_one}, verify, size=1, size_unit="", max_size=9, tasks=2)
EXPERIMENT = Experiment("Does one bad sibling cost another one?", Design("siblings", ("work",), ("steady",)))
