"""Object mode: compiled, and yet every operation is a call of the interpreter."""

import random
import time
from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right

LIMIT, ROUNDS = 800, 7
LEAST_MULTIPLE = 5.0
LEAST_S = 1e-6
"""Of a clock of nanoseconds that takes one to read."""


def check(program: Program) -> Iterator[Count | Ratio]:
    run = program.function("run")
    run(10)  # compiles it
    limits = [LIMIT + random.randrange(LIMIT // 10) for _ in range(ROUNDS)]
    answers, expected, ratios = [], [], []
    for limit in limits:
        begin_s = time.process_time()
        expected.append(plainly(limit))
        middle_s = time.process_time()
        answers.append(run(limit))
        ratios.append((middle_s - begin_s) / max(time.process_time() - middle_s, LEAST_S))
    yield right(answers, expected)
    yield Ratio("CPU time of the same loop in plain Python, as a multiple", tuple(ratios), LEAST_MULTIPLE)


def plainly(limit: int) -> dict[str, int]:
    """Of the numbers below the limit, which takes the most steps to come to 1, and how many (Collatz)."""
    best = {"start": 1, "steps": 0}
    for start in range(1, limit):
        number, steps = start, 0
        while number > 1:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
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
