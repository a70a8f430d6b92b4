"""A heartbeat beside the tasks: how late the measured process takes what arrives while it computes.

The beats are the expirations of a timer of the kernel (timerfd_create(2)): a schedule in absolute time that never
waits for whoever is late, and that counts what was missed. So no stall is omitted: each beat has a time when it is due,
and its delay is counted from there (what wrk2 calls coordinated omission is the opposite). To take beats is a `read`
that blocks, wakes up and then needs the GIL again, as that of a socket does.

Rejected: a process that sends messages, as ccbench does. Where all cores are busy it is late itself: by 4 to 13 ms in
the worst hundredth, when what was to be measured took 1 to 4.
"""

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from gil_lab.model.records import Beat

MS = 1_000_000
"""Nanoseconds."""
COUNT_BYTES = 8
TFD_TIMER_ABSTIME = 1


class _TimerSpec(ctypes.Structure):
    """`struct itimerspec`: the period, then the first expiration, each in seconds and nanoseconds."""

    _fields_ = tuple((name, ctypes.c_long) for name in ("period_s", "period_ns", "first_s", "first_ns"))


class Heartbeat:
    """A beat every `period_ms` from now on, until it is closed. Raises ImportError where there are no such timers."""

    def __init__(self, period_ms: int) -> None:
        self._period_ns = period_ms * MS
        self._first_ns = time.monotonic_ns() + self._period_ns
        self._taken: list[tuple[bytes, int]] = []
        self.descriptor = _timer(self._first_ns, self._period_ns)

    def take(self) -> None:
        """Take all beats that are due, at least one: it waits for that."""
        # One read tells how many, so that a backlog is served at once; and to keep a note must cost next to nothing.
        self._taken.append((os.read(self.descriptor, COUNT_BYTES), time.monotonic_ns()))

    def between(self, begin_ns: int, end_ns: int) -> tuple[Beat, ...]:
        """The beats that were due in this time. Raises RuntimeError if not all of them have been taken since."""
        taken = [at for count, at in self._taken for _ in range(int.from_bytes(count, sys.byteorder))]
        beats = [Beat(number, self._due_ns(number), at) for number, at in enumerate(taken)]
        if self._due_ns(len(taken)) <= end_ns:
            raise RuntimeError("the heartbeat was not taken to its end")  # what is left out would be the longest delays
        return tuple(one for one in beats if begin_ns <= one.due_ns <= end_ns)

    def _due_ns(self, number: int) -> int:
        return self._first_ns + number * self._period_ns

    def close(self) -> None:
        os.close(self.descriptor)


def _timer(first_ns: int, period_ns: int) -> int:
    """Its descriptor. By ctypes, because `os.timerfd_create` came with Python 3.13."""
    libc: Any = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "timerfd_create"):
        raise ImportError("a heartbeat needs the timers of Linux (timerfd), which this system has not")
    descriptor: int = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_CLOEXEC)
    spec = _TimerSpec(*divmod(period_ns, 10**9), *divmod(first_ns, 10**9))
    if descriptor < 0 or libc.timerfd_settime(descriptor, TFD_TIMER_ABSTIME, ctypes.byref(spec), None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return descriptor


@contextmanager
def in_a_thread(task: Callable[..., Any], heartbeat: Heartbeat) -> Iterator[Callable[..., Any]]:
    """A thread of the main interpreter takes the beats; the task is as it was. On exit none that was due is left."""
    stopping = False

    def receive() -> None:
        last = False
        while not last:
            last = stopping  # asked before the beats are taken: what was due when it was set is among them
            heartbeat.take()

    receiver = Thread(target=receive, name="heartbeat", daemon=True)
    receiver.start()
    try:
        yield task
    finally:
        stopping = True
        receiver.join()
