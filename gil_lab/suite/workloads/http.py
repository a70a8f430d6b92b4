"""HTTP: fetch a page from a server that takes its time. I/O-bound work of the kind that most programs do.

What to watch: as with `sleep`, waiting overlaps in threads, coroutines and processes alike; but here every task has a
price in CPU time, and that is where the strategies differ. The server has a process of its own: in the same process,
client and server would compete for one GIL. The answer is the checksum of the page.
"""

import asyncio
import http.client
import os
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.cython_source import MOSTLY_WAITS
from gil_lab.suite.workloads import Workload, _http_server
from gil_lab.suite.workloads._services import port, service

REQUEST = b"GET /%010d/%010d HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200"
NO_ANSWER = -1


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[tuple[int, int, int]]]:
    """Start the server. Its port, the task's number, and how many milliseconds the answer takes."""
    with service(_http_server.__file__) as server:
        try:
            port_number = port(server)
            yield [(port_number, number, size) for number in range(tasks)]
        finally:
            vars(_local).clear()


class _Connection(http.client.HTTPConnection):
    def __del__(self) -> None:
        self.close()


_local = threading.local()
"""Each thread's connection, kept alive between tasks and closed when the thread ends."""


def fetch(job: tuple[int, int, int]) -> int:
    """Adler-32 of the page; -1 if the server does not answer with 200."""
    port, number, milliseconds = job
    if getattr(_local, "key", None) != (os.getpid(), port):  # a forked process must not share its parent's connection
        _local.key, _local.connection = (os.getpid(), port), _Connection("127.0.0.1", port)
    _local.connection.request("GET", f"/{number}/{milliseconds}")
    with _local.connection.getresponse() as response:
        page = response.read()
        return zlib.adler32(page) if response.status == http.client.OK else -1


async def fetch_async(job: tuple[int, int, int]) -> int:
    """The same, with one connection per task: the standard library has no asynchronous HTTP client."""
    port, number, milliseconds = job
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(REQUEST % (number, milliseconds))
        answer = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    return zlib.adler32(answer[-_http_server.BODY_BYTES :]) if answer.startswith(OK) else -1


def nogil() -> Any:
    """The same in compiled code, which calls the C library's sockets."""
    from numba import njit

    from gil_lab.suite.compilers import libc

    room, page = 4096, _http_server.BODY_BYTES
    two, zero, _ = b"200"
    template = REQUEST % (0, 0)
    # Positions count from the end, which compiled code computes: Numba would recompile for each constant argument.
    after_number, after_delay = len(template.partition(b"0/")[2]) + 1, len(template.partition(b"0 ")[2]) + 1

    @njit(nogil=True, error_model="numpy")
    def fetch(job: Any) -> Any:
        port, number, milliseconds = job
        buffer = libc.calloc(1, room)
        length = libc.put(buffer, template)
        libc.put_number(buffer, length - after_number, number)
        libc.put_number(buffer, length - after_delay, milliseconds)
        received = libc.exchange(port, buffer, length, room)
        answer = -1
        if received > page and buffer[9] == two and buffer[10] == zero and buffer[11] == zero:
            answer = libc.adler32(buffer, received - page, received)
        libc.free(buffer)
        return answer

    return fetch


def parallel(task: Any) -> Any:
    """One loop over all tasks."""
    from numba import njit, prange

    @njit(parallel=True)
    def loop(inputs: Any, outputs: Any) -> None:
        for i in prange(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1], inputs[i, 2]))

    return loop


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Compare with the checksums of the pages that the server should have sent."""
    if NO_ANSWER in outputs:
        return f"task {list(outputs).index(NO_ANSWER)} got no page from the server: no connection, or an error"
    return differing([zlib.adler32(_http_server.body(number)) for _, number, _ in inputs], outputs)


WORKLOAD = Workload(
    summary="fetch pages from a slow HTTP server on this machine",
    bound="io",
    inputs=inputs,
    forms={"call": fetch, "coroutine": fetch_async, "nogil": nogil, "parallel": parallel},
    verify=verify,
    size=20,
    size_unit="ms the server waits",
    max_size=60_000,
    why_not={"cython": MOSTLY_WAITS, "cython-untyped": MOSTLY_WAITS},
)
