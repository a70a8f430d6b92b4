"""A module that opens the pools of strategies in a fresh process and prints, as JSON, how each kept the contract.

A process of its own, under any Python, with the standard library alone. None of them uses OpenMP, which does not go
together with fork in one process.
"""

import asyncio
import json
import os
import socket
import sys
import threading
from functools import partial

from gil_lab.child.probe import refusal
from gil_lab.suite.catalogue import Catalogue

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


def run_out(item: int) -> int:
    raise MemoryError(f"task {item}")


async def run_out_async(item: int) -> int:
    raise MemoryError(f"task {item}")


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


KEPT = "Dask-Offload"
"""A thread that distributed keeps for the next cluster; it sleeps, and leaves with the program."""


def lingering() -> list[str]:
    """Threads that do not end within 10 s."""
    others = [
        one for one in threading.enumerate() if one is not threading.main_thread() and not one.name.startswith(KEPT)
    ]
    for one in others:
        one.join(10)
    return [one.name for one in others if one.is_alive()]


def interpreters() -> int:
    """How many there are in this process, the main one included."""
    if sys.version_info < (3, 14):
        return 1
    from concurrent.interpreters import list_all

    return len(list_all())


def account(name: str) -> dict[str, object]:
    strategy = Catalogue().strategy(name)
    if reason := refusal(strategy):
        return {"refused": reason}
    asynchronous = strategy.form == "coroutine"
    answer: dict[str, object] = {}
    with strategy.open(WORKERS) as run:
        answer["squares"] = run(square_slowly if asynchronous else square, list(range(20)))
        answer["none"] = run(square_slowly if asynchronous else square, [])
        if strategy.workers_are:
            with socket.create_server(("127.0.0.1", 0), backlog=WORKERS) as server:
                host_thread = threading.Thread(target=host, args=(server,))
                host_thread.start()
                port = server.getsockname()[1]
                answer["met"] = run(partial(meet_async if asynchronous else meet, port), list(range(WORKERS)))
                host_thread.join()
    with strategy.open(1) as run:
        answer["one"] = run(square_slowly if asynchronous else square, [5, 4, 3])
        answer["raised"] = raised(run, fail_async if asynchronous else fail)
        answer["ran out"] = raised(run, run_out_async if asynchronous else run_out)
        answer["went on"] = run(square_slowly if asynchronous else square, [2])
    answer["threads"] = lingering()
    answer["interpreters"] = interpreters()
    answer["parent"] = os.getpid()
    return answer


def one_after_the_other(names: list[str]) -> None:
    """Each in a line of its own. The next one is opened when a line comes in: others look at what is left meanwhile."""
    for name in names:
        print(json.dumps(account(name)), flush=True)
        sys.stdin.readline()
