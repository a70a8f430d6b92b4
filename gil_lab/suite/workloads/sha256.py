"""SHA-256: checksums of many megabytes. CPU-bound, in C code that releases the GIL.

What to watch: plain threads are parallel here, GIL or not. `hashlib` releases the GIL while it digests more than 2047
bytes (its documentation), so "Python threads cannot compute in parallel" is a statement about Python code only.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload

BLOCK = bytes(range(256)) * 4096
"""1 MiB, shared by all tasks: large enough for the GIL to be released, small enough for the cache of a core."""


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, int]]]:
    """Task numbers, each with the number of blocks to digest."""
    yield [(number, size) for number in range(tasks)]


def digest(job: tuple[int, int]) -> str:
    """SHA-256 of `size` blocks and then the task's number, in hexadecimal."""
    number, size = job
    checksum = hashlib.sha256()
    for _ in range(size):
        checksum.update(BLOCK)
    checksum.update(str(number).encode())
    return checksum.hexdigest()


async def digest_async(job: tuple[int, int]) -> str:
    """The same, yielding after every block. Releasing the GIL does not help, because there is only one thread."""
    number, size = job
    checksum = hashlib.sha256()
    for _ in range(size):
        checksum.update(BLOCK)
        await asyncio.sleep(0)
    checksum.update(str(number).encode())
    return checksum.hexdigest()


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """All tasks share their blocks, so one digest of them serves for all."""
    _, size = inputs[0]
    prefix = hashlib.sha256()
    for _ in range(size):
        prefix.update(BLOCK)
    expected = []
    for number, _ in inputs:
        checksum = prefix.copy()
        checksum.update(str(number).encode())
        expected.append(checksum.hexdigest())
    return differing(expected, outputs)


COMPILED_ALREADY = "hashlib is compiled C code already: there is nothing for Numba or Cython to compile"

WORKLOAD = Workload(
    summary="SHA-256 of many megabytes, by hashlib",
    bound="cpu",
    inputs=inputs,
    forms={"call": digest, "coroutine": digest_async},
    verify=verify,
    size=24,
    size_unit="MiB",
    max_size=100_000,
    releases_gil=True,
    why_not=dict.fromkeys(("nogil", "parallel", "cython", "cython-untyped"), COMPILED_ALREADY),
)
