"""How long a session will still take, from what its first starts and turns took."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean

from gil_lab.model.records import Trial
from gil_lab.sessions.schedule import ENDING_S, MIN_ROUNDS, rounds_of_generation


@dataclass
class _Block:
    processes: int
    """Of a generation: cells that are not skipped."""
    to_come: dict[int, int]
    """Its generations that have not begun, and how many rounds each has if their number is exact."""
    begun: bool = False
    spent_s: float = 0.0
    """In generations that have ended."""


class TimeLeft:
    """Known once a round has ended; of a budget, what remains of it is known before. Blocks are taken to be alike."""

    def __init__(
        self,
        trials: Sequence[Trial],
        rounds: int | None,
        budget_s: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`trials` are those that are to be measured, `rounds` those of each block; None if the budget decides."""
        self._clock, self._budget_s = clock, budget_s if rounds is None else None
        self._blocks: dict[int, _Block] = {}
        for number in dict.fromkeys(trial.block for trial in trials):
            alike = [trial for trial in trials if trial.block == number]
            first = [trial for trial in alike if trial.round == alike[0].round]
            to_come = {trial.round: rounds_of_generation(trial.round, rounds or 1) for trial in alike}
            self._blocks[number] = _Block(sum(not trial.skip for trial in first), to_come)
        self._processes = sum(block.processes for block in self._blocks.values())
        self._generation: tuple[int, int] | None = None
        """Block and number of the one that runs."""
        self._rounds_left = self._rounds = 0
        """Of it: as many are to come if their number is exact, and have been."""
        self._begun_s = self._event_s = self._starting_s = 0.0
        self._starts_s: list[float] = []
        """Of a process, and so are those below: a mean over the generation."""
        self._turns_s: list[float] = []
        self._ends_s: list[float] = []

    def started(self, trial: Trial) -> None:
        """A process is going to be started for that trial."""
        if (trial.block, trial.round) == self._generation:
            return
        now_s = self._clock()
        if block := self._running:
            block.spent_s += now_s - self._begun_s
            self._ends_s.append((now_s - self._event_s) / max(1, block.processes))
        self._generation = trial.block, trial.round
        block = self._blocks[trial.block]
        block.begun = True
        self._rounds_left, self._rounds = block.to_come.pop(trial.round, 0), 0
        self._begun_s = self._event_s = now_s

    def tracing(self) -> None:
        """A started process is going to be traced, which each is before its first turn."""
        self._event_s = self._clock()
        self._starting_s = self._event_s - self._begun_s

    def round_ended(self) -> None:
        """Each process had a turn."""
        if block := self._running:
            before_s, self._event_s = self._event_s, self._clock()
            self._turns_s.append((self._event_s - before_s) / max(1, block.processes))
            if not self._rounds:
                self._starts_s.append(self._starting_s / max(1, block.processes))
            self._rounds += 1
            self._rounds_left -= 1

    @property
    def seconds(self) -> float | None:
        """About; None if it is not known yet."""
        if self._turns_s:
            return sum(map(self._rest_s, self._blocks.values()))
        if self._budget_s is None:
            return None
        left_s = self._budget_s - (self._clock() - self._begun_s if self._running else 0.0)
        # If starting takes so long, three rounds may well take longer than the budget, too.
        return left_s if left_s >= self._budget_s / 2 else None

    @property
    def _running(self) -> _Block | None:
        return self._blocks[self._generation[0]] if self._generation else None

    def _rest_s(self, block: _Block) -> float:
        start_s, turn_s, end_s = (mean(known or [0.0]) for known in (self._starts_s, self._turns_s, self._ends_s))
        end_s = end_s or ENDING_S
        runs = block is self._running
        if self._budget_s is None:
            rounds = sum(block.to_come.values()) + runs * max(0, self._rounds_left)
            return block.processes * (rounds * turn_s + len(block.to_come) * (start_s + end_s) + runs * end_s)
        left_s = self._budget_s * block.processes / max(1, self._processes) - block.spent_s
        generation_s = block.processes * (start_s + MIN_ROUNDS * turn_s + end_s)
        if runs:
            left_s -= self._clock() - self._begun_s
            to_come = max(0, MIN_ROUNDS - self._rounds)
            if block.to_come and left_s >= block.processes * (to_come * turn_s + end_s) + generation_s:
                return left_s
            fitting = int((left_s - block.processes * end_s) // (block.processes * turn_s)) if turn_s else 0
            return block.processes * (max(to_come, fitting) * turn_s + end_s)
        if block.begun:  # another generation, if it fits
            return left_s if left_s >= generation_s else 0.0
        return max(left_s, generation_s)
