"""`+= 1` is interrupted nowhere under the GIL, by luck, and everywhere without it."""

import threading
import time
from collections.abc import Iterator
from typing import Any

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, NoRoomError, Program, ProgramError
from gil_lab.suite.instruments import gil

THREADS, COUNTS = 2, 20_000
TOTAL = THREADS * COUNTS
ENOUGH_SEEN, LONGEST_S = 12, 10.0
"""Rounds in which a counter without a lock lost something, and the program did not; and seconds to look for them. Of
two counters that are alike, each loses first as often as the other: so many in a row happen once in 4,096 checks.
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
    rounds = lost = seen = 0
    until_s = time.monotonic() + LONGEST_S
    while not lost and seen < ENOUGH_SEEN and time.monotonic() < until_s:
        rounds, lost = rounds + 1, lost_by(make())
        seen += lost_by(Unlocked()) > 0
    if not lost and seen < ENOUGH_SEEN:
        raise NoRoomError(
            f"in only {seen} of {rounds} rounds a counter without a lock lost something, as its threads seldom ran at "
            "the same time"
        )
    yield Count(f"counts lost, of {rounds * TOTAL:,}", lost, 0, 0)


def lost_by(counter: Any) -> int:
    """How much it lacks after both threads have counted, which begin at the same time."""
    begin = threading.Barrier(THREADS)

    def count() -> None:
        begin.wait()
        for _ in range(COUNTS):
            counter.count()

    threads = [threading.Thread(target=count, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return TOTAL - int(counter.value)


EXERCISE = Exercise(
    chapter=Chapter.GIL,
    question="Right for years under the GIL; why does it count too little without it?",
    claim=f"Without the GIL, {THREADS} threads that count to {COUNTS:,} come to {TOTAL:,}",
    hint="Under the GIL no thread is switched out within `self.value += 1`: that was luck, and no promise. Without it "
    "two threads read the same value. Give the counter a lock, or each thread a count of its own.",
    check=check,
    without_gil=True,
)
