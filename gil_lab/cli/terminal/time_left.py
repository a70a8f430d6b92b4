"""How long a session of an exact number of rounds will still take, from what its first ones took."""

import time
from collections.abc import Callable, Sequence

from gil_lab.model.records import Trial


class TimeLeft:
    """Known once a round has ended. Later blocks are taken to be like the first ones."""

    def __init__(
        self, trials: Sequence[Trial], rounds: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`trials` are those that are to be measured; `rounds` are those of each block, None if time decides."""
        self._clock = clock
        self._generations = len({(trial.block, trial.round) for trial in trials})
        self._rounds = None if rounds is None else rounds * len({trial.block for trial in trials})
        self._generation: tuple[int, int] | None = None
        self._begun_s = self._traced_s = self._round_s = clock()
        self._starts_s: list[float] = []
        self._turns_s: list[float] = []

    def started(self, trial: Trial) -> None:
        if (trial.block, trial.round) != self._generation:
            self._generation, self._begun_s = (trial.block, trial.round), self._clock()
            self._starts_s.append(0.0)

    def tracing(self) -> None:
        """Before the first round of a generation, each of its children."""
        self._round_s = self._clock()
        if self._starts_s:
            self._starts_s[-1] = self._round_s - self._begun_s

    def round_ended(self) -> None:
        before, self._round_s = self._round_s, self._clock()
        self._turns_s.append(self._round_s - before)

    @property
    def seconds(self) -> float | None:
        """About; None if it is not known yet."""
        if self._rounds is None or not self._turns_s or not self._starts_s:
            return None
        rounds = max(0, self._rounds - len(self._turns_s))
        generations = max(0, self._generations - len(self._starts_s))
        return rounds * _mean(self._turns_s) + generations * _mean(self._starts_s)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
