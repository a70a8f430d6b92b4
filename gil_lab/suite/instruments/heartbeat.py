"""A heartbeat beside the tasks: how late the measured process handles events that arrive while it computes.

The beats are the expirations of a kernel timer (timerfd_create(2)): a schedule in absolute time that never waits for
a late reader, and that counts what was missed. So no stall is omitted: each beat has a due time, and its delay is
measured from there (the opposite of what wrk2 calls coordinated omission). Taking a beat is a `read` that blocks, wakes
up and then needs the GIL again, as reading from a socket does.

Rejected: a process that sends messages, as ccbench does. Where all cores are busy it is late itself: by 4 to 13 ms at
the 99th percentile, where the delay to be measured was 1 to 4 ms.
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
    """A beat every `period_ms` from now on, until it is closed. Raises ImportError on systems without such timers."""

    def __init__(self, period_ms: int) -> None:
        self._period_ns = period_ms * MS
        self._first_ns = time.monotonic_ns() + self._period_ns
        self._taken: list[tuple[bytes, int]] = []
        self.descriptor = _timer(self._first_ns, self._period_ns)

    def take(self) -> None:
        """Take all beats that are due; wait for one if there are none."""
        # One read returns the number of beats, so that a backlog is taken at once; recording must cost next to nothing.
        self._taken.append((os.read(self.descriptor, COUNT_BYTES), time.monotonic_ns()))

    def between(self, begin_ns: int, end_ns: int) -> tuple[Beat, ...]:
        """The beats that were due in this time. Raises RuntimeError if any of them has not been taken."""
        taken = [at for count, at in self._taken for _ in range(int.from_bytes(count, sys.byteorder))]
        beats = [Beat(number, self._due_ns(number), at) for number, at in enumerate(taken)]
        if self._due_ns(len(taken)) <= end_ns:
            raise RuntimeError("the last beats of the heartbeat were not taken")  # they may be the latest
        return tuple(beat for beat in beats if begin_ns <= beat.due_ns <= end_ns)

    def _due_ns(self, number: int) -> int:
        return self._first_ns + number * self._period_ns

    def close(self) -> None:
        os.close(self.descriptor)


def _timer(first_ns: int, period_ns: int) -> int:
    """The timer's descriptor. By ctypes, because `os.timerfd_create` is new in Python 3.13."""
    libc: Any = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "timerfd_create"):
        raise ImportError("a heartbeat needs the timers of Linux (timerfd), which this system does not have")
    descriptor: int = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_CLOEXEC)
    spec = _TimerSpec(*divmod(period_ns, 10**9), *divmod(first_ns, 10**9))
    if descriptor < 0 or libc.timerfd_settime(descriptor, TFD_TIMER_ABSTIME, ctypes.byref(spec), None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return descriptor


@contextmanager
def in_a_thread(task: Callable[..., Any], heartbeat: Heartbeat) -> Iterator[Callable[..., Any]]:
    """A thread of the main interpreter takes the beats; the task is unchanged. On exit, all due beats are taken."""
    stopping = False

    def receive() -> None:
        last = False
        while not last:
            last = stopping  # read before the beats are taken: those due when it was set are among them
            heartbeat.take()

    receiver = Thread(target=receive, name="heartbeat", daemon=True)
    receiver.start()
    try:
        yield task
    finally:
        stopping = True
        receiver.join()
