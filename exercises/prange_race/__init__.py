"""`prange` with a shared variable: its threads read and write the same element."""

import random
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, NoRoomError, Program
from gil_lab.suite.instruments.computing_threads import others_that_computed, threads_cpu_ns

NUMBERS, FIRST_CALLS = 4_000_000, 5
"""So many that the threads' CPU time is known in as many calls."""
RACED_NUMBERS = 1_000_000
"""Of every second call beside the control: there are more of them. The others are longer, so that on a busy machine
their threads have a turn at the same time more often."""
PLACES = 16
"""Of the control: it is wrong only if two threads are between reading and writing one of them at the same time."""
ENOUGH_SEEN, LONGEST_S = 64, 12.0
"""Calls in which the control was wrong, and the program was not; and seconds to look for them. A loop that is wrong in
an eighth as many calls as the control passes with a probability of (8/9)^64: once in 1,900 checks.

Rejected: calls in which more than one core was busy. On a busy machine there are none of a loop that takes tens of
milliseconds a call, as one does in which each thread writes beside the other. The loop as it is given as the control:
Numba keeps its sum in a register, so that it is wrong also where its threads run one after the other, when others that
race are not.
"""


def check(program: Program) -> Iterator[Count | Ratio]:
    import numpy as np

    first, run = random.randrange(1000), program.function("run")
    values = np.arange(first, first + NUMBERS)
    run(values[:10])  # compiles it
    before = threads_cpu_ns()
    wrong = sum(int(run(values)) != int(values.sum()) for _ in range(FIRST_CALLS))
    threads = 1 + others_that_computed(before, threads_cpu_ns())  # before the control has threads of its own
    rounds, seen = FIRST_CALLS, 0
    if not wrong and threads > 1:
        racing = control()
        racing(values[:10])  # compiles it
        raced, until_s = cycle([values[:RACED_NUMBERS], values]), time.monotonic() + LONGEST_S
        while not wrong and seen < ENOUGH_SEEN and time.monotonic() < until_s:
            some = next(raced)
            rounds, wrong = rounds + 1, int(int(run(some)) != int(some.sum()))
            seen += int(racing(some)) != int(some.sum())
        if not wrong and seen < ENOUGH_SEEN:
            raise NoRoomError(
                f"in only {seen} of {rounds - FIRST_CALLS} calls a loop that races was wrong beside it, as its threads "
                "seldom ran at the same time"
            )
    yield Count(f"wrong answers, of {rounds}", wrong, 0, 0)
    yield Count("threads that computed", threads, least=2)


def control() -> Callable[[Any], Any]:
    """A loop that races, as hard to see as repairs that do: its sums stay in memory, and its threads share them all."""
    import numpy as np
    from numba import njit, prange

    @njit(parallel=True)  # type: ignore[untyped-decorator,unused-ignore]  # Numba has no types
    def run(values: Any) -> Any:
        sums = np.zeros(PLACES, np.int64)
        for index in prange(values.size):
            sums[index % PLACES] += values[index]
        return sums.sum()

    return run  # type: ignore[no-any-return,unused-ignore]  # as above


EXERCISE = Exercise(
    chapter=Chapter.NUMBA,
    question="The loop is parallel, and its sum is different each time; what do its threads share?",
    claim="The sum is right each time, and two threads compute it",
    hint="Each thread reads sums[0], adds, and writes it back. Numba makes a reduction of `total += x` on "
    "a plain variable: each thread then has its own, and they are added in the end.",
    check=check,
    requires=("numba",),
    environment=(("NUMBA_NUM_THREADS", "2"),),
)
