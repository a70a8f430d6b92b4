"""Morning: boil water, shower, dry the hair, make tea, while the washing machine runs.

Some of it is done by machines, the rest by you, one thing at a time: each of your activities depends on the one before.
Nothing is computed, every task waits; so the time of a strategy depends only on which waits overlap. The least time is
the *critical path*, the longest chain of activities in which each depends on the one before (Kelley and Walker,
Critical-Path Planning and Scheduling, 1959).

A minute of the morning takes `size` milliseconds. With more tasks, the next morning follows when this one is over; with
fewer, it is cut short.

The variant `morning+blocking` waits with `time.sleep` in its coroutines too, like a library that is not written for
asyncio: it blocks the event loop, and all coroutines with it.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from gil_lab.model.frozen import frozen
from gil_lab.model.records import Observation
from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload
from gil_lab.suite.workloads.sleep import slept

Job = tuple[int, int]
"""The number of the activity, counted over all mornings, and the milliseconds that it takes."""


@frozen
class Activity:
    name: str
    minutes: int
    by_you: bool
    after: tuple[int, ...] = ()
    """Activities of the same morning, by number."""


MORNING = (
    Activity("switch the kettle on", 1, by_you=True),
    Activity("start the washing machine", 1, by_you=True, after=(0,)),
    Activity("the water boils", 4, by_you=False, after=(0,)),
    Activity("the laundry is washed", 10, by_you=False, after=(1,)),
    Activity("shower", 5, by_you=True, after=(1,)),
    Activity("dry the hair", 3, by_you=True, after=(4,)),
    Activity("make tea", 4, by_you=True, after=(2, 5)),
)


@contextmanager
def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
    """Activities, each with the milliseconds that it takes."""
    yield [(number, size * MORNING[number % len(MORNING)].minutes) for number in range(tasks)]


def after(job: Job) -> tuple[int, ...]:
    """The activities that this one depends on; the first of a morning depends on all of the morning before."""
    number, _ = job
    position = number % len(MORNING)
    first = number - position
    if position == 0:
        return tuple(range(max(0, first - len(MORNING)), first))
    return tuple(first + other for other in MORNING[position].after)


def activity(job: Job) -> int:
    """Block the thread."""
    number, milliseconds = job
    begin_ns = time.monotonic_ns()
    time.sleep(milliseconds / 1000)
    return slept(number, milliseconds, begin_ns)


async def activity_async(job: Job) -> int:
    """Let the event loop run other coroutines meanwhile."""
    number, milliseconds = job
    begin_ns = time.monotonic_ns()
    await asyncio.sleep(milliseconds / 1000)
    return slept(number, milliseconds, begin_ns)


async def activity_blocking(job: Job) -> int:
    """Asynchronous in name only: it never yields."""
    return activity(job)


def critical_path_ms(jobs: Sequence[Job]) -> int:
    """The longest chain of activities in which each depends on the one before."""
    ends: list[int] = []
    for job in jobs:
        ends.append(max((ends[other] for other in after(job)), default=0) + job[1])
    return max(ends)


def observe(jobs: Sequence[Job], answers: Sequence[Sequence[int]]) -> Iterator[Observation]:
    """What the graph of activities predicts."""
    yield Observation("critical path", critical_path_ms(jobs) / 1000, "s")
    yield Observation("sum of all", sum(milliseconds for _, milliseconds in jobs) / 1000, "s")


def verify(jobs: Sequence[Job], outputs: Sequence[int]) -> str | None:
    """Each activity answers with its number, unless it ended too early."""
    return differing([number for number, _ in jobs], outputs)


NOT_COMPILED = (
    "dependencies between tasks work for plain functions and coroutines only; run sleep to see compiled code wait"
)

WORKLOAD = Workload(
    summary="boil water, shower, make tea: activities that depend on each other",
    bound="io",
    inputs=inputs,
    forms={"call": activity, "coroutine": activity_async},
    verify=verify,
    size=20,
    size_unit="ms per minute",
    max_size=60_000,
    tasks=len(MORNING),
    why_not={"nogil": NOT_COMPILED, "parallel": NOT_COMPILED},
    observe=observe,
    after=after,
)
VARIANTS = {"blocking": replace(WORKLOAD, forms={"call": activity, "coroutine": activity_blocking})}
