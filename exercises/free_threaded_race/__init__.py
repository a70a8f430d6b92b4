"""`+= 1` is interrupted nowhere under the GIL, by luck, and everywhere without it."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, NoRoomError, Program, ProgramError
from gil_lab.suite.instruments import gil

THREADS, COUNTS = 2, 20_000
"""Of each, so many and some more, which differ each time: nothing can be known beforehand."""
ENOUGH_SEEN, LONGEST_S = 40, 10.0
"""Rounds in which a counter without a lock lost something, and the program did not; and seconds to look for them. One
that loses something in a fifth as many rounds passes with a probability of (5/6)^40: once in 1,500 checks.
"""


class Unlocked:
    """As the program is given: a round in which it loses nothing shows nothing."""

    def __init__(self) -> None:
        self.value = 0

    def count(self) -> None:
        self.value += 1


def check(program: Program) -> Iterator[Count | Ratio]:
    make = program.function("Counter")
    if gil.enabled():
        raise ProgramError("it imports what switches the GIL on again; leave that out")
    program.doing(f"calling count() in {THREADS} threads")
    rounds = lost = seen = counts = 0
    until_s = time.monotonic() + LONGEST_S
    while not lost and seen < ENOUGH_SEEN and time.monotonic() < until_s:
        times = [COUNTS + random.randrange(COUNTS // 10) for _ in range(THREADS)]
        rounds, counts, lost = rounds + 1, counts + sum(times), lost_by(make(), times)
        seen += lost_by(Unlocked(), times) > 0
    if not lost and seen < ENOUGH_SEEN:
        raise NoRoomError(
            f"in only {seen} of {rounds} rounds a counter without a lock lost something, as its threads seldom ran at "
            "the same time"
        )
    yield Count(f"counts lost, of {counts:,}", lost, 0, 0)


def lost_by(counter: Any, times: Sequence[int]) -> int:
    """How much it lacks after threads have counted so many times each, which begin at the same time."""
    begin = threading.Barrier(len(times))

    def count(number: int) -> None:
        begin.wait()
        for _ in range(number):
            counter.count()

    threads = [threading.Thread(target=count, args=(number,), daemon=True) for number in times]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(times) - int(counter.value)


EXERCISE = Exercise(
    chapter=Chapter.GIL,
    question="Right for years under the GIL; why does it count too little without it?",
    claim=f"Without the GIL, {THREADS} threads that call count() of one counter lose no count",
    hint="Under the GIL no thread is switched out within `self.value += 1`: that was luck, and no promise. Without it "
    "two threads read the same value. Give the counter a lock, or each thread a count of its own.",
    check=check,
    without_gil=True,
)
