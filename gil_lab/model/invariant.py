"""A user's own object under threads: what is to be run, and what became of its invariant."""

from gil_lab.model.frozen import frozen


@frozen
class ThreadTest:
    """What one process does: rounds with each switch interval, one interval after the other."""

    file: str
    seed: int
    threads: int
    repeats: int | None
    """Of its operation by each thread, a round; None: as many as make two milliseconds."""
    switch_intervals_s: tuple[float, ...]
    seconds_each: float
    most_rounds: int
    only_round: int | None = None
    """Rounds are numbered from 1, and the seed and the number decide the order of starts; None: each has its own."""


@frozen
class Rounds:
    """What was seen with one switch interval."""

    switch_interval_s: float
    gil: bool
    rounds: int
    broken: int
    """In which the invariant did not hold."""
    first_broken: int | None
    """The number of the first of them."""
    repeats: int
    what: str
    """What the invariant said then, or what an operation raised."""
    threads: int
    """That were run: one for each operation at least."""
    last: bool
    """Whether no further switch interval follows."""
