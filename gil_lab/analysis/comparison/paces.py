"""Whether the machine was in the same state in both sessions, by its own pace.

Every trial has the time of a fixed spin in the controller, before and after its passes. On one machine it should be the
same in both sessions. Where it is not, a virtual machine got less of its host, the clock was throttled or others took
the caches: then all wall times moved with it, and to rank them would be to rank that.
"""

import statistics
from collections.abc import Iterable
from enum import StrEnum

from gil_lab.analysis.comparison.differences import Differences
from gil_lab.model.frozen import frozen
from gil_lab.sessions.rows import TrialRow

OFF = 0.10
"""Paces of one machine that differ by more are two states of it."""


class State(StrEnum):
    """What the paces say of the machine."""

    SAME = "same"
    OTHER = "other"
    """One machine in two states, or perhaps two machines: wall times cannot be ranked."""
    OTHER_MACHINE = "other machine"
    """Its pace is part of the question."""
    UNKNOWN = "unknown"
    """No paces, or those of two Pythons: the spin is a loop in Python, and takes its time from both."""


@frozen
class Paces:
    """Seconds of the fixed spin, medians over the trials that are compared. None where there are none."""

    a_s: float | None
    b_s: float | None
    same_machine: bool | None
    same_python: bool | None
    """Whether one Python ran the spin in both: the controllers' where both sessions tell it, else by their
    interpreters, of which the controller's is usually one."""

    @property
    def ratio(self) -> float | None:
        """How many times faster B's machine was at it."""
        return self.a_s / self.b_s if self.a_s and self.b_s else None

    @property
    def state(self) -> State:
        if self.same_machine is False:
            return State.OTHER_MACHINE
        if self.ratio is None or self.same_python is False:
            return State.UNKNOWN
        return State.SAME if max(self.ratio, 1 / self.ratio) <= 1 + OFF else State.OTHER

    @property
    def lets_walls_be_ranked(self) -> bool:
        return self.state is not State.OTHER


def paces(a: Iterable[TrialRow], b: Iterable[TrialRow], found: Differences) -> Paces:
    same_python = found.same_interpreters if found.same_controller is None else found.same_controller
    return Paces(_pace_s(a), _pace_s(b), found.same_machine, same_python)


def _pace_s(trials: Iterable[TrialRow]) -> float | None:
    times = [
        pace_s
        for row in trials
        if row.numbers is not None
        for pace_s in (row.numbers.cpu_speed.before_s, row.numbers.cpu_speed.after_s)
        if pace_s > 0
    ]
    return statistics.median(times) if times else None
