"""`prange` with a shared variable: its threads read and write the same element."""

import random
import time
from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, NoRoomError, Program
from gil_lab.suite.instruments.computing_threads import others_that_computed, threads_cpu_ns

NUMBERS = 4_000_000
"""So many that each thread is at it when the other one begins."""
LEAST_CORES = 1.2
"""Busy in a call, as in `gil_lab.analysis.verdicts`: only threads that run at the same time disturb each other."""
ENOUGH_OVERLAPPING, LONGEST_S = 5, 3.0
"""Calls in which they did; and seconds to look for them."""


def check(program: Program) -> Iterator[Count | Ratio]:
    import numpy as np

    first, run = random.randrange(1000), program.function("run")
    values = np.arange(first, first + NUMBERS)
    expected = int(values.sum())
    run(values[:10])  # compiles it
    rounds, wrong, overlapping = 0, 0, 0
    before, until_s = threads_cpu_ns(), time.monotonic() + LONGEST_S
    while not wrong and overlapping < ENOUGH_OVERLAPPING and time.monotonic() < until_s:
        began_s, cpu_s = time.monotonic(), time.process_time()
        answer = run(values)
        overlapping += (time.process_time() - cpu_s) / (time.monotonic() - began_s) > LEAST_CORES
        rounds, wrong = rounds + 1, wrong + (int(answer) != expected)
    threads = 1 + others_that_computed(before, threads_cpu_ns())
    if not wrong and threads > 1 and not overlapping:
        raise NoRoomError("its threads never ran at the same time, as other programs left no second core")
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
