"""An experiment file: each workload goes wrong in a way that a student's work can, and worse; one is fine."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from gil_lab import Design, Experiment, Strategy, Workload

RECORD = """
import os
def record(pid):
    with open(f"/proc/{pid}/stat") as stat, open(os.environ["HOME"] + "/started", "a") as started:
        print(pid, stat.read().rpartition(")")[2].split()[19], file=started)
"""
"""Writes down the pid and the start time of a process, for a test that asks whether it has ended."""
HIDE = f"""
{RECORD}
os.setsid()
if pid := os.fork():
    record(pid)
    os._exit(0)
"""
SPIN = """
while True:
    pass
"""
DEAF = """
import signal
for number in (1, 2, 15):
    signal.signal(number, signal.SIG_IGN)
"""
SLEEP = "import time; time.sleep(1e6)"


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
    """With the GIL held; SIGTERM and SIGINT are ignored."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    ctypes.PyDLL(None).sleep(1000)


def stop(item):
    os.kill(os.getpid(), signal.SIGSTOP)


def chatter(item):
    """A limit that started again with each line would never be reached. More than is kept of it in a few milliseconds;
    without a pause it would keep two cores busy.
    """
    while True:
        os.write(1, b"x" * 65536)
        time.sleep(0.001)


def print_noise(item):
    print("noise", item)
    print("\x1b[31mnoise", item, file=sys.stderr)
    os.write(1, b"\xff\x00 from C\n")
    return item + 1


def deadlock(item):
    """A lock that a thread holds at the fork is never released in the child (POSIX, fork)."""
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


WITHOUT_MARK = {"HOME": os.environ.get("HOME", "")}
"""An environment that does not show to which trial a process belongs."""


def record(pid):
    names = {}
    exec(RECORD, names)
    names["record"](pid)


@cache  # by the first of many tasks
def grandchild(code, *, own_session=False, marked=True):
    """A process that outlives its parent."""
    command = [sys.executable, "-I", "-S", "-c", code]
    env = None if marked else WITHOUT_MARK
    record(subprocess.Popen(command, start_new_session=own_session, env=env).pid)


@cache
def hidden_grandchild(code):
    """A process that cannot be found by its group, session, parent or environment."""
    subprocess.run([sys.executable, "-I", "-S", "-c", HIDE + code], env=WITHOUT_MARK, timeout=60, check=True)


def keep_the_pipes(item):
    """Standard output stays open in a process that lives on."""
    grandchild(SLEEP, own_session=True)
    return item + 1


def escape(item):
    """It keeps a core busy."""
    hidden_grandchild(SPIN)
    return item + 1


def stubborn_grandchild(item):
    grandchild(DEAF + SLEEP, marked=False)
    return item + 1


def leave_and_hang(item):
    """Itself, and a hidden process that ignores signals."""
    hidden_grandchild(DEAF + SLEEP)
    record(os.getpid())
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
MESSAGES["everything"] = "".join((*(text for name, text in MESSAGES.items() if name != "huge"), MESSAGES["huge"]))


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
SOUND_WORK = "fine"
"""Under every strategy; what misbehaves itself, under one that is sound."""
DESIGN = Design(
    "misbehaving",
    tuple(name.lower().replace("_", "-") for name, value in list(globals().items()) if isinstance(value, Workload)),
    ("sequential", "forgetful", "aborts-at-the-end", "leaves-at-the-end"),
)
ONLY_SOUND = {name: ("sequential",) for name in DESIGN.workloads if name != SOUND_WORK}
EXPERIMENT = Experiment("Does one bad cell cost another one?", replace(DESIGN, strategies_of=ONLY_SOUND))
