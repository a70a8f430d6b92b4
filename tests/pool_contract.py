"""A program that opens one strategy's pool in a fresh process and prints, as JSON, how it kept the contract.

It runs in a process of its own because fork and OpenMP do not go together in one that has used both.
"""

import asyncio
import json
import os
import socket
import sys
import threading
from functools import partial

import psutil

from gil_lab.catalogue import Catalogue

WORKERS = 3


def square(item: int) -> int:
    return item * item


async def square_slowly(item: int) -> int:
    for _ in range(20 - item):  # the first ones take longest
        await asyncio.sleep(0)
    return item * item


def meet(port: int, item: int) -> tuple[int, int]:
    """Returns only when as many tasks as there are workers are in flight at the same time."""
    with socket.create_connection(("127.0.0.1", port)) as meeting:
        meeting.recv(1)
    return os.getpid(), threading.get_native_id()


async def meet_async(port: int, item: int) -> tuple[int, int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.read(1)
    writer.close()
    return os.getpid(), threading.get_native_id()


def fail(item: int) -> int:
    raise LookupError(f"task {item}")


async def fail_async(item: int) -> int:
    raise LookupError(f"task {item}")


def host(server: socket.socket) -> None:
    guests = [server.accept()[0] for _ in range(WORKERS)]
    for guest in guests:
        guest.close()


def raised(run, task) -> str:
    try:
        run(task, [7])
    except BaseException as error:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        return f"{type(error).__name__}: {error}"
    return "nothing"


def strays() -> list[str]:
    """Threads and processes that are still here, but for those that multiprocessing keeps for the next pool."""
    children = psutil.Process().children(recursive=True)
    kept = ("resource_tracker", "forkserver", "loky.backend.resource_tracker")
    pools = [c for c in children if not any(word in " ".join(c.cmdline()) for word in kept)]
    _, alive = psutil.wait_procs(pools, timeout=10)
    threads = [t.name for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    return [*(" ".join(process.cmdline()) for process in alive), *threads]


def main(name: str) -> None:
    strategy = Catalogue().strategy(name)
    asynchronous = strategy.form == "coroutine"
    answer: dict[str, object] = {}
    with strategy.open(WORKERS) as run:
        answer["squares"] = run(square_slowly if asynchronous else square, list(range(20)))
        answer["none"] = run(square_slowly if asynchronous else square, [])
        if strategy.workers_are:
            with socket.create_server(("127.0.0.1", 0), backlog=WORKERS) as server:
                threading.Thread(target=host, args=(server,), daemon=True).start()
                port = server.getsockname()[1]
                answer["met"] = run(partial(meet_async if asynchronous else meet, port), list(range(WORKERS)))
    with strategy.open(1) as run:
        answer["one"] = run(square_slowly if asynchronous else square, [5, 4, 3])
        answer["raised"] = raised(run, fail_async if asynchronous else fail)
    answer["strays"] = strays()
    answer["parent"] = os.getpid()
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
