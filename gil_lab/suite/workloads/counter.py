"""Counter: many tasks count on one counter. The GIL protects the interpreter, not the program.

What to watch: lost updates. Each update reads the counter, calls a function with what it has read, and writes the
result back, as `account.balance = with_interest(account.balance)` does. A thread that is switched out in between
overwrites, when it goes on, all that the others have written meanwhile. Since CPython 3.10 a thread can only be
switched out at calls of functions and at the end of a round of a loop, so that `counter.value += 1`, the variant
`increment`, happens to lose nothing under the GIL: no document promises it, and without a GIL it is lost too.

- `lock` lets one thread at a time do the three steps: right, and not parallel any more.
- `local` counts in a variable of the task's own and adds it to the counter, with the lock, in the end: right and fast.
- In an event loop nobody else runs between two `await`, so nothing is lost, unless one stands between reading and
  writing: the variant `await`.
- Processes and interpreters have a counter each: nothing is lost, and nobody has the sum.
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
from gil_lab.suite.workloads import Workload, differing

SLICE = 1000
"""Updates, a small part of a millisecond, after which a coroutine lets others run."""
Job = tuple[int, int]
Answer = tuple[int, int, int, int, int]
"""The task's number, how often it has counted, on which counter (process, and number within it), its last value."""


class Counter:
    def __init__(self) -> None:
        self.number = secrets.randbits(62)
        """Interpreters in one process have a counter each; forked processes are told apart by their own number."""
        self.value = 0


SHARED, LOCK = Counter(), threading.Lock()


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """The task's number, and how often it shall count."""
    SHARED.value = 0
    yield [(number, size) for number in range(tasks)]


def answer(job: Job) -> Answer:
    return (*job, os.getpid(), SHARED.number, SHARED.value)


def one_more(value: int) -> int:
    """What a program does with the value between reading and writing it."""
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
    own = 0
    for _ in range(job[1]):
        own = one_more(own)
    with LOCK:
        SHARED.value += own
    return answer(job)


async def count_async(job: Job) -> Answer:
    for begin in range(0, job[1], SLICE):
        for _ in range(begin, min(begin + SLICE, job[1])):
            SHARED.value = one_more(SHARED.value)
        await asyncio.sleep(0)
    return answer(job)


async def count_with_await(job: Job) -> Answer:
    """The same, with each pause in the middle of an update."""
    for begin in range(0, job[1], SLICE):
        for _ in range(begin, min(begin + SLICE, job[1]) - 1):
            SHARED.value = one_more(SHARED.value)
        value = SHARED.value
        await asyncio.sleep(0)
        SHARED.value = one_more(value)
    return answer(job)


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Each task has counted as often as it should. What came of it, `observe` tells."""
    return differing(list(inputs), [tuple(one[:2]) for one in outputs])


def observe(inputs: Sequence[Job], answers: Sequence[Sequence[Answer]]) -> Iterator[Observation]:
    """Of all passes together: how many counters there were, how often was counted, and what they lack of it.

    Only one thread counts on a counter of another process or interpreter, so that its largest value is its last.
    """
    made, counters = 0, dict[tuple[int, int], int]()
    for _, times, process, number, value in (one for outputs in answers for one in outputs):
        made += times
        counters[process, number] = max(value, counters.get((process, number), 0))
    own = (os.getpid(), SHARED.number)
    if own in counters:
        counters[own] = SHARED.value
    lost = made - sum(counters.values())
    yield Observation("counters", len(counters))
    yield Observation("updates", made)
    yield Observation("lost updates", lost)
    yield Observation("lost share", 100 * lost / made, "%")


PLAIN_PYTHON = "compiled code has no objects to share: what is lost here are updates of a Python object"
NO_NEED = "in an event loop nobody else runs between two awaits: there is no update to guard"
ONLY_ASYNC = "only coroutines can await; what threads lose without any await is in the plain counter"

WORKLOAD = Workload(
    summary="count on a counter that all threads share",
    bound="cpu",
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
        releases_gil=True,  # whoever waits for the lock does it in the kernel, beside the one that computes
    ),
    "local": replace(
        WORKLOAD,
        summary="the same, each task for itself, added up in the end",
        forms={"call": count_locally},
        why_not=CALL_ONLY,
        in_one_process=True,
    ),
    "await": replace(
        WORKLOAD,
        summary="the same with each pause in the middle of an update",
        forms={"coroutine": count_with_await},
        why_not={**WORKLOAD.why_not, "call": ONLY_ASYNC},
    ),
}
