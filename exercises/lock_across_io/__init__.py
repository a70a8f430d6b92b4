"""A lock that is held while a thread waits: the others wait for it, and not for their pages."""

import sys
from collections.abc import Iterator

from gil_lab.model.chapters import Chapter
from gil_lab.model.exercise import Count, Ratio
from gil_lab.suite.exercises import Exercise, Program
from gil_lab.suite.exercises.pages import fetched, in_flight

PAGES, ROUNDS = 4, 3
SWITCH_INTERVAL_S = 1e-6
"""A thread that adds up without a lock is interrupted more often, and then its answer is wrong."""


def check(program: Program) -> Iterator[Count | Ratio]:
    run, interval_s = program.function("run"), sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        for _ in range(ROUNDS):
            words, pages = fetched(PAGES, run)
            expected = sum(len(text.split()) for text in pages.texts)
            if words != expected or pages.most_at_once < PAGES:
                break
    finally:
        sys.setswitchinterval(interval_s)
    yield Count(f"words, of {expected:,}", words if isinstance(words, int) else 0, expected, expected)
    yield from in_flight(pages)


EXERCISE = Exercise(
    chapter=Chapter.WAITING,
    question="Four threads fetch four pages, one page after the other; what keeps the threads?",
    claim="The threads wait for their four pages at the same time, and count every word",
    hint="Which lines change what the threads share? Only those need the lock: while a thread that holds it "
    "waits, all others wait with it.",
    check=check,
)
