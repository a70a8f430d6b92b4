"""Workloads of which it is known what their tasks do beside each other: see known_truths.py."""

import hashlib
import time

from gil_lab import Workload

SLEEP_S, TWO = 0.02, 2
STEPS, BLOCKS = 1_500_000, 80
"""Of a task that computes, for longer than another one sleeps: else all would wait together on average."""
BLOCK = bytes(1 << 20)


def spin(number: int) -> int:
    """Pure Python, which holds the GIL."""
    total = 0
    for step in range(STEPS):
        total += step & number
    return total


def sleep(number: int) -> int:
    time.sleep(SLEEP_S)
    return number


def hashing(number: int) -> int:
    """A block of this size is hashed without the GIL."""
    for _ in range(BLOCKS):
        hashlib.sha256(BLOCK)
    return number


def spin_one(number: int) -> int:
    return spin(number) if number < 1 else sleep(number)


def spin_two(number: int) -> int:
    return spin(number) if number < TWO else sleep(number)


def hash_two(number: int) -> int:
    return hashing(number) if number < TWO else sleep(number)


globals().update(
    {
        task.__name__.upper(): Workload(
            summary=f"known: {task.__name__}", bound="cpu", inputs=list(range(6)), forms={"call": task}
        )
        for task in (spin, sleep, hashing, spin_one, spin_two, hash_two)
    }
)
