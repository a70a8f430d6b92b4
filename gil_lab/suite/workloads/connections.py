"""Connections: so many requests at once, each on a connection of its own, to a server that takes its time.

What to watch: waiting costs nothing, so ten requests take every model the same time. A thousand do not: each has a
price in CPU time, and in one thread, or under one GIL, the prices add up. All requests of a pass are due when it
begins, so the *latency* of one is counted from there, whenever it was sent: a client that is slow to send cannot hide
it (Tene, "How NOT to Measure Latency"; wrk2 calls it coordinated omission). The server is a process of its own
that does next to nothing for a request; `services busy` is how busy it was.

The answer says when the task began and how long it took, and in its lowest bits the number of the task: one integer, as
compiled forms have it. So it differs from pass to pass; the page itself is checked by the task.
"""

import asyncio
import errno
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.answers import differing
from gil_lab.suite.compilers.cython_source import MOSTLY_WAITS
from gil_lab.suite.workloads import Workload, _connections_server
from gil_lab.suite.workloads._connections_server import ANSWER_BYTES, HEAD, PAGE_BYTES, page
from gil_lab.suite.workloads._services import port, service

REQUEST = b"GET /%010d/%010d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
NO_PAGE, NO_SOCKET = -1, -2
"""Answers: no page came, or a wrong one; and there was no socket to ask for it."""
OUT_OF_FILES = (errno.EMFILE, errno.ENFILE)
NUMBER_BITS, DURATION_BITS, BEGIN_BITS = 14, 20, 28
"""Of an answer: 10,000 tasks, the most there are; up to 104 s; and the 7 hours after the server was started."""
TICK_NS = 100_000
"""The unit of begin and duration: a tenth of a millisecond, where answers take fifty."""
LONGEST = 4
"""Times the shortest delay: 200 ms beside 50."""
STRIDE = 7919
"""A prime, with which neighbours have delays that are far from each other."""
Job = tuple[int, int, int, int]
"""The server's port, the task's number, for how many milliseconds the server waits, and when it was started."""


def delay_ms(number: int, shortest_ms: int) -> int:
    """How long the server takes to answer: from the shortest to `LONGEST` times as long, evenly spread."""
    return shortest_ms + number * STRIDE % ((LONGEST - 1) * shortest_ms + 1)


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """Start the server."""
    with service(_connections_server.__file__) as server:
        port_number, started_ns = port(server), time.monotonic_ns()
        yield [(port_number, number, delay_ms(number, size), started_ns) for number in range(tasks)]


