"""The chapters of the story that experiments and exercises tell, in order."""

from enum import StrEnum
from typing import Self

TITLE = "Why Python is slow, and what each remedy does"


class Chapter(StrEnum):
    """Its heading; `aim` is what people can do after it, as the end of "You can", `about` its beginning in Markdown."""

    MODELS = (
        "Concurrency and parallelism",
        "tell concurrency from parallelism by two numbers, and say which model of concurrency brings which",
        (
            "Two words for two things that are often confused. **Concurrent**: several tasks are *in flight*, begun "
            "and not ended. **Parallel**: several *cores are busy*. Both are measured here, from outside."
        ),
    )
    WAITING = (
        "Synchronous and asynchronous",
        "say what it gains to wait together, and what one blocking call does to an event loop",
        "Most programs wait more than they compute: for a server, a disk, a user. Waiting needs no core.",
    )
    SHARING = (
        "Processes and threads, shared data and races",
        "choose threads or processes by what they share, and protect what is shared",
        "Threads share memory, processes do not. That decides what they cost, and what can go wrong.",
    )
    GIL = (
        "The GIL, and Python without it",
        "say who holds the GIL, who waits for it, and what changes without it",
        (
            "One lock around the interpreter: what it costs, what a Python without it costs, and which threads have "
            "to wait."
        ),
    )
    RUNNING = (
        "How source becomes something that runs",
        "name what becomes of source before it runs, and say when compilation is paid back",
        (
            "Source is never run directly. It becomes tokens, a tree, bytecode; then an interpreter runs the "
            "bytecode, or a compiler turns it into machine code: before the program runs, or while it does."
        ),
    )
    SLOW = (
        "Why Python is slow",
        "explain by what each number costs, in time and memory, why a plain loop is slow",
        "Not only because it is interpreted. A name can refer to anything, and so each number is an object.",
    )
    NUMBA = (
        "What Numba is good for, and where it stops",
        "say beforehand what Numba will speed up, and where it gives an error or a wrong answer",
        "It compiles a subset of Python, and of NumPy, to machine code. Know that subset.",
    )

    aim: str
    about: str

    def __new__(cls, heading: str, aim: str, about: str) -> Self:
        """The heading is the value; the others stand beside it."""
        member = str.__new__(cls, heading)
        member._value_ = heading
        member.aim, member.about = aim, about
        return member
