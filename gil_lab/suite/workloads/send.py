"""Send: pass `size` bytes to each task, which waits for a millisecond. The price of memory that is not shared.

What to watch: time by size. Threads get a reference, whatever it refers to. For a process the bytes are copied five
times: into a pickle, into a pipe and out of it, put together, and out of the pickle. An interpreter in the same process
gets one copy, and no pickle, of bytes; lists and dictionaries are pickled there as well (cpython gh-148072).

- `shared`: they are in shared memory (`multiprocessing.shared_memory`) before anything is sent. Only its name is sent,
  each task maps it, and the size hardly matters. Bytes and arrays of numbers can be shared that way, objects cannot.
- `out-of-band`: each task's bytes are copied into shared memory of their own when they are pickled, and mapped by the
  task: one copy (protocol 5, PEP 574). The standard pools do that by themselves for nothing.
- `array`: the same bytes as an array of NumPy. joblib writes an array of more than 1 MB into a file in memory, once for
  all tasks and passes, and tasks map it (its `max_nbytes`, `mmap_mode="r"`); other pools pickle it.
- `view`: the same bytes as a `memoryview`, which an interpreter in the same process gets without a copy (PEP 734), and
  which cannot be pickled.
- `back`: each task answers with the bytes it got. The answers of all tasks are held, so there are fewer bytes at most.
"""

import asyncio
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload
from gil_lab.suite.workloads._shared_memory import OutOfBand, attached, expect_receivers, holding

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
    memory = holding(content(size))
    try:
        yield [(number, memory.name, size) for number in range(tasks)]
    finally:
        memory.close()
        memory.unlink()


@contextmanager
def out_of_band_inputs(tasks: int, size: int) -> Iterator[list[tuple[int, OutOfBand]]]:
    """The task's number, and the same bytes, which are put into shared memory whenever they are pickled."""
    expect_receivers()
    payload = content(size)
    yield [(number, OutOfBand(payload)) for number in range(tasks)]


@contextmanager
def array_inputs(tasks: int, size: int) -> Iterator[list[tuple[int, Any]]]:
    """The task's number, and an array: the same for all tasks."""
    import numpy as np

    payload = np.frombuffer(content(size), dtype=np.uint8)
    yield [(number, payload) for number in range(tasks)]


@contextmanager
def view_inputs(tasks: int, size: int) -> Iterator[list[tuple[int, memoryview]]]:
    """The task's number, and a view of the bytes: the same for all tasks."""
    payload = memoryview(content(size))
    yield [(number, payload) for number in range(tasks)]


def proof(number: int, payload: Any) -> int:
    """Adler-32 of some of the bytes, seeded with the task's number."""
    with memoryview(payload)[:: len(payload) // SAMPLE_BYTES + 1] as sample:
        return zlib.adler32(bytes(sample), number)


def receive(job: tuple[int, Any]) -> int:
    time.sleep(WORK_S)
    return proof(*job)


def give_back(job: tuple[int, bytes]) -> tuple[int, bytes]:
    time.sleep(WORK_S)
    return proof(*job), job[1]


async def receive_async(job: tuple[int, bytes]) -> int:
    """The same. Nothing is sent to a coroutine."""
    await asyncio.sleep(WORK_S)
    return proof(*job)


def receive_shared(job: tuple[int, str, int]) -> int:
    number, name, size = job
    time.sleep(WORK_S)
    with closing(attached(name)) as memory:
        assert memory.buf is not None
        with memory.buf[:size] as payload:  # a system may round the size up
            return proof(number, payload)


def receive_out_of_band(job: tuple[int, OutOfBand]) -> int:
    number, sent = job
    time.sleep(WORK_S)
    with sent as payload:
        return proof(number, payload)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Compare with what should have been sent."""
    return differing([proof(number, payload) for number, payload in inputs], outputs)


def verify_shared(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    return differing([proof(number, content(size)) for number, _, size in inputs], outputs)


def verify_out_of_band(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    return differing([proof(number, sent.payload) for number, sent in inputs], outputs)


def verify_given_back(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    return differing([(proof(number, payload), payload) for number, payload in inputs], outputs)


NOTHING_TO_SEND = "compiled tasks run in threads and take integers: there is nothing to send"
SHARED_ANYWAY = "coroutines share all memory of their process"

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
        why_not={**WORKLOAD.why_not, "coroutine": SHARED_ANYWAY},
    ),
    "out-of-band": replace(
        WORKLOAD,
        summary="pass bytes to each task, pickled out of band into shared memory of its own",
        inputs=out_of_band_inputs,
        forms={"call": receive_out_of_band},
        verify=verify_out_of_band,
        why_not={**WORKLOAD.why_not, "coroutine": SHARED_ANYWAY},
    ),
    "array": replace(
        WORKLOAD,
        summary="pass an array of NumPy to each task, which joblib's processes map",
        inputs=array_inputs,
        forms={"call": receive},
        why_not={**WORKLOAD.why_not, "coroutine": SHARED_ANYWAY},
        requires=("numpy",),
    ),
    "view": replace(
        WORKLOAD,
        summary="pass a memoryview of bytes to each task, which only interpreters in one process can get",
        inputs=view_inputs,
        forms={"call": receive},
        why_not={**WORKLOAD.why_not, "coroutine": SHARED_ANYWAY},
    ),
    "back": replace(
        WORKLOAD,
        summary="pass bytes to each task, which gives them back",
        forms={"call": give_back},
        verify=verify_given_back,
        max_size=20_000_000,
        why_not={**WORKLOAD.why_not, "coroutine": SHARED_ANYWAY},
    ),
}