def arrived(job: Job, begin_ns: int, page_or_not: bytes) -> int:
    """The answer of a task that began then, if this is the right page, which has just arrived."""
    _, number, _, started_ns = job
    if page_or_not != HEAD + page(number):
        return NO_PAGE
    return packed((begin_ns - started_ns) // TICK_NS, (time.monotonic_ns() - begin_ns) // TICK_NS, number)


def packed(begin: int, duration: int, number: int) -> int:
    """As one integer; compiled too."""
    begin, duration = begin % (1 << BEGIN_BITS), min(duration, (1 << DURATION_BITS) - 1)
    return begin << DURATION_BITS + NUMBER_BITS | duration << NUMBER_BITS | number


def unpacked(answer: int) -> tuple[int, int, int]:
    """Begin, duration and number of the task."""
    times, number = divmod(answer, 1 << NUMBER_BITS)
    return *divmod(times, 1 << DURATION_BITS), number


def limit_of_files() -> str:
    """Why there was no socket, and the next step."""
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return f"a connection takes an open file, and a process may have {allowed} (ulimit -n): allow more"


def fetched(sockets: Any, job: Job) -> int:
    """Ask with a blocking socket of the module `sockets`."""
    port, number, milliseconds, _ = job
    begin_ns = time.monotonic_ns()
    try:
        with sockets.socket() as connection:
            connection.connect(("127.0.0.1", port))
            connection.sendall(REQUEST % (number, milliseconds))
            answer = b""
            while len(answer) < ANSWER_BYTES and (more := connection.recv(ANSWER_BYTES - len(answer))):
                answer += more
    except OSError as error:
        if error.errno in OUT_OF_FILES:
            raise OSError(error.errno, limit_of_files()) from error
        raise
    return arrived(job, begin_ns, answer)


def fetch(job: Job) -> int:
    """Block the thread."""
    return fetched(socket, job)


async def fetch_async(job: Job) -> int:
    """The same with asyncio's streams."""
    port, number, milliseconds, _ = job
    begin_ns = time.monotonic_ns()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as error:
        if error.errno in OUT_OF_FILES:
            raise OSError(error.errno, limit_of_files()) from error
        raise
    try:
        writer.write(REQUEST % (number, milliseconds))
        answer = await reader.readexactly(ANSWER_BYTES)
    finally:
        writer.close()
        await writer.wait_closed()
    return arrived(job, begin_ns, answer)


def greenlet() -> Any:
    """The same as `fetch`, with gevent's sockets."""
    from gevent import socket as sockets

    def fetch_in_greenlet(job: Job) -> int:
        return fetched(sockets, job)

    return fetch_in_greenlet


def nogil() -> Any:
    """The same in compiled code, which calls the C library's sockets."""
    from numba import njit

    from gil_lab.suite.compilers import libc
    from gil_lab.suite.instruments.compiled_spans import monotonic_ns

    room, head, words, template = ANSWER_BYTES, len(HEAD), PAGE_BYTES // 8, REQUEST % (0, 0)
    after_number, after_delay = len(template.partition(b"0/")[2]) + 1, len(template.partition(b"0 ")[2]) + 1
    no_page, no_socket, tick, packing = NO_PAGE, NO_SOCKET, TICK_NS, njit(packed)

    @njit(nogil=True, error_model="numpy")
    def fetch(job: Any) -> Any:
        port, number, milliseconds, started = job
        begin = monotonic_ns()
        buffer = libc.calloc(1, room)
        length = libc.put(buffer, template)
        libc.put_number(buffer, length - after_number, number)
        libc.put_number(buffer, length - after_delay, milliseconds)
        received = libc.exchange(port, buffer, length, room)
        answer = no_page
        if received == libc.NO_SOCKET:
            answer = no_socket
        elif received == room:
            answer = packing((begin - started) // tick, (monotonic_ns() - begin) // tick, number)
            for word in range(words):
                for byte in range(8):
                    if buffer[head + 8 * word + byte] != (number >> (8 * byte)) & 255:
                        answer = no_page
        libc.free(buffer)
        return answer

    return fetch


def parallel(task: Any) -> Any:
    """One loop over all tasks."""
    from numba import njit, prange

    @njit(parallel=True)
    def loop(inputs: Any, outputs: Any) -> None:
        for i in prange(inputs.shape[0]):
            outputs[i] = task((inputs[i, 0], inputs[i, 1], inputs[i, 2], inputs[i, 3]))

    return loop


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Each task had its own page. Raises OSError where there was no socket."""
    if NO_SOCKET in outputs:
        raise OSError(errno.EMFILE, limit_of_files())
    if NO_PAGE in outputs:
        return f"task {list(outputs).index(NO_PAGE)} got no page from the server, or a wrong one"
    return differing([number for _, number, *_ in inputs], [unpacked(answer)[-1] for answer in outputs])


def latencies_ms(answers: Sequence[int]) -> list[float]:
    """From when all requests of a pass were due, which is when the first task began, in ascending order."""
    times = [unpacked(answer)[:2] for answer in answers]
    due, ticks_a_ms = min(begin for begin, _ in times), 1_000_000 / TICK_NS
    return sorted((begin + duration - due) / ticks_a_ms for begin, duration in times)


def observe(inputs: Sequence[Any], answers: Sequence[Sequence[int]]) -> Iterator[Observation]:
    """Latencies of the passes after the first one: of each its median and its 99th percentile, of these the medians."""
    passes = [latencies_ms(outputs) for outputs in answers[1:] or answers]
    yield Observation("latency, median", statistics.median(map(statistics.median, passes)), "ms")
    yield Observation("latency, 99 %", statistics.median(one[-1 - len(one) // 100] for one in passes), "ms")


WORKLOAD = Workload(
    summary="ask a slow HTTP server for so many pages at once, each on a connection of its own",
    bound="io",
    inputs=inputs,
    forms={"call": fetch, "coroutine": fetch_async, "greenlet": greenlet, "nogil": nogil, "parallel": parallel},
    verify=verify,
    observe=observe,
    varies=True,
    size=50,
    size_unit="ms the server waits, up to four times as long",
    max_size=15_000,
    why_not={"cython": MOSTLY_WAITS, "cython-untyped": MOSTLY_WAITS},
)
