"""Send: pass `size` bytes to each task, which works for a millisecond. The price of memory that is not shared.

What to watch: time by size. Threads get a reference, whatever it refers to. For a process the bytes are copied three
times or more: pickled, written to a pipe, read from it, unpickled. An interpreter in the same process gets them without
a pipe. With the variant `shared` they are in shared memory (`multiprocessing.shared_memory`): only its name is sent,
each task maps it, and the size hardly matters. Bytes and arrays of numbers can be shared that way, Python objects
cannot.
"""

import asyncio
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload

if TYPE_CHECKING:
    from multiprocessing.shared_memory import SharedMemory

WORK_S = 0.001
"""Spent waiting, as if for a database. Without it, one worker could finish all tasks before the others wake up."""
SAMPLE_BYTES = 64
"""Spread over what was sent: cheap, and proof that it arrived."""


def content(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, bytes]]]:
    """The task's number, and the bytes: the same for all tasks, and sent to each."""
    payload = content(size)
    yield [(number, payload) for number in range(tasks)]


@contextmanager
def shared_inputs(tasks: int, size: int) -> Iterator[list[tuple[int, str, int]]]:
    """The task's number, the name of the shared memory that holds the bytes, and their number."""
    from multiprocessing.shared_memory import SharedMemory

    memory = SharedMemory(create=True, size=size)
    try:
        assert memory.buf is not None
        memory.buf[:size] = content(size)
        yield [(number, memory.name, size) for number in range(tasks)]
    finally:
        memory.close()
        memory.unlink()


def proof(number: int, payload: bytes | memoryview) -> int:
    """Adler-32 of some of the bytes, seeded with the task's number."""
    with memoryview(payload)[:: len(payload) // SAMPLE_BYTES + 1] as sample:
        return zlib.adler32(bytes(sample), number)


def receive(job: tuple[int, bytes]) -> int:
    time.sleep(WORK_S)
    return proof(*job)


async def receive_async(job: tuple[int, bytes]) -> int:
    """The same. Nothing is sent to a coroutine."""
    await asyncio.sleep(WORK_S)
    return proof(*job)


def attached(name: str) -> "SharedMemory":
    """Attach without registering with the resource tracker, where possible: the creator removes the memory.

    Before 3.13 registration cannot be avoided. Workers started by multiprocessing share the tracker of their parent,
    where it is registered already.
    """
    from multiprocessing.shared_memory import SharedMemory

    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    return SharedMemory(name)


def receive_shared(job: tuple[int, str, int]) -> int:
    number, name, size = job
    time.sleep(WORK_S)
    with closing(attached(name)) as memory:
        assert memory.buf is not None
        with memory.buf[:size] as payload:  # a system may round the size up
            return proof(number, payload)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Compare with what should have been sent."""
    return differing([proof(number, payload) for number, payload in inputs], outputs)


def verify_shared(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    return differing([proof(number, content(size)) for number, _, size in inputs], outputs)


NOTHING_TO_SEND = "compiled tasks run in threads and take integers: there is nothing to send"

WORKLOAD = Workload(
    summary="pass bytes to each task",
    bound="both",
    inputs=inputs,
    forms={"call": receive, "coroutine": receive_async},
    verify=verify,
    size=20_000_000,
    size_unit="bytes",
    max_size=1_000_000_000,
    tasks=8,
    why_not={"nogil": NOTHING_TO_SEND, "parallel": NOTHING_TO_SEND},
)

VARIANTS = {
    "shared": replace(
        WORKLOAD,
        summary="pass bytes to each task in shared memory",
        inputs=shared_inputs,
        forms={"call": receive_shared},
        verify=verify_shared,
        why_not={**WORKLOAD.why_not, "coroutine": "coroutines share all memory of their process"},
    )
}
