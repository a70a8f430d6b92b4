"""`prange` with a shared variable: its threads read and write the same element."""

import random
import runpy
import time
from collections.abc import Iterator
from pathlib import Path

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, NoRoomError, Program
from gil_lab.suite.instruments.computing_threads import others_that_computed, threads_cpu_ns

NUMBERS, FIRST_CALLS = 4_000_000, 5
"""So many that the threads' CPU time is known in as many calls."""
RACED_NUMBERS = 1_000_000
"""Of the calls that may be wrong: each thread is still at it when the other one begins, and there are more of them."""
ENOUGH_SEEN, LONGEST_S = 8, 5.0
"""Calls in which the loop as it is given was wrong, and the program was not; and seconds to look for them. Of two loops
that are alike, each is wrong first as often as the other: so many in a row happen once in 256 checks.

Rejected: calls in which more than one core was busy. On a busy machine there are none of a loop that takes tens of
milliseconds a call, as one does in which each thread writes beside the other; and the given loop is wrong without them,
whenever a thread is switched out between reading and writing.
"""


def check(program: Program) -> Iterator[Count | Ratio]:
    import numpy as np

    first, run = random.randrange(1000), program.function("run")
    values = np.arange(first, first + NUMBERS)
    run(values[:10])  # compiles it
    before = threads_cpu_ns()
    wrong = sum(int(run(values)) != int(values.sum()) for _ in range(FIRST_CALLS))
    threads = 1 + others_that_computed(before, threads_cpu_ns())  # before the given loop has threads of its own
    rounds, seen = FIRST_CALLS, 0
    if not wrong and threads > 1:
        given = runpy.run_path(str(Path(__file__).with_name("program.py")))["run"]
        raced = values[:RACED_NUMBERS]
        expected, until_s = int(raced.sum()), time.monotonic() + LONGEST_S
        while not wrong and seen < ENOUGH_SEEN and time.monotonic() < until_s:
            rounds, wrong = rounds + 1, int(int(run(raced)) != expected)
            seen += int(given(raced)) != expected
        if not wrong and seen < ENOUGH_SEEN:
            raise NoRoomError(
                f"in only {seen} of {rounds - FIRST_CALLS} calls the loop as it is given was wrong, as its threads "
                "seldom disturbed each other"
            )
    yield Count(f"wrong answers, of {rounds}", wrong, 0, 0)
    yield Count("threads that computed", threads, least=2)


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
