"""Measures the blocks of a session, generation by generation, and keeps all of it at once."""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gil_lab.measuring.generation import Generation
from gil_lab.measuring.launcher import Launcher
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell, CoreSample, Trial, Turn
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.schedule import Schedule
from gil_lab.sessions.writer import OpenFolder, StartedTrial
from gil_lab.suite.catalogue import Catalogue


class Watcher(Protocol):
    """Notified while all measured processes sleep: to watch costs the measured work nothing."""

    def started(self, trial: Trial) -> None:
        """Its process is about to be started."""

    def tracing(self, trial: Trial) -> None:
        """A pass of it is about to be traced."""

    def took_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        """A round has ended, and is on disk."""

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        """The trial has ended, and its row is on disk."""

    def has_enough(self) -> bool:
        """Whether the intervals are as narrow as was asked for, so that no further round is needed."""


class Judge(Protocol):
    """Who says, after each round, which cells need no further turns."""

    def losers(self, turns: Sequence[tuple[Trial, Turn]]) -> Collection[Cell]:
        """Of the session, after these turns, those of a round."""

    @property
    def decided(self) -> bool:
        """Whether no cell needs further turns."""


ATTEMPTS = 2
"""At a trial during which something was suspended."""


@dataclass
class Block:
    """Cells that are compared with each other, measured side by side: the trials of each of its generations."""

    generations: list[tuple[Trial, ...]]
    schedule: Schedule

    @property
    def unfinished(self) -> bool:
        return bool(self.generations) and self.schedule.another_generation


@frozen
class Relay:
    """What measures the blocks of one session."""

    launchers: Mapping[str, Launcher]
    """By the labels of the interpreters."""
    catalogue: Catalogue
    folder: OpenFolder
    watcher: Watcher
    order: random.Random
    """Of the turns in each round."""
    rounds: Iterator[int]
    """The numbers of rounds that are free."""
    judge: Judge | None = None

    def measure(self, blocks: Sequence[Block]) -> None:
        """One generation of each block after the other, until all have enough."""
        while not self._decided and (unfinished := [block for block in blocks if block.unfinished]):
            for block in unfinished:
                trials = block.generations.pop(0)
                for _ in range(ATTEMPTS):  # what was measured while something was suspended is lost
                    if trials:
                        trials = self._generation(trials, block.schedule)
                block.schedule.end()

    @property
    def _decided(self) -> bool:
        return self.judge is not None and self.judge.decided

    def _generation(self, trials: Sequence[Trial], schedule: Schedule) -> tuple[Trial, ...]:
        """Measure them. The trials that have no numbers because something was suspended."""
        schedule.begin(trials[0].round)
        with Generation(trials, self.launchers, self.catalogue) as generation:
            postponed = generation.start(self.watcher.started)
            generation.compare_answers()
            generation.trace(self.watcher.tracing)
            schedule.started()
            for _ in range(schedule.traces - 1):
                generation.trace(self.watcher.tracing)
            while generation.alive and not self._decided and schedule.another_round(self.watcher.has_enough):
                turns = generation.round(next(self.rounds), self.order)
                self.folder.append_starts(_started(generation, {trial.number for trial, _ in turns}))
                self.folder.append_turns(turns)
                self.watcher.took_turns(turns)
                if self.judge:
                    generation.retire(self.judge.losers(turns))
            schedule.ending()
            rows = []
            for result in generation.finish():
                rows.append(self.folder.append(result))
                self.watcher.finished(rows[-1], result.measurement.samples if result.measurement else ())
        again = tuple(trial for trial, row in zip(trials, rows, strict=False) if not row.final)
        return again + (self._generation(postponed, schedule) if postponed else ())


def _started(generation: Generation, trials: Collection[int]) -> list[StartedTrial]:
    """What is known of the starts of those; before its first turn a trial has no rows, and may be measured again."""
    return [
        StartedTrial(child.trial, child.began_utc, child.known, child.traces)
        for child in generation.children
        if child.known and child.trial.number in trials
    ]
