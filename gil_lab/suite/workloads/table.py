"""Table: wait a millisecond, then add up a table that the program has loaded before. Threads share data.

What to watch: the memory of a worker. Threads read one table. A forked process reads its parent's, until it writes; and
to read an object is to count up who refers to it, which is to write: in the end each process has a copy. Processes that
are not forked, and subinterpreters, load the table again. USS is what a process has to itself alone (`Private_Clean`,
`Private_Dirty`, proc_pid_smaps(5)), PSS adds its part of what it shares with others; both are told for all processes
together, the one that deals out the tasks included, divided by the number of workers.

In the variant `deleted` the first task deletes the name, takes its time, and puts it back, as a program that loads its
configuration anew may do. Where threads share the name, the others miss it: NameError. They go on and tell.
"""

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from gil_lab.model.records import Observation
from gil_lab.suite.workloads import Workload

ENTRY_BYTES = 40
"""Of a number in a list: a pointer of 8, and an object of 28 that takes a block of 32."""
FIRST = 1_000_000
"""Large, because Python shares small numbers anyway."""
WORK_S = 0.001
"""Before the table is needed. Without it one worker could be done before the others wake up."""
RELOAD_S = 0.02
"""How long the name is gone: from before another task has waited until after."""
MISSED = -1

TABLE: list[int] = []
_loaded = 0
"""Size of the table that was loaded in this process."""
Job = tuple[int, int]
Answer = tuple[int, int, int]
"""The sum with the task's number added, or MISSED; the process and the thread that worked."""


def numbers(size: int) -> range:
    return range(FIRST, FIRST + max(1, size // ENTRY_BYTES))


def load(size: int) -> None:
    global TABLE, _loaded
    if _loaded != size:
        TABLE, _loaded = list(numbers(size)), size


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """Load the table; the task's number, and the size of the table."""
    global TABLE, _loaded
    load(size)
    try:
        yield [(number, size) for number in range(tasks)]
    finally:
        TABLE, _loaded = [], 0


def total(number: int) -> Answer:
    """The answer, where the table is there; else that it was missed."""
    try:
        found = sum(TABLE) + number
    except NameError:
        found = MISSED
    return found, os.getpid(), threading.get_native_id()


def add_up(job: Job) -> Answer:
    number, size = job
    load(size)
    time.sleep(WORK_S)
    return total(number)


async def add_up_async(job: Job) -> Answer:
    """The same; a larger table would have to be added up in slices."""
    number, size = job
    load(size)
    await asyncio.sleep(WORK_S)
    return total(number)


@contextmanager
def deleted() -> Iterator[None]:
    global TABLE  # noqa: PLW0603 - what a module holds, and who shares it, is the subject
    held = TABLE
    del TABLE
    try:
        yield
    finally:
        TABLE = held  # noqa: F841, N806 - it is global, which ruff forgets at `del`


def delete_or_add_up(job: Job) -> Answer:
    number, size = job
    load(size)
    if number == 0:
        with deleted():
            time.sleep(RELOAD_S)
    return add_up(job)


async def delete_or_add_up_async(job: Job) -> Answer:
    number, size = job
    load(size)
    if number == 0:
        with deleted():
            await asyncio.sleep(RELOAD_S)
    return await add_up_async(job)


def totals(inputs: Sequence[Job]) -> list[int]:
    known = sum(numbers(inputs[0][1]))
    return [known + number for number, _ in inputs]


def complaint(inputs: Sequence[Job], outputs: Sequence[Answer], *, may_miss: bool) -> str | None:
    if len(outputs) != len(inputs):
        return f"{len(outputs)} answers for {len(inputs)} tasks"
    for number, (right, one) in enumerate(zip(totals(inputs), outputs, strict=True)):
        if one[0] != right and not (may_miss and number > 0 and one[0] == MISSED):
            return f"task {number} answered {one[0]}, right is {right}"
    return None


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Add the numbers up that were to be in the table."""
    return complaint(inputs, outputs, may_miss=False)


def verify_deleted(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """The same, but for tasks that have missed the table. The one that deleted it has none to miss."""
    return complaint(inputs, outputs, may_miss=True)


def kilobytes(process: int) -> dict[str, int]:
    """What `smaps_rollup` tells of a process. Raises OSError where there is none."""
    told = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return {line.partition(":")[0]: int(line.split()[1]) for line in told}


def observe_memory(inputs: Sequence[Job], answers: Sequence[Sequence[Answer]]) -> Iterator[Observation]:
    """MB a worker, of the process that asks and of all that worked; nothing where the system does not tell."""
    workers = {one[1:] for outputs in answers for one in outputs}
    try:
        found = [kilobytes(process) for process in {os.getpid(), *(process for process, _ in workers)}]
    except OSError:
        return
    private, proportional = (
        sum(one.get(name, 0) for one in found for name in names) * 1024 / 1e6 / len(workers)
        for names in (("Private_Clean", "Private_Dirty"), ("Pss",))
    )
    yield Observation("processes", len(found))
    yield Observation("USS a worker", private, "MB")
    yield Observation("PSS a worker", proportional, "MB")


def observe_missed(inputs: Sequence[Job], answers: Sequence[Sequence[Answer]]) -> Iterator[Observation]:
    """Of all passes together: how often others needed the table than the one that deletes it, and missed it."""
    uses = [one[0] for outputs in answers for one in outputs[1:]]
    yield Observation("uses", len(uses))
    if uses:
        yield Observation("missed", 100 * uses.count(MISSED) / len(uses), "% of uses")


NO_OBJECTS = "compiled code has no Python objects to share, and no names that could be deleted"

WORKLOAD = Workload(
    summary="add up a table that was loaded before",
    bound="both",
    inputs=inputs,
    forms={"call": add_up, "coroutine": add_up_async},
    verify=verify,
    size=20_000_000,
    size_unit="bytes",
    max_size=1_000_000_000,
    tasks=8,
    why_not={"nogil": NO_OBJECTS, "parallel": NO_OBJECTS},
    observe=observe_memory,
    varies=True,
)

VARIANTS = {
    "deleted": replace(
        WORKLOAD,
        summary="add up a table that another task deletes for a while",
        forms={"call": delete_or_add_up, "coroutine": delete_or_add_up_async},
        verify=verify_deleted,
        observe=observe_missed,
    )
}
