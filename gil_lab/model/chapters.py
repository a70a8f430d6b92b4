"""The chapters of the story that experiments and exercises tell, in order."""

from enum import StrEnum
from typing import Self

TITLE = "Why Python is slow, and what each remedy does"


class Chapter(StrEnum):
    """Its heading; `aim` is what people can do after it, as the end of "You can"."""

    MODELS = (
        "Concurrency and parallelism",
        "tell concurrency from parallelism by two numbers, and say which model of concurrency brings which",
    )
    WAITING = (
        "Synchronous and asynchronous",
        "say what it gains to wait together, and what one blocking call does to an event loop",
    )
    SHARING = (
        "Processes and threads, shared data and races",
        "choose threads or processes by what they share, and protect what is shared",
    )
    GIL = ("The GIL, and Python without it", "say who holds the GIL, who waits for it, and what changes without it")
    RUNNING = (
        "How source becomes something that runs",
        "name what becomes of source before it runs, and say when compilation is paid back",
    )
    SLOW = ("Why Python is slow", "explain by what each number costs, in time and memory, why a plain loop is slow")
    NUMBA = (
        "What Numba is good for, and where it stops",
        "say beforehand what Numba will speed up, and where it gives an error or a wrong answer",
    )

    aim: str

    def __new__(cls, heading: str, aim: str) -> Self:
        """The heading is the value; the aim stands beside it."""
        member = str.__new__(cls, heading)
        member._value_ = heading
        member.aim = aim
        return member
