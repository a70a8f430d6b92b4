"""One generation: a fresh measured process for each cell of a block, alive side by side, that take turns.

While one has its turn, the others sleep on their pipes. Neighbours in a round are a fraction of a second apart, so that
a machine that drifts drifts under all of them alike; and each is started once for many passes.
"""

import itertools
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.machine import memory_left_bytes
from gil_lab.measuring.measured_child import MeasuredChild
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.model.records import Cell, Flag, Result, Trial, Turn
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import BASELINE

PROCESS_BYTES = 100_000_000
"""Twice what a worker process with NumPy and Numba has to itself (PSS, docs/how-it-measures.md)."""
LIGHT_WORKER_BYTES = 250_000
"""Of a thread or a coroutine that waits for a connection: threads of 3.13t took up to 215 kB, others a tenth of it
(results/reference/README.md)."""
AWAKE_SHARE = 0.02
"""Of a core during a sibling's turn: more than a process that sleeps needs, and less than would be seen in the turn.
Sleeping processes of all strategies used less than a tenth of it (docs/how-it-measures.md)."""
AWAKE_S = 0.002
"""CPU seconds; in a short turn, less than this is one wake-up."""

LONG_TURN_S, SHARE_OF_LONGEST = 0.2, 1 / 3
"""Beside a sibling whose passes take long, turns with short passes are lengthened to this share of the longest pass,
up to that limit: in a round that takes two seconds anyway, they cost little. Passes of 7 ms in two threads took either
6.7 or 8.4 ms, for the system moves threads from core to core: a turn of 50 ms differed from the next by a tenth."""


class Generation:
    """Must be left by `with`, which ends all of its processes."""

    def __init__(self, trials: Sequence[Trial], launchers: Mapping[str, Launcher], catalogue: Catalogue) -> None:
        """`launchers` by the labels of their interpreters."""
        self.children = [MeasuredChild(trial, launchers[trial.cell.interpreter], catalogue) for trial in trials]
        self._catalogue, self._stack = catalogue, ExitStack()
        self._others = OtherProcesses()
        self._undisturbed = self._repeated = 0
        """Turns. There are no more repeated ones than undisturbed ones: beside a neighbour that never rests, to repeat
        is of no use, and beside one that does they suffice if it is at work for less than half of the time."""

    def __enter__(self) -> Self:
        for child in self.children:
            self._stack.enter_context(child)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            for child in self.children:  # all at once: some may need a second
                child.release()
        finally:
            self._stack.__exit__(kind, error, traceback)

    @property
    def alive(self) -> list[MeasuredChild]:
        """Those that take turns."""
        return [child for child in self.children if not child.over]

    def start(self, watch: Callable[[Trial], None] = lambda _: None) -> list[Trial]:
        """Start one after the other, `watch` called before each, and return those for which memory has no room left.

        One is started at least.
        """
        for place, child in enumerate(self.children):
            if place and memory_left_bytes() < self._room_bytes(child.trial.cell):
                postponed = [each.trial for each in self.children[place:]]
                del self.children[place:]
                return postponed
            watch(child.trial)
            child.start()
        return []

    def _room_bytes(self, cell: Cell) -> int:
        """Memory that its processes may take."""
        heavy = self._catalogue.strategy(cell.strategy).workers_are in ("processes", "interpreters")
        return PROCESS_BYTES + cell.workers * (PROCESS_BYTES if heavy else LIGHT_WORKER_BYTES)

    def compare_answers(self) -> None:
        """Have those whose workload knows no right answers compare theirs with those of sequential work.

        Under the same interpreter if it is there.
        """
        for children in self._unverified().values():
            references = [child for child in children if child.trial.cell.strategy == BASELINE]
            shown = {child: answers for child in references if (answers := child.answers())}
            for child in children:
                near = sorted(shown, key=lambda one: one.trial.cell.interpreter != child.trial.cell.interpreter)
                if near and near[0] is not child:
                    child.compare(shown[near[0]])

    def _unverified(self) -> dict[tuple[str, int, int], list[MeasuredChild]]:
        """By workload, tasks and size."""
        found: dict[tuple[str, int, int], list[MeasuredChild]] = {}
        for child in self.alive:
            cell = child.trial.cell
            workload = self._catalogue.workload(cell.workload)
            if workload.verify is None and not workload.varies:
                found.setdefault((cell.workload, cell.tasks, cell.size), []).append(child)
        return found

    def trace(self, watch: Callable[[Trial], None] = lambda _: None) -> None:
        """Trace a pass of each; `watch` is called before each."""
        for child in self.alive:
            watch(child.trial)
            child.trace()
            child.settle()

    def round(self, number: int, order: random.Random) -> list[tuple[Trial, Turn]]:
        """A turn of each, in a random order, and those that were repeated; without those that failed."""
        children = self.alive
        order.shuffle(children)
        self._others.look(pid for child in children for pid in child.pids)
        places = itertools.count(1)
        return [(child.trial, turn) for child in children for turn in self._turns(child, number, places)]

    def _turns(self, child: MeasuredChild, number: int, places: Iterator[int]) -> list[Turn]:
        """An undisturbed one, or the last of as many as may be taken for it; before it those that it repeats."""
        taken: list[Turn] = []
        while True:
            clocks_s = {sibling: sibling.cpu_s() for sibling in self.alive if sibling is not child}
            turn = child.turn(number, next(places), self._turn_s(child), self._others)
            if turn is None:
                return taken
            by_others = Flag.DISTURBED in turn.flags
            self._undisturbed += not by_others
            again = by_others and self._repeated < self._undisturbed
            self._repeated += again
            more = (*self._awake(child, turn, clocks_s), *([Flag.REPEATED] if again else ()))
            child.settle()
            if more:
                turn = child.replace_last(replace(turn, flags=tuple(dict.fromkeys((*turn.flags, *more)))))
            taken.append(turn)
            if not again:
                return taken

    def _turn_s(self, child: MeasuredChild) -> float:
        """How long its timed passes are repeated: longer than was asked for where siblings take much longer anyway."""
        passes_s = [min(trace.traced.wall_s for trace in sibling.traces) for sibling in self.alive if sibling.traces]
        return max(child.trial.min_time_s, min(LONG_TURN_S, SHARE_OF_LONGEST * max(passes_s, default=0.0)))

    def _awake(self, child: MeasuredChild, turn: Turn, clocks_s: Mapping[MeasuredChild, float]) -> tuple[Flag, ...]:
        """The flag of a turn during which siblings used CPU time, which note that; `clocks_s` were theirs before."""
        limit_s = max(AWAKE_S, AWAKE_SHARE * turn.usage.wall_s)
        awake = [sibling for sibling, before_s in clocks_s.items() if sibling.cpu_s() - before_s > limit_s]
        for sibling in awake:
            sibling.woke_during(child.trial)
        return (Flag.DISTURBED,) if awake else ()

    def retire(self, cells: Collection[Cell]) -> None:
        """End the processes of these cells: they take no further turns."""
        for child in self.alive:
            if child.trial.cell in cells:
                child.finish()

    def finish(self) -> Iterator[Result]:
        """End one after the other: the result of each, also of those that failed before."""
        for child in self.children:
            yield child.finish()
