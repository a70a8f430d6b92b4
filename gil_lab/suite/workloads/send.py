"""Send: hand `size` bytes to each task, which works for a millisecond. The price of memory that is not shared.

What to watch: the time by size. Threads get a reference, whatever it refers to. To a process the bytes are copied three
times or more: pickled, written into a pipe, read out of it, unpickled. An interpreter in the same process is given them
without a pipe. With the variant `shared` they lie in shared memory (`multiprocessing.shared_memory`): only its name is
sent, each task maps it, and the size hardly matters. Bytes and arrays of numbers can lie there, Python's objects not.
"""

import asyncio
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gil_lab.suite.workloads import Workload, differing

if TYPE_CHECKING:
    from multiprocessing.shared_memory import SharedMemory

WORK_S = 0.001
"""Spent waiting, as if for a database. Without it one worker could be done with all tasks before the others wake up."""
LOOKED_AT = 64
"""Bytes, from all over what was sent: cheap, and proof that it is there."""


def content(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, bytes]]]:
    """The task's number, and the bytes: the same for all tasks, and sent to each."""
    payload = content(size)
    yield [(number, payload) for number in range(tasks)]


@contextmanager
def shared_inputs(tasks: int, size: int) -> Iterator[list[tuple[int, str, int]]]:
    """The task's number, the name of the shared memory in which the bytes lie, and how many they are."""
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
    """Adler-32 of some of the bytes, begun with the task's number."""
    with memoryview(payload)[:: len(payload) // LOOKED_AT + 1] as sample:
        return zlib.adler32(bytes(sample), number)


def look(job: tuple[int, bytes]) -> int:
    time.sleep(WORK_S)
    return proof(*job)


async def look_async(job: tuple[int, bytes]) -> int:
    """The same. Nothing is sent to a coroutine."""
    await asyncio.sleep(WORK_S)
    return proof(*job)


def attached(name: str) -> "SharedMemory":
    """Without a word to the resource tracker, where it can be left out of it: it is for whoever made it to remove it.

    Before 3.13 that cannot be said. Workers that multiprocessing has started have the tracker of their parent, which
    takes it as told already.
    """
    from multiprocessing.shared_memory import SharedMemory

    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    return SharedMemory(name)


def look_at_shared(job: tuple[int, str, int]) -> int:
    number, name, size = job
    time.sleep(WORK_S)
    with closing(attached(name)) as memory:
        assert memory.buf is not None
        with memory.buf[:size] as payload:  # a system may round the size up
            return proof(number, payload)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Compare with what was to be sent."""
    return differing([proof(number, payload) for number, payload in inputs], outputs)


def verify_shared(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    return differing([proof(number, content(size)) for number, _, size in inputs], outputs)


NOTHING_TO_SEND = "compiled tasks run in threads and are given integers: there is nothing to send"

WORKLOAD = Workload(
    summary="hand bytes to each task",
    bound="both",
    inputs=inputs,
    forms={"call": look, "coroutine": look_async},
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
        summary="hand bytes to each task in shared memory",
        inputs=shared_inputs,
        forms={"call": look_at_shared},
        verify=verify_shared,
        why_not={**WORKLOAD.why_not, "coroutine": "coroutines share all memory of their process"},
    )
}
