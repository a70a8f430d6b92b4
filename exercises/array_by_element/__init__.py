"""An array that is read element by element: each number becomes an object, and the loop is one of the interpreter."""

import random
import time
from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program, right

LENGTH, ROUNDS = 100_000, 7
LEAST_MULTIPLE = 3.0
LEAST_S = 1e-6
"""Of a clock of nanoseconds that takes one to read."""


def check(program: Program) -> Iterator[Count | Ratio]:
    import numpy as np

    run = program.function("run")
    run(np.arange(10), np.arange(10))  # loads what it needs
    answers, expected, ratios = [], [], []
    for _ in range(ROUNDS):
        first, second = ([random.randrange(1000) for _ in range(LENGTH)] for _ in range(2))
        arrays = np.array(first), np.array(second)
        begin_s = time.process_time()
        expected.append(plainly(first, second))
        middle_s = time.process_time()
        answers.append(run(*arrays))
        ratios.append((middle_s - begin_s) / max(time.process_time() - middle_s, LEAST_S))
    yield right(answers, expected)
    yield Ratio("CPU time of the same loop over two lists, as a multiple", tuple(ratios), LEAST_MULTIPLE)


def plainly(first: list[int], second: list[int]) -> int:
    """The sum of the distances of two lists of numbers."""
    total = 0
    for number, other in zip(first, second, strict=True):
        total += abs(number - other)
    return total


EXERCISE = Exercise(
    chapter=Chapter.SLOW,
    question="The numbers are in arrays, and it is slower than with lists; what is done again for each of them?",
    claim="It needs less than a third of the CPU time of the same loop over two lists",
    hint="An array has numbers, not objects: each one that the loop reads is made into an object first, and each "
    "operation looks up what it has to do. NumPy has these operations for whole arrays.",
    check=check,
    requires=("numpy",),
)
