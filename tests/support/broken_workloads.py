"""An experiment file whose workloads go wrong, each in its own way, among one that is fine."""

import os
import signal
import sys
import time
from contextlib import contextmanager

from gil_lab import Design, Experiment, Strategy, Workload


@contextmanager
def inputs(tasks, size):
    yield list(range(tasks))


def verify(inputs, outputs):
    return None if outputs == [item + 1 for item in inputs] else f"got {outputs!r}"


def add_one(item):
    return item + 1


def print_and_add(item):
    print("noise", flush=True)
    os.write(1, b"more noise\n")
    return item + 1


def crash(item):
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(item):
    time.sleep(3600)


def lie(item):
    return item


def complain(item):
    raise ValueError("=cmd|x [red] \x1b[31m\nsecond line")


def leave(item):
    sys.exit("leaving")


def kill_worker(item):
    """As if the kernel had run out of memory; the measured process itself is spared."""
    if os.getpgid(0) != os.getpid():
        os.kill(os.getpid(), signal.SIGKILL)
    return item + 1


def workload(task):
    return Workload("for a test", "cpu", inputs, {"call": task}, verify, size=1, size_unit="", max_size=9, tasks=4)


FINE, NOISY, CRASHING, HANGING, LYING, COMPLAINING, LEAVING, KILLING = map(
    workload, (add_one, print_and_add, crash, hang, lie, complain, leave, kill_worker)
)


@contextmanager
def backwards(workers):
    yield lambda task, inputs: [task(item) for item in reversed(inputs)][::-1]


BACKWARDS = Strategy("one task after the other, from the last", "call", backwards, None)
EXPERIMENT = Experiment(
    "Does one bad cell cost another one?",
    Design(
        "faults",
        ("fine", "noisy", "crashing", "hanging", "lying", "complaining", "leaving"),
        ("sequential", "backwards"),
    ),
)
