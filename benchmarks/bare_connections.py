"""Clients for many requests at once, written by hand as one would without the lab.

`python bare_connections.py MODEL PYTHON SERVER DELAYS...` prints the seconds of a pass for each line that it reads.
MODEL is a function below, PYTHON runs the file SERVER, and there is a request for each delay, in milliseconds.
"""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

ANSWER_BYTES = len(b"HTTP/1.1 200 OK\r\nContent-Length: 512\r\n\r\n") + 512
Pass = Callable[[], object]
Jobs = list[tuple[int, int, int]]
"""Port, number and milliseconds."""
LOOPS = max(2, len(os.sched_getaffinity(0)))


def request(number: int, milliseconds: int) -> bytes:
    return b"GET /%010d/%010d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % (number, milliseconds)


def ask(job: tuple[int, int, int], sockets: Any = socket) -> None:
    port, number, milliseconds = job
    with sockets.socket() as connection:
        connection.connect(("127.0.0.1", port))
        connection.sendall(request(number, milliseconds))
        received = 0
        while received < ANSWER_BYTES:
            more = connection.recv(4096)
            assert more, "the server closed the connection"
            received += len(more)


async def ask_async(job: tuple[int, int, int]) -> None:
    port, number, milliseconds = job
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(number, milliseconds))
    await reader.readexactly(ANSWER_BYTES)
    writer.close()
    await writer.wait_closed()


async def ask_all(jobs: Jobs) -> None:
    await asyncio.gather(*map(ask_async, jobs))


def threads(jobs: Jobs) -> Pass:
    pool = ThreadPoolExecutor(len(jobs))
    return lambda: list(pool.map(ask, jobs))


def loop(jobs: Jobs) -> Pass:
    runner = asyncio.Runner()
    return lambda: runner.run(ask_all(jobs))


def uvloop_loop(jobs: Jobs) -> Pass:
    import uvloop

    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    return lambda: runner.run(ask_all(jobs))


def loops(jobs: Jobs) -> Pass:
    made = [asyncio.new_event_loop() for _ in range(LOOPS)]
    for one in made:
        threading.Thread(target=one.run_forever, daemon=True).start()

    def run() -> None:
        futures = [
            asyncio.run_coroutine_threadsafe(ask_all(jobs[number::LOOPS]), one) for number, one in enumerate(made)
        ]
        for future in futures:
            future.result()

    return run


def ask_share(jobs: Jobs) -> None:
    asyncio.run(ask_all(jobs))


def interpreters(jobs: Jobs) -> Pass:
    from concurrent.futures import InterpreterPoolExecutor  # type: ignore[attr-defined]  # from 3.14 on

    pool = InterpreterPoolExecutor(LOOPS)
    return lambda: list(pool.map(ask_share, [jobs[number::LOOPS] for number in range(LOOPS)]))


def greenlets(jobs: Jobs) -> Pass:
    from gevent import joinall, spawn
    from gevent import socket as sockets

    return lambda: joinall([spawn(ask, job, sockets) for job in jobs], raise_error=True)


def compiled(jobs: Jobs) -> Pass:
    """With the lab's calls of the C library: Numba has none of its own."""
    from numba import njit

    from gil_lab.suite.compilers import libc

    @njit(nogil=True)
    def ask_compiled(port: Any, buffer: Any, length: Any) -> Any:
        return libc.exchange(port, buffer, length, ANSWER_BYTES)

    @njit(nogil=True)
    def ask_one(port: Any, text: Any) -> Any:
        buffer = libc.calloc(1, ANSWER_BYTES)
        received = ask_compiled(port, buffer, libc.put(buffer, text))
        libc.free(buffer)
        return received

    pool = ThreadPoolExecutor(len(jobs))

    def ask_job(job: tuple[int, int, int]) -> None:
        port, number, milliseconds = job
        assert ask_one(port, request(number, milliseconds)) == ANSWER_BYTES

    ask_job(jobs[0])  # compiled once, not by all threads at once
    return lambda: list(pool.map(ask_job, jobs))


def main(model: str, command: list[str], delays_ms: list[int]) -> None:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = int(server.stdout.readline())
        run = globals()[model]([(port, number, delay_ms) for number, delay_ms in enumerate(delays_ms)])
        run()  # threads are started, code is compiled, modules are imported
        for _ in sys.stdin:
            begin = time.perf_counter()
            run()
            print(time.perf_counter() - begin, flush=True)
        os._exit(0)  # whatever threads are left; the server ends as well


if __name__ == "__main__":
    main(sys.argv[1], [sys.argv[2], "-P", sys.argv[3]], list(map(int, sys.argv[4:])))
