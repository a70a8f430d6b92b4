"""A user's own object under threads: what is to be run, and what became of its invariant."""

import os
import struct
from enum import StrEnum

from gil_lab.model.frozen import frozen

REPEATED_EVERY = 16
"""In the other rounds each thread does its operation once: an object that is made when it is first needed, or the last
ticket, can break at that moment only. A round of 2 ms takes as long as ten to twenty of those, so that each kind gets
some half of the time."""


@frozen
class ThreadTest:
    """What one process does: rounds with each switch interval, one interval after the other."""

    file: str
    seed: int
    threads: int
    repeats: int | None
    """Of its operation by each thread, a round; None: as many as make two milliseconds, in some of the rounds."""
    switch_intervals_s: tuple[float, ...]
    seconds_each: float
    most_rounds: int
    round_timeout_s: float
    """After which a round does not go on, unless its operations take long one after the other too."""
    only_round: int | None = None
    """Rounds are numbered from 1, and the seed and the number decide the order of starts; None: each has its own."""


class Ending(StrEnum):
    """Of the rounds with one switch interval."""

    RUNNING = "running"
    """They have not ended."""
    DONE = "done"
    HUNG = "hung"
    SILENT = "silent"
    """It hung, and could not say where."""
    CRASHED = "crashed"
    EXITED = "exited"
    """Something in an operation, or in the invariant, ended the process."""
    KILLED = "killed"
    """From outside, or for lack of memory: no question of threads."""
    FAILED = "failed"
    """In what is no operation, such as a setup() that raises."""
    STOPPED = "stopped"
    """By the user."""


@frozen
class Rounds:
    """What was seen with one switch interval, or has been seen so far."""

    switch_interval_s: float
    gil: bool
    rounds: int
    """That ended."""
    broken: int
    """In which the invariant did not hold."""
    first_broken: int | None
    """The number of the first of them."""
    repeats: int
    """Of its operation by each thread, in one round of REPEATED_EVERY, or in each if the user says how many."""
    what: str
    """What the invariant said then, or what an operation raised."""
    threads: int
    """That were run: one for each operation at least."""
    last: bool
    """Whether no further switch interval follows."""
    ending: Ending = Ending.DONE
    ended_in: int | None = None
    """The number of the round that did not end."""
    why: str = ""
    """Why not: where its threads stand, or what was raised."""
    repeats_given: bool = False

    def repeats_in(self, number: int) -> int:
        """Of the round with that number."""
        return self.repeats if self.repeats_given or number % REPEATED_EVERY == 1 else 1


SETUP, OPERATIONS, INVARIANT = range(3)
"""The steps of a round."""
OPERATION_RAISED = "an operation raised"
"""How a text begins that says so."""
LAYOUT = struct.Struct("<3Q")


@frozen
class RoundCount:
    """How far the rounds with one switch interval are: kept in a file, as it is exact also when Python has crashed."""

    rounds: int = 0
    broken: int = 0
    step: int = SETUP
    """Of the round that has begun."""

    def keep(self, descriptor: int) -> None:
        os.pwrite(descriptor, LAYOUT.pack(self.rounds, self.broken, self.step), 0)

    @classmethod
    def kept(cls, descriptor: int) -> "RoundCount":
        """Of a file that another process may have written to; raises nothing but OSError."""
        content = os.pread(descriptor, LAYOUT.size, 0)
        return cls(*LAYOUT.unpack(content)) if len(content) == LAYOUT.size else cls()
