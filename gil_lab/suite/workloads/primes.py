"""Primes: counted by trial division. Pure computing, the standard example of CPU-bound work.

What to watch: with the GIL, threads take as long as one task after the other: concurrent, not parallel. Processes,
compiled code that releases the GIL, and threads without a GIL are parallel. All tasks cost the same within a few per
cent, so that no worker waits for the last one (`mandelbrot` shows what happens if they do not).
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isqrt
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.cython_source import Declared
from gil_lab.suite.workloads import Workload

FIRST = 10_000_000
"""Large, because a number costs up to its square root: from 2 on, the last block would cost many times the first."""
SLICE = 50
"""Numbers, about a millisecond, after which the coroutine yields."""


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, int]]]:
    """Consecutive blocks of `size` numbers."""
    yield [(begin, begin + size) for begin in range(FIRST, FIRST + tasks * size, size)]


def count_primes(block: tuple[int, int]) -> int:
    """How many primes lie in [begin, end)."""
    begin, end = block
    found = 0
    for n in range(begin, end):
        d = 2
        while d * d <= n:
            if n % d == 0:
                break
            d += 1
        else:
            found += 1
    return found


async def count_primes_async(block: tuple[int, int]) -> int:
    """The same, cooperatively: a coroutine is never preempted, it has to yield by itself."""
    begin, end = block
    found = 0
    for at in range(begin, end, SLICE):
        found += count_primes((at, min(at + SLICE, end)))
        await asyncio.sleep(0)
    return found


def nogil() -> Any:
    """The very same function, compiled."""
    from numba import njit

    # error_model="numpy" leaves out the check for division by zero: a third less to compile.
    return njit(nogil=True, error_model="numpy")(count_primes)


def parallel(task: Any) -> Any:
    """One loop over all blocks."""
    from numba import njit, prange

    @njit(parallel=True)
    def loop(inputs: Any, outputs: Any) -> None:
        for i in prange(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1]))

    return loop


def gpu() -> Any:
    """One GPU thread per number: the very same function, for blocks of one, from the thread's number on in strides."""
    from numba import cuda

    count = cuda.jit(device=True)(count_primes)

    def share(block: Any, first: int, step: int) -> int:
        found = 0
        for n in range(block[0] + first, block[1], step):
            found += count((n, n + 1))
        return found

    return share


C_TYPES = """
@cython.locals(begin=cython.longlong, end=cython.longlong, n=cython.longlong, d=cython.longlong, found=cython.longlong)
cdef long long count_primes((long long, long long) block) except? -1 nogil
"""


def cython() -> Declared:
    """The very same function, with C types that fit as long as no number is too large for them."""
    return Declared(count_primes, C_TYPES)


def sieve(begin: int, end: int) -> bytearray:
    """For each number in [begin, end), begin >= 2, whether it is composite, by the sieve of Eratosthenes."""
    composite = bytearray(end - begin)
    for d in range(2, isqrt(end - 1) + 1):
        multiples = range(max(d * d, begin + -begin % d), end, d)
        composite[multiples.start - begin :: d] = b"\1" * len(multiples)
    return composite


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Compare with another algorithm."""
    first, last = min(begin for begin, _ in inputs), max(end for _, end in inputs)
    composite = sieve(first, last)
    return differing([composite.count(0, begin - first, end - first) for begin, end in inputs], outputs)


WORKLOAD = Workload(
    summary="count primes by trial division",
    bound="cpu",
    releases_gil=False,
    inputs=inputs,
    forms={
        "call": count_primes,
        "coroutine": count_primes_async,
        "nogil": nogil,
        "parallel": parallel,
        "cuda": gpu,
        "cython": cython,
        "cython-untyped": count_primes,
    },
    verify=verify,
    size=1_000,
    size_unit="numbers",
    max_size=1_000_000,
)
