"""A student's program that an exercise checks, and what was found out about it by running it."""

from gil_lab.model.frozen import frozen


@frozen
class ProgramTest:
    """What one process does: run the program as its exercise says."""

    exercise: str
    """Path of the file that defines the exercise."""
    program: str
    """Path of the student's file."""
    dump_after_s: float | None = None
    """Seconds of the program after which the lines that its threads are at are printed, as it does not seem to end."""


@frozen
class Count:
    """Something that is counted, and so has no interval."""

    what: str
    value: int
    least: int | None = None
    """Claimed; None: no limit."""
    most: int | None = None
    of_answers: bool = False
    """Whether it counts right answers: a program that is repaired may still mix them up."""


@frozen
class Ratio:
    """Of two times that were taken in turns, a pair a round."""

    what: str
    values: tuple[float, ...]
    above: float
    """Claimed."""


@frozen
class ProgramFindings:
    """What the claim of the exercise is judged by: all of it must be as claimed."""

    counts: tuple[Count, ...]
    ratios: tuple[Ratio, ...] = ()
    no_room: str = ""
    """Why the machine did not let it be seen; empty if it did."""
