"""Work that a check hands to a program: each call is recorded where it happens, in whatever process and thread.

So a program can neither leave the work out nor know its answers beforehand.
"""

import contextlib
import hashlib
import json
import os
import secrets
import struct
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from gil_lab.model.exercise import Count
from gil_lab.model.frozen import frozen

VARIABLE = "GIL_LAB_EXERCISE_CALLS"
"""In the environment, which workers inherit however they are started: file of the records, salt, seconds of a call."""
RECORD = struct.Struct("<5q")


@frozen
class RecordedCall:
    """One call of `work`."""

    pid: int
    thread: int
    begin_ns: int
    end_ns: int
    number: int


class RecordedCalls:
    """The calls so far."""

    def __init__(self, file: Path, salt: str) -> None:
        self._file, self._salt = file, salt

    @property
    def made(self) -> list[RecordedCall]:
        return [RecordedCall(*values) for values in RECORD.iter_unpack(self._file.read_bytes())]

    def answers(self, numbers: Sequence[int]) -> list[int]:
        """The right ones."""
        return [_answer(self._salt, number) for number in numbers]

    @property
    def elsewhere(self) -> int:
        """Of them, how many were made in other processes than this one."""
        return sum(call.pid != os.getpid() for call in self.made)

    @property
    def processes(self) -> int:
        """In which they were made."""
        return len({call.pid for call in self.made})

    @property
    def most_in_flight(self) -> int:
        """At a time."""
        changes = sorted((at, change) for call in self.made for at, change in ((call.begin_ns, 1), (call.end_ns, -1)))
        most = now = 0
        for _, change in changes:
            now += change
            most = max(most, now)
        return most

    def in_other_processes(self, tasks: int) -> Count:
        """Each task is done, and not by the process that hands them out."""
        return Count(f"calls in other processes, of {tasks}", self.elsewhere, tasks, tasks)


@contextlib.contextmanager
def recorded_calls(seconds: float = 0.0) -> Iterator[RecordedCalls]:
    """Calls of `work`, which then sleeps for so long. Programs must be imported in here: pools copy the environment."""
    salt = secrets.token_hex(8)
    with tempfile.NamedTemporaryFile(prefix="calls-") as file:
        os.environ[VARIABLE] = json.dumps([file.name, salt, seconds])
        try:
            yield RecordedCalls(Path(file.name), salt)
        finally:
            del os.environ[VARIABLE]


def work(number: int) -> int:
    """An answer that depends on the number and on a secret of the check."""
    path, salt, seconds = json.loads(os.environ[VARIABLE])
    begin_ns = time.monotonic_ns()
    if seconds:
        time.sleep(seconds)
    answer = _answer(salt, number)
    _record(path, RECORD.pack(os.getpid(), threading.get_native_id(), begin_ns, time.monotonic_ns(), number))
    return answer


def entry(table: bytes, row: int) -> int:
    """The same of the number in a row of a table."""
    return work(number_in(table, row))


def number_in(table: bytes, row: int) -> int:
    return int.from_bytes(table[4 * row : 4 * row + 4])


def _answer(salt: str, number: int) -> int:
    return int.from_bytes(hashlib.blake2b(f"{salt} {number}".encode(), digest_size=6).digest())


def _record(path: str, data: bytes) -> None:
    """In one write at the end of the file, so that those of other processes come before or after it (write(2))."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)
