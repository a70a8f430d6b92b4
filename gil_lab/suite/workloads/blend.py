"""Blend: tasks that wait for a chosen share of their time, and compute for the rest. Half and half, unless a variant
says otherwise: `blend+25` waits for 25 per cent.

What to watch: waiting overlaps in threads and coroutines, computing under the GIL does not. So both are at most as fast
as the computing alone, one task after the other, allows: twice as fast where half is waiting. Only what is parallel as
well does better.

A task first waits, as for an answer, then it computes, by the steps of `spin`. What it computes is fixed, not how long
that takes. A sleep ends some 0.1 ms late, and an event loop waits for whole milliseconds: tasks of less than some
milliseconds wait for longer than their variant says.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from gil_lab.suite.answers import differing
from gil_lab.suite.workloads import Workload, spin
from gil_lab.suite.workloads.sleep import TICK_NS

Job = tuple[int, int, int]
SHARES = (0, 25, 50, 75, 100)
"""Per cent."""
HALF = 50
EARLY = -1
"""The answer of a task that did not wait for its time; no computing ends there."""


def inputs_of(share: int) -> Callable[[int, int], AbstractContextManager[list[Job]]]:
    """For each task microseconds to wait, where the computing begins, and its number of steps."""

    @contextmanager
    def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
        wait_us = size * share // 100
        yield [(wait_us, number & spin.MASK, (size - wait_us) * spin.STEPS) for number in range(tasks)]

    return inputs


def has_waited(wait_us: int, begin_ns: int) -> bool:
    return time.monotonic_ns() - begin_ns >= 1000 * wait_us - TICK_NS


def blend(job: Job) -> int:
    wait_us, x, steps = job
    begin_ns = time.monotonic_ns()
    if wait_us:
        time.sleep(wait_us / 1e6)
    return spin.spin((x, steps)) if has_waited(wait_us, begin_ns) else EARLY


async def blend_async(job: Job) -> int:
    """The same, cooperatively: others run while it waits, and between two slices of its computing."""
    wait_us, x, steps = job
    begin_ns = time.monotonic_ns()
    if wait_us:
        await asyncio.sleep(wait_us / 1e6)
    return await spin.spin_async((x, steps)) if has_waited(wait_us, begin_ns) else EARLY


def verify(inputs: Sequence[Job], outputs: Sequence[Any]) -> str | None:
    return differing([(begin + steps) & spin.MASK for _, begin, steps in inputs], list(outputs))


WORKLOAD = Workload(
    summary="wait, then compute, each for half of the time",
    bound="both",
    inputs=inputs_of(HALF),
    forms={"call": blend, "coroutine": blend_async},
    verify=verify,
    size=10_000,
    size_unit="microseconds, about",
    max_size=10_000_000,
    variant_unit="% waiting",
    same_work=False,
    why_not=dict.fromkeys(("nogil", "parallel", "cython", "cython-untyped", "cuda"), spin.FOLDED),
)
VARIANTS = {
    f"{share}": replace(
        WORKLOAD, summary=f"wait for {share} % of the time, compute for the rest", inputs=inputs_of(share)
    )
    for share in SHARES
}
