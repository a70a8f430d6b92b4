"""Blend: tasks that wait for a chosen share of their time, and compute for the rest. Half and half, unless a variant
says otherwise: `blend+25` waits for 25 per cent.

What to watch: waiting overlaps in threads and coroutines, computing under the GIL does not. So both are at most as fast
as the computing alone, one task after the other, allows: twice as fast where half is waiting. Only what is parallel as
well does better.

A task first computes, by the steps of `spin`, then it waits, as for an answer, in proportion to the CPU time that it
has taken. So its share of waiting is that of its variant on a fast machine and on a slow one, and under each Python. (A
wait of a fixed time was rejected: meant for three quarters, it was 86 per cent on a machine that computed twice as
fast.) A sleep ends some 0.1 ms late, and an event loop waits for whole milliseconds: tasks of less than some
milliseconds wait for longer than their variant says. Where all is waiting the size is the time.
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

Job = tuple[int, int, int, int]
SHARES = (0, 25, 50, 75, 100)
"""Per cent."""
HALF, ALL = 50, 100
EARLY = -1
"""The answer of a task that did not wait for its time; no computing ends there."""


def inputs_of(share: int) -> Callable[[int, int], AbstractContextManager[list[Job]]]:
    """For each task its share of waiting, its microseconds, where its computing begins, and the number of steps."""

    @contextmanager
    def inputs(tasks: int, size: int) -> Iterator[list[Job]]:
        steps = size * (ALL - share) // ALL * spin.STEPS
        yield [(share, size, number & spin.MASK, steps) for number in range(tasks)]

    return inputs


def wait_ns(share: int, size: int, computed_ns: int) -> int:
    """How long a task waits that has computed for so long."""
    return 1000 * size if share == ALL else computed_ns * share // (ALL - share)


def has_waited(wanted_ns: int, begin_ns: int) -> bool:
    return time.monotonic_ns() - begin_ns >= wanted_ns - TICK_NS


def blend(job: Job) -> int:
    share, size, x, steps = job
    computing_ns = time.thread_time_ns()
    x = spin.spin((x, steps))
    wanted_ns, begin_ns = wait_ns(share, size, time.thread_time_ns() - computing_ns), time.monotonic_ns()
    if wanted_ns:
        time.sleep(wanted_ns / 1e9)
    return x if has_waited(wanted_ns, begin_ns) else EARLY


async def blend_async(job: Job) -> int:
    """The same, cooperatively: others run while it waits, and between two slices of its computing."""
    share, size, x, steps = job
    computed_ns = 0
    for done in range(0, steps, spin.SLICE):
        computing_ns = time.thread_time_ns()
        x = spin.spin((x, min(spin.SLICE, steps - done)))
        computed_ns += time.thread_time_ns() - computing_ns
        await asyncio.sleep(0)
    wanted_ns, begin_ns = wait_ns(share, size, computed_ns), time.monotonic_ns()
    if wanted_ns:
        await asyncio.sleep(wanted_ns / 1e9)
    return x if has_waited(wanted_ns, begin_ns) else EARLY


def verify(inputs: Sequence[Job], outputs: Sequence[Any]) -> str | None:
    return differing([(begin + steps) & spin.MASK for _, _, begin, steps in inputs], list(outputs))


WORKLOAD = Workload(
    summary="compute, then wait, each for half of the time",
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
