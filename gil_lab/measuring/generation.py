"""One generation: a fresh measured process for each cell of a block, alive side by side, that take turns.

While one has its turn, the others sleep on their pipes. Neighbours in a round are a fraction of a second apart, so that
a machine that drifts drifts under all of them alike; and each is started once for many passes.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.machine import memory_left_bytes
from gil_lab.measuring.measured_child import MeasuredChild
from gil_lab.model.records import Flag, Result, Trial, Turn
from gil_lab.suite.catalogue import Catalogue

PROCESS_BYTES = 100_000_000
"""Twice what a worker process with NumPy and Numba has to itself (PSS, docs/how-it-measures.md)."""
AWAKE_SHARE = 0.02
"""Of a core during a sibling's turn: more than a process that sleeps needs, and less than would be seen in the turn.
Sleeping processes of all strategies used less than a tenth of it (docs/how-it-measures.md)."""
AWAKE_S = 0.002
"""CPU seconds; in a short turn, less than this is one wake-up."""


class Generation:
    """Must be left by `with`, which ends all of its processes."""

    def __init__(self, trials: Sequence[Trial], launchers: Mapping[str, Launcher], catalogue: Catalogue) -> None:
        """`launchers` by the labels of their interpreters."""
        self.children = [MeasuredChild(trial, launchers[trial.cell.interpreter], catalogue) for trial in trials]
        self._stack = ExitStack()

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
            if place and memory_left_bytes() < PROCESS_BYTES * (1 + child.trial.cell.workers):
                postponed = [each.trial for each in self.children[place:]]
                del self.children[place:]
                return postponed
            watch(child.trial)
            child.start()
        return []

    def trace(self, watch: Callable[[Trial], None] = lambda _: None) -> None:
        """Trace a pass of each; `watch` is called before each."""
        for child in self.alive:
            watch(child.trial)
            child.trace()

    def round(self, number: int, order: random.Random) -> list[tuple[Trial, Turn]]:
        """A turn of each, in a random order; without those that failed."""
        children = self.alive
        order.shuffle(children)
        taken = []
        for place, child in enumerate(children, 1):
            asleep = [sibling for sibling in children if sibling is not child and not sibling.over]
            before_s = [sibling.cpu_s() for sibling in asleep]
            turn = child.turn(number, place)
            if turn is None:
                continue
            limit_s = max(AWAKE_S, AWAKE_SHARE * turn.usage.wall_s)
            awake = [one for one, was_s in zip(asleep, before_s, strict=True) if one.cpu_s() - was_s > limit_s]
            for sibling in awake:
                sibling.woke_during(child.trial)
            if awake:
                flags = tuple(dict.fromkeys((*turn.flags, Flag.DISTURBED)))
                turn = child.replace_last(replace(turn, flags=flags))
            taken.append((child.trial, turn))
        return taken

    def finish(self) -> Iterator[Result]:
        """End one after the other: the result of each, also of those that failed before."""
        for child in self.children:
            yield child.finish()
