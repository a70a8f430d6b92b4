"""Table: wait a millisecond, then add up a table that the program has loaded before. Threads share data.

What to watch: the memory of a worker. Threads read one table. A forked process reads its parent's, until it writes; and
reading an object increments its reference count, which is a write: in the end each process has a copy. Processes that
are not forked, and subinterpreters, load the table again. USS is the memory of a process alone (`Private_Clean`,
`Private_Dirty`, proc_pid_smaps(5)), PSS adds its part of what it shares with others; both are reported as the sum over
all processes, including the one that distributes the tasks, divided by the number of workers.

In the variant `deleted` the first task deletes the name, waits, and restores it, like a program that reloads its
configuration. Where threads share the name, the others miss it: NameError. They continue and report it.
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
"""Per number in a list: a pointer of 8, and an object of 28 in a block of 32."""
FIRST = 1_000_000
"""Large, because Python shares small integers anyway."""
WORK_S = 0.001
"""Before the table is read. Without it, one worker could be done before the others wake up."""
RELOAD_S = 0.02
"""How long the name is deleted: longer than another task waits."""
MISSED = -1

TABLE: list[int] = []
_loaded = 0
"""Size of the table loaded in this process."""
Job = tuple[int, int]
Answer = tuple[int, int, int]
"""The sum with the task's number added, or MISSED; the process and thread that worked."""


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
    """The sum, or MISSED if there is no table."""
    try:
        result = sum(TABLE) + number
    except NameError:
        result = MISSED
    return result, os.getpid(), threading.get_native_id()


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
    global TABLE  # noqa: PLW0603 - sharing of a module's globals is what is measured
    table = TABLE
    del TABLE
    try:
        yield
    finally:
        TABLE = table  # noqa: F841, N806 - it is global, which ruff forgets at `del`


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
    total = sum(numbers(inputs[0][1]))
    return [total + number for number, _ in inputs]


def complaint(inputs: Sequence[Job], outputs: Sequence[Answer], *, may_miss: bool) -> str | None:
    if len(outputs) != len(inputs):
        return f"{len(outputs)} answers for {len(inputs)} tasks"
    for number, (right, answer) in enumerate(zip(totals(inputs), outputs, strict=True)):
        if answer[0] != right and not (may_miss and number > 0 and answer[0] == MISSED):
            return f"task {number} answered {answer[0]} instead of {right}"
    return None


def verify(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """Add up the numbers that should be in the table."""
    return complaint(inputs, outputs, may_miss=False)


def verify_deleted(inputs: Sequence[Any], outputs: Sequence[Any]) -> str | None:
    """The same, except for tasks that missed the table. The task that deleted it cannot miss it."""
    return complaint(inputs, outputs, may_miss=True)


def kilobytes(process: int) -> dict[str, int]:
    """The fields of a process's `smaps_rollup`. Raises OSError if it has none."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    return {line.partition(":")[0]: int(line.split()[1]) for line in lines}


def observe_memory(inputs: Sequence[Job], answers: Sequence[Sequence[Answer]]) -> Iterator[Observation]:
    """MB per worker, over this process and all that worked; nothing where the system does not report it."""
    workers = {answer[1:] for outputs in answers for answer in outputs}
    try:
        processes = [kilobytes(process) for process in {os.getpid(), *(process for process, _ in workers)}]
    except OSError:
        return
    private, proportional = (
        sum(fields.get(name, 0) for fields in processes for name in names) * 1024 / 1e6 / len(workers)
        for names in (("Private_Clean", "Private_Dirty"), ("Pss",))
    )
    yield Observation("processes", len(processes))
    yield Observation("USS a worker", private, "MB")
    yield Observation("PSS a worker", proportional, "MB")


def observe_missed(inputs: Sequence[Job], answers: Sequence[Sequence[Answer]]) -> Iterator[Observation]:
    """Over all passes: how often tasks other than the deleting one used the table, and how often they missed it."""
    uses = [answer[0] for outputs in answers for answer in outputs[1:]]
    yield Observation("uses", len(uses))
    if uses:
        yield Observation("missed", 100 * uses.count(MISSED) / len(uses), "% of uses")


NO_OBJECTS = "compiled code has no Python objects to share, and no names to delete"

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
