"""An experiment file: each workload goes wrong in a way that a student's work can, and worse; one is fine."""

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

SPINNER = """
import os, sys
os.setsid()
if os.fork():
    os._exit(0)
with open(sys.argv[1] + "/pids", "a") as file:
    file.write(f"{os.getpid()}\\n")
while True:
    pass
"""


@contextmanager
def numbers(tasks, size):
    yield list(range(tasks))


def verify(inputs, outputs):
    return None if outputs == [item + 1 for item in inputs] else f"got {outputs!r:.60}"


def fine(item):
    return item + 1


def segfault(item):
    ctypes.string_at(0)


def kill_itself(item):
    os.kill(os.getpid(), signal.SIGKILL)


def terminate_itself(item):
    """As Numba does in a process that was forked after GNU OpenMP had run."""
    os.kill(os.getpid(), signal.SIGTERM)


def real_time_signal(item):
    os.kill(os.getpid(), signal.SIGRTMIN + 1)


def leave_quietly(item):
    os._exit(0)


def hang(item):
    time.sleep(1e6)


def hang_in_c(item):
    """With the GIL held, deaf to polite words."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    ctypes.PyDLL(None).sleep(1000)


def stop(item):
    os.kill(os.getpid(), signal.SIGSTOP)


def chatter(item):
    """A deadline that begins anew with each word would never come."""
    while True:
        os.write(1, b"x" * 65536)


def print_noise(item):
    print("noise", item)
    print("\x1b[31mnoise", item, file=sys.stderr)
    os.write(1, b"\xff\x00 from C\n")
    return item + 1


def deadlock(item):
    """A lock that a thread holds at the fork is held for ever in the child (POSIX, fork)."""
    lock = threading.Lock()
    held = threading.Event()

    def hold():
        with lock:
            held.set()
            time.sleep(1e6)

    threading.Thread(target=hold, daemon=True).start()
    held.wait()
    if (pid := os.fork()) == 0:
        lock.acquire()
        os._exit(0)
    os.waitpid(pid, 0)


def grandchild(code, **how):
    """Its pid is where a test finds it."""
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", code], **how)
    with Path(os.environ["HOME"], "pids").open("a") as file:
        file.write(f"{child.pid}\n")


def keep_the_pipes(item):
    """Its standard output stays open in a process that lives on."""
    grandchild("import time; time.sleep(1e6)", start_new_session=True)
    return item + 1


def escape(item):
    """A process that nobody finds by its group, its session, its parent or its environment burns a core."""
    subprocess.run([sys.executable, "-I", "-S", "-c", SPINNER, os.environ["HOME"]], env={}, timeout=20, check=True)
    return item + 1


def stubborn_grandchild(item):
    grandchild("import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(1e6)", env={})
    return item + 1


def leave_and_hang(item):
    """Itself, and a deaf process that has left for a session and an environment of its own."""
    deaf = "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
    command = [sys.executable, "-I", "-S", "-c", deaf + SPINNER, os.environ["HOME"]]
    subprocess.run(command, env={}, timeout=20, check=True)
    with Path(os.environ["HOME"], "pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(1e6)


def lie(item):
    return item


MESSAGES = {
    "formula": "=cmd|' /C calc'!A0",
    "markup": "[/tmp/x] [red]loud[/red]",
    "two-lines": "first\nsecond\r\nthird",
    "escape-codes": "\x1b[2J\x1b]0;title\x07",
    "huge": "x" * 1_000_000,
    "surrogate": "lone \udcff surrogate",
}


def complaint(message):
    def complain(item):
        raise ValueError(message)

    return complain


def workload(task):
    return Workload("for a test", "cpu", numbers, {"call": task}, verify, size=1, size_unit="", max_size=9, tasks=2)


FINE = workload(fine)
SEGFAULT, KILL_ITSELF, TERMINATE_ITSELF, REAL_TIME_SIGNAL = map(
    workload, (segfault, kill_itself, terminate_itself, real_time_signal)
)
LEAVE_QUIETLY, HANG, HANG_IN_C, STOP, CHATTER = map(workload, (leave_quietly, hang, hang_in_c, stop, chatter))
PRINT_NOISE, DEADLOCK, LIE = map(workload, (print_noise, deadlock, lie))
LEAVE_AND_HANG = workload(leave_and_hang)
KEEP_THE_PIPES, ESCAPE, STUBBORN_GRANDCHILD = map(workload, (keep_the_pipes, escape, stubborn_grandchild))
for _name, _message in MESSAGES.items():
    globals()["COMPLAIN_" + _name.upper().replace("-", "_")] = workload(complaint(_message))


@contextmanager
def forgetful(workers):
    yield lambda task, inputs: [task(item) for item in inputs[:-1]]


FORGETFUL = Strategy("the last task is dropped, and the rest is faster for it", "call", forgetful, None)


def closing(how):
    @contextmanager
    def pool(workers):
        yield lambda task, inputs: [task(item) for item in inputs]
        how()

    return Strategy("its pool cannot be closed", "call", pool, None)


ABORTS_AT_THE_END, LEAVES_AT_THE_END = closing(os.abort), closing(lambda: os._exit(3))
EXPERIMENT = Experiment("Does one bad cell cost another one?", Design("misbehaving", ("fine",), ("sequential",)))
