"""What tasks do with their time, in words: running, ready, and what they wait for while they are blocked."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from gil_lab.sessions.rows import StateShares


class TaskState(StrEnum):
    """In the order in which they are drawn."""

    meaning: str

    def __new__(cls, word: str, meaning: str = "") -> Self:
        member = str.__new__(cls, word)
        member._value_, member.meaning = word, meaning
        return member

    RUNNING = "running", "on a core"
    READY = "ready", "waiting for a core"
    GIL = "waiting for the GIL", "blocked, until another thread lets go of it"
    LOCK_OR_IO = "waiting for a lock or I/O", "blocked, until something happens"
    SLEEP = "asleep", "blocked, for a given time"
    BLOCKED = "blocked", "waiting for the GIL, a lock, I/O or its turn"
    NOT_RUNNING = "not running", "the system does not report why"


def in_common(all_shares: Sequence[StateShares]) -> list[StateShares]:
    """The same, with no more parts in one of them than in any other."""
    if any(shares.ready is None for shares in all_shares):
        return [StateShares(shares.running, None, None) for shares in all_shares]
    if any(shares.gil is None for shares in all_shares):
        return [StateShares(shares.running, shares.ready, shares.blocked) for shares in all_shares]
    return list(all_shares)


def by_state(shares: StateShares) -> dict[TaskState, float]:
    """As many as are known; they come to 1, or nearly, as their clocks have different resolutions."""
    running, ready, blocked = shares.running, shares.ready, shares.blocked
    if ready is None or blocked is None:
        return {TaskState.RUNNING: running, TaskState.NOT_RUNNING: 1 - running}
    if shares.gil is None or shares.lock_or_io is None or shares.sleep is None:
        return {TaskState.RUNNING: running, TaskState.READY: ready, TaskState.BLOCKED: blocked}
    return {
        TaskState.RUNNING: running,
        TaskState.READY: ready,
        TaskState.GIL: shares.gil,
        TaskState.LOCK_OR_IO: shares.lock_or_io,
        TaskState.SLEEP: shares.sleep,
    }
