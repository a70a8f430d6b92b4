"""Who holds a GIL, and what each thread waits for, looked at up to a thousand times a second while a pass is traced."""

import os
import platform
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from gil_lab.measuring.gil_observer import GilObserver, GilState, UnreadableError
from gil_lab.model.frozen import frozen

PERIOD_S = 0.001
MOST_OF_A_CORE = 0.045
"""Share of a core that sampling may use; where it would use more, there are pauses."""
BURST = 32
"""Samples between two pauses. Rejected: a longer period instead, for whoever sleeps for 10 ms finds the caches cold,
and a sample then costs twice as much (330 against 140 us, on a slow virtual machine)."""
THREADS_PERIOD_NS = 50_000_000
"""How often new threads are looked for."""
MOST_THREADS = 256
"""More are not watched: each needs an open file."""
MOST_SAMPLES = 50_000
"""Beyond that every other one is dropped, and they are taken half as often: a long pass must not fill the memory."""
SYSCALL_BYTES = 64
"""The number of the call and its first argument."""


@frozen
class SystemCalls:
    """Numbers of those in which threads sleep (`asm/unistd.h` of Linux)."""

    futex: bytes
    sleeps: tuple[bytes, ...]
    """nanosleep, clock_nanosleep."""


SYSTEM_CALLS = {
    "x86_64": SystemCalls(b"202", (b"35", b"230")),
    "aarch64": SystemCalls(b"98", (b"101", b"115")),
}

# What a thread did at a sample, as one byte: the number of the GIL that it waited for, or one of these.
GONE, RAN, WAITED, SLEPT = 255, 254, 253, 252
MOST_GILS = 252


@frozen
class GilSample:
    at_ns: int
    holders: tuple[int | None, ...]
    """Of each GIL the thread that held it; None if it was free."""
    handoffs: tuple[int, ...]
    """Of each GIL, cumulative."""
    threads: bytes
    """What each thread did; those that were found later are missing at the end."""


@frozen
class GilSamples:
    gils: tuple[tuple[int, int], ...]
    """Process and interpreter of each."""
    threads: tuple[tuple[int, int], ...]
    """Process and system's id of each; empty where it cannot be seen what they wait for."""
    samples: tuple[GilSample, ...]
    unknown: str
    """Why no GIL was seen; empty if one was."""


class GilSampler:
    """Takes samples in a thread of its own, from the begin to the end of the `with` block.

    The thread that waits for the measured process would do as well, but it would wake up, look and sleep in twice the
    time: of a thousand times a second that is 5 % of a core.
    """

    def __init__(self, observer: GilObserver) -> None:
        self._unknown = observer.unknown
        self._gils = [(process, record) for process in observer.processes for record in process.records][:MOST_GILS]
        self._processes = observer.processes
        self._calls = SYSTEM_CALLS.get(platform.machine()) if observer.waits_are_seen else None
        self._threads: dict[tuple[int, int], tuple[int, int]] = {}
        """Place of its process, and descriptor, by process and thread."""
        self._first_gils = [sum(len(each.records) for each in self._processes[:place]) for place in range(MOST_GILS)]
        self._samples: list[GilSample] = []
        self._last: list[GilState] = []
        self._holders: tuple[int | None, ...] = ()
        self._seen: tuple[tuple[int, int], ...] = ()
        """The threads, also when they are no longer watched."""
        self._period_s, self._look_at_ns = PERIOD_S, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._take_all, daemon=True)

    def __enter__(self) -> Self:
        if self._gils or (self._processes and self._calls):
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._close_threads()

    def samples(self) -> GilSamples:
        """All that were taken, once it is over."""
        gils = tuple((process.pid, record.interpreter) for process, record in self._gils)
        return GilSamples(gils, self._seen, tuple(self._samples), self._unknown)

    def _take_all(self) -> None:
        used_s, begin_s = time.thread_time(), time.monotonic()
        try:
            while not self._over.is_set():
                for _ in range(BURST):
                    self._take()
                    time.sleep(self._period_s)
                too_much_s = (time.thread_time() - used_s) / MOST_OF_A_CORE - (time.monotonic() - begin_s)
                self._over.wait(max(0.0, too_much_s))
        except UnreadableError as error:  # a program has ended: what was seen before is known
            self._unknown = str(error)

    def _take(self) -> None:
        """One sample. Raises UnreadableError."""
        now = time.monotonic_ns()
        if now >= self._look_at_ns:
            try:
                self._look_for_threads()
            except OSError:
                self._watch_no_threads()
            self._look_at_ns = now + THREADS_PERIOD_NS
        states = [process.state(record) for process, record in self._gils]
        at_ns = time.monotonic_ns()
        if states != self._last:  # else the same threads hold them still
            held = zip(self._gils, states, strict=True)
            self._holders = tuple([process.thread(one.holder) if one.held else None for (process, _), one in held])
            self._last = states
        handoffs = tuple([state.handoffs for state in states])
        try:
            doings = bytes(map(self._doing, self._threads.values()))
        except PermissionError:  # a process may withdraw what could be read before (PR_SET_DUMPABLE, prctl(2))
            self._watch_no_threads()
            doings = b""
        self._samples.append(GilSample(at_ns, self._holders, handoffs, doings))
        if len(self._samples) == MOST_SAMPLES:
            self._samples[1::2] = []
            self._period_s *= 2

    def _watch_no_threads(self) -> None:
        """Where it is not seen of some what they wait for, it is not known of any; who holds the GILs is known."""
        self._calls, self._seen = None, ()
        self._close_threads()

    def _close_threads(self) -> None:
        while self._threads:
            _, (_, call) = self._threads.popitem()
            os.close(call)

    def _look_for_threads(self) -> None:
        for place, process in enumerate(self._processes if self._calls else ()):
            with suppress(FileNotFoundError, ProcessLookupError):
                for name in os.listdir(f"/proc/{process.pid}/task"):  # noqa: PTH208 - pathlib takes three times as long
                    thread = process.pid, int(name)
                    if thread not in self._threads and len(self._threads) < MOST_THREADS:
                        call = os.open(f"/proc/{process.pid}/task/{name}/syscall", os.O_RDONLY | os.O_CLOEXEC)
                        self._threads[thread] = place, call
        self._seen = tuple(self._threads)

    def _doing(self, thread: tuple[int, int]) -> int:
        """By the system call in which it sleeps (`/proc/PID/task/TID/syscall`, proc(5))."""
        place, call = thread
        assert self._calls is not None
        try:
            words = os.pread(call, SYSCALL_BYTES, 0).split(b" ", 2)
        except PermissionError:
            raise
        except OSError:  # it has ended
            return GONE
        if words[0] == b"running\n":
            return RAN
        if words[0] == self._calls.futex:
            number = self._processes[place].waited_for(int(words[1], 16))
            return WAITED if number is None else self._first_gils[place] + number
        return SLEPT if words[0] in self._calls.sleeps else WAITED
