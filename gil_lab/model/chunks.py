"""How many tasks are handed over at a time: a number, or a word for one that depends on the work."""

import math

SHARE, AUTO = "all", "auto"
"""As many as come to each worker, all at once; as many as are predicted to be best (`gil_lab.child.chunk_choice`)."""
WORDS = (SHARE, AUTO)


def is_chunk(word: str) -> bool:
    """Whether it is a number above 0, or one of the words."""
    return word in WORDS or (word.isascii() and word.isdecimal() and int(word) > 0)


def share(tasks: int, workers: int) -> int:
    """The tasks of each worker, if all have as many."""
    return math.ceil(tasks / workers)


def even(chunk: float, tasks: int, workers: int) -> int:
    """At most about so many, so that each worker gets as many chunks as any other."""
    whole = share(tasks, workers)
    return math.ceil(whole / math.ceil(whole / min(whole, max(1.0, chunk))))
