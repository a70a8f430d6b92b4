"""Object mode: compiled, and yet every operation is a call of the interpreter."""

import random
import time
from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right

LIMIT, ROUNDS = 800, 7
MODULUS, BOUND = 2**31, 2**25
"""A sequence comes below the bound after 64 steps on average, and ends in no other one before it: what is kept of one
call, or of one start, helps with no other.

Rejected: Collatz sequences. They end in each other, so that plain Python with a cache passed.
"""
LEAST_MULTIPLE = 5.0
LEAST_S = 1e-6
"""Of a clock of nanoseconds that takes one to read."""


def check(program: Program) -> Iterator[Count | Ratio]:
    run = program.function("run")
    run(5, 10)  # compiles it
    answers, expected, ratios = [], [], []
    for factor in random.sample(range(MODULUS // 2 + 5, MODULUS, 8), ROUNDS):  # 1 more than a multiple of 4: it ends
        begin_s = time.process_time()
        expected.append(plainly(factor, LIMIT))
        middle_s = time.process_time()
        answers.append(run(factor, LIMIT))
        ratios.append((middle_s - begin_s) / max(time.process_time() - middle_s, LEAST_S))
    yield right(answers, expected)
    yield Ratio("CPU time of the same loop in plain Python, as a multiple", tuple(ratios), LEAST_MULTIPLE)


def plainly(factor: int, limit: int) -> dict[str, int]:
    """Of the starts below the limit, which takes the most steps to come below the bound, and how many."""
    best = {"start": 0, "steps": 0}
    for start in range(limit):
        number, steps = (start * factor + 1) % MODULUS, 1
        while number > BOUND:
            number = (number * factor + 1) % MODULUS
            steps += 1
        if steps > best["steps"]:
            best = {"start": start, "steps": steps}
    return best


EXERCISE = Exercise(
    chapter=Chapter.RUNNING,
    question="Numba has compiled it, and it is no faster than plain Python; what was compiled?",
    claim="Compiled, it needs less than a fifth of the CPU time of the same loop in plain Python",
    hint="forceobj=True makes Numba compile what it has no types for, such as this dictionary: each operation is then "
    "a call of the interpreter. Take what has no type out of what is compiled (njit): it can return a tuple.",
    check=check,
    requires=("numba",),
)
