"""Mixed: fetch a page, then compute with it. Half I/O-bound, half CPU-bound, like real programs.

What to watch: asyncio overlaps the waiting but not the computing, and so do threads as long as there is a GIL: with
many workers, what remains for both is the computing, on one core. Only parallel strategies shorten both halves. It is
composed of `http` and `primes`.
"""

from collections.abc import Sequence
from typing import Any
from zlib import adler32

from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.cython_source import MOSTLY_WAITS
from gil_lab.suite.workloads import Workload, http, primes
from gil_lab.suite.workloads._http_server import body

NUMBERS_PER_MS = 70
"""About what pure Python tests in a millisecond."""


def block(checksum: int, milliseconds: int) -> tuple[int, int]:
    """The block of numbers in which to count primes; empty after a failed fetch, since 0 is never the right answer."""
    begin = primes.FIRST + checksum % 100_000
    return begin, begin + (NUMBERS_PER_MS * milliseconds if checksum >= 0 else 0)


def fetch_and_count(job: tuple[int, int, int]) -> int:
    """The number of primes in the block that the server's page selects."""
    return primes.count_primes(block(http.fetch(job), job[2]))


async def fetch_and_count_async(job: tuple[int, int, int]) -> int:
    """The same, yielding after every slice of the computing."""
    return await primes.count_primes_async(block(await http.fetch_async(job), job[2]))


def nogil() -> Any:
    """The same, compiled."""
    from numba import njit
    from numba.extending import register_jitable

    register_jitable(block)
    fetch, count_primes = http.nogil(), primes.nogil()

    @njit(nogil=True, error_model="numpy")
    def fetch_and_count(job: Any) -> Any:
        return count_primes(block(fetch(job), job[2]))

    return fetch_and_count


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Sieve the blocks that the server's pages select, without fetching them."""
    return differing(
        [primes.sieve(*block(adler32(body(number)), size)).count(0) for _, number, size in inputs], outputs
    )


WORKLOAD = Workload(
    summary="fetch a page from a slow server, then count primes",
    bound="both",
    inputs=http.inputs,
    forms={
        "call": fetch_and_count,
        "coroutine": fetch_and_count_async,
        "nogil": nogil,
        "parallel": http.parallel,
    },
    verify=verify,
    size=10,
    size_unit=f"ms the server waits, and {NUMBERS_PER_MS} numbers to test for each of them",
    max_size=60_000,
    why_not={"cython": MOSTLY_WAITS, "cython-untyped": MOSTLY_WAITS},
)
