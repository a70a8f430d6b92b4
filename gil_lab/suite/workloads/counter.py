"""Counter: many tasks increment one counter. The GIL protects the interpreter, not the program.

What to watch: lost updates. Each update reads the counter, calls a function with the value, and writes the result back,
as `account.balance = with_interest(account.balance)` does. A thread that is switched out in between overwrites, when it
continues, everything that the others have written meanwhile. Since CPython 3.10 threads are only switched at function
calls and at the end of a loop iteration, so that `counter.value += 1`, the variant `increment`, happens to lose nothing
under the GIL: this is not documented behaviour, and without a GIL updates are lost here too.

- `lock` lets one thread at a time do the three steps: correct, but no longer parallel.
- `local` counts in a local variable of the task and adds it to the counter at the end, with the lock: correct and fast.
- In an event loop no other coroutine runs between two `await`s, so nothing is lost, unless there is an `await` between
  reading and writing: the variant `await`.
- Processes and interpreters have a counter each: nothing is lost, but no counter has the sum.
"""

import asyncio
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload

SLICE = 1000
"""Updates, a small part of a millisecond, after which a coroutine lets others run."""
Job = tuple[int, int]
Answer = tuple[int, int, int, int, int]
"""The task's number, its number of updates, the counter (process, and number within it), and its last value."""


class Counter:
    def __init__(self) -> None:
        self.number = secrets.randbits(62)
        """Distinguishes the counters of interpreters in one process; forked processes differ in their pid."""
        self.value = 0


SHARED, LOCK = Counter(), threading.Lock()


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The task's number, and its number of updates."""
    SHARED.value = 0
    yield [(number, size) for number in range(tasks)]


def answer(job: Job) -> Answer:
    return (*job, os.getpid(), SHARED.number, SHARED.value)


def one_more(value: int) -> int:
    """The computation between reading and writing the value."""
    return value + 1


def count(job: Job) -> Answer:
    for _ in range(job[1]):
        SHARED.value = one_more(SHARED.value)
    return answer(job)


def count_by_increment(job: Job) -> Answer:
    for _ in range(job[1]):
        SHARED.value += 1
    return answer(job)


def count_with_lock(job: Job) -> Answer:
    for _ in range(job[1]):
        with LOCK:
            SHARED.value = one_more(SHARED.value)
    return answer(job)


def count_locally(job: Job) -> Answer:
    local = 0
    for _ in range(job[1]):
        local = one_more(local)
    with LOCK:
        SHARED.value += local
    return answer(job)


async def count_async(job: Job) -> Answer:
    for begin in range(0, job[1], SLICE):
        for _ in range(begin, min(begin + SLICE, job[1])):
            SHARED.value = one_more(SHARED.value)
        await asyncio.sleep(0)
    return answer(job)


async def count_with_await(job: Job) -> Answer:
    """The same, with every pause in the middle of an update."""
    for begin in range(0, job[1], SLICE):
        for _ in range(begin, min(begin + SLICE, job[1]) - 1):
            SHARED.value = one_more(SHARED.value)
        value = SHARED.value
        await asyncio.sleep(0)
        SHARED.value = one_more(value)
    return answer(job)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Each task has done its number of updates. Their effect is reported by `observe`."""
    return differing(list(inputs), [tuple(output[:2]) for output in outputs])


def observe(inputs: Sequence[Job], answers: Sequence[Sequence[Answer]]) -> Iterator[Observation]:
    """Over all passes: the number of counters, of updates, and of updates that the counters lack.

    Only one thread uses the counter of another process or interpreter, so that its largest value is its last.
    """
    updates, counters = 0, dict[tuple[int, int], int]()
    for _, times, process, number, value in (answer for outputs in answers for answer in outputs):
        updates += times
        counters[process, number] = max(value, counters.get((process, number), 0))
    here = (os.getpid(), SHARED.number)
    if here in counters:
        counters[here] = SHARED.value
    lost = updates - sum(counters.values())
    yield Observation("counters", len(counters))
    yield Observation("updates", updates)
    yield Observation("lost updates", lost)
    yield Observation("lost share", 100 * lost / updates, "%")


PLAIN_PYTHON = "compiled code has no Python objects to share, whose updates could be lost"
NO_NEED = "in an event loop no other coroutine runs between two awaits: there is no update to protect"
ONLY_ASYNC = "only coroutines can await; for the updates that threads lose, see the plain counter"

WORKLOAD = Workload(
    summary="count on a counter that all threads share",
    bound="cpu",
    releases_gil=False,
    inputs=inputs,
    forms={"call": count, "coroutine": count_async},
    verify=verify,
    size=40_000,
    size_unit="updates",
    max_size=100_000_000,
    tasks=16,
    why_not={"nogil": PLAIN_PYTHON, "parallel": PLAIN_PYTHON},
    observe=observe,
    varies=True,
)
CALL_ONLY = {**WORKLOAD.why_not, "coroutine": NO_NEED}

VARIANTS = {
    "increment": replace(
        WORKLOAD,
        summary="the same by `counter.value += 1`",
        forms={"call": count_by_increment},
        why_not=CALL_ONLY,
        in_one_process=True,
    ),
    "lock": replace(
        WORKLOAD,
        summary="the same with a lock around each update",
        forms={"call": count_with_lock},
        why_not=CALL_ONLY,
        in_one_process=True,
        releases_gil=True,  # threads wait for the lock in the kernel, beside the one that computes
    ),
    "local": replace(
        WORKLOAD,
        summary="the same, each task with its own count, added at the end",
        forms={"call": count_locally},
        why_not=CALL_ONLY,
        in_one_process=True,
    ),
    "await": replace(
        WORKLOAD,
        summary="the same with every pause in the middle of an update",
        forms={"coroutine": count_with_await},
        why_not={**WORKLOAD.why_not, "call": ONLY_ASYNC},
    ),
}
