"""What a turn costs beside the same passes elsewhere: `python benchmarks/turns.py bare|observer|joblib [GENERATIONS]`.

`bare`: a turn among sleeping siblings against as many passes of a bare script that sleeps as well, a moment before or
after it; `joblib` is the same of `parallel_config("dask")`, with a cluster for each. `observer`: turns of processes
whose GIL is observed against turns of the same processes unobserved. All are compared a fraction of a second apart,
many hundred times, so that a machine whose speed changes all the time still tells a per cent; the interval is over the
generations, each of which has processes of its own.
"""

import math
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Self

from instrument import bare_command, bare_environment

from gil_lab.analysis.estimates import estimate
from gil_lab.measuring.dialogue import Dialogue
from gil_lab.measuring.generation import Generation
from gil_lab.measuring.gil_observer import GilObserver
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.measured_child import MeasuredChild
from gil_lab.measuring.other_processes import OtherProcesses
from gil_lab.model.gil import GilRecords
from gil_lab.model.records import Cell, Trial, Turn
from gil_lab.report.text.sentences import ratio
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.workloads import same

TASKS = 32
SIZES = {"threading": 1_000, "multiprocessing": 1_000, "numba-nogil": 20_000, "numba-parallel": 20_000}
ON_DASK = {"joblib-dask": 5_000}
"""Of the strategies that have a bare script, so that a pass takes some 10 to 50 ms."""
WORKERS = 2
ROUNDS = 40
"""Of turns in a generation."""
TURN_S = 0.05
OBSERVED = {"sequential": 1, "threading": WORKERS}
"""Strategies and workers: of each eight processes that do the same, half of them observed."""


@contextmanager
def generation(cells: Sequence[Cell]) -> Iterator[Generation]:
    """Started, with its first passes behind it."""
    trials = [Trial(number, 1, cell, TURN_S, 60.0) for number, cell in enumerate(cells, 1)]
    with Generation(trials, {"here": Launcher()}, Catalogue()) as made:
        made.start()
        made.trace()
        yield made


def pass_s(turn: Turn) -> float:
    return statistics.median(each.wall_s for each in turn.passes)


class BareScript:
    """Sleeps until it is asked for passes."""

    def __init__(self, strategy: str, size: int) -> None:
        self._process = subprocess.Popen(
            bare_command(strategy, WORKERS, 0, size),
            env=bare_environment(WORKERS),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.usual_passes = 1
        """Of a turn of the lab's."""
        self.pass_s(1)  # it has started

    def pass_s(self, passes: int) -> float:
        """The median of so many."""
        script = self._process
        assert script.stdin
        assert script.stdout
        print(passes, file=script.stdin, flush=True)
        return statistics.median(float(script.stdout.readline()) for _ in range(passes))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def joblib(generations: int) -> None:
    bare(generations, ON_DASK)


def bare(generations: int, sizes: Mapping[str, int] = SIZES) -> None:
    """A turn among siblings, over passes of a bare script."""
    chance = random.Random(1)
    ratios: dict[str, list[float]] = {strategy: [] for strategy in sizes}
    for number in range(1, generations + 1):
        cells = [Cell("primes", strategy, WORKERS, "here", TASKS, size) for strategy, size in sizes.items()]
        with generation(cells) as made, ExitStack() as stack:
            scripts = {strategy: stack.enter_context(BareScript(strategy, size)) for strategy, size in sizes.items()}
            logarithms: dict[str, list[float]] = {strategy: [] for strategy in sizes}
            others = OtherProcesses()
            for place in range(1, ROUNDS + 1):
                for child in chance.sample(made.children, len(made.children)):
                    strategy = child.trial.cell.strategy
                    logarithms[strategy].append(paired(child, scripts[strategy], place, others, chance))
        for strategy, found in logarithms.items():
            ratios[strategy].append(math.exp(statistics.mean(found)))
        print(f"{number}: {', '.join(f'{name} {found[-1]:.3f}' for name, found in ratios.items())}", flush=True)
    for strategy, values in ratios.items():
        print(f"  {strategy:16} lab / bare: {ratio(estimate(values))} ({len(values)} generations of {ROUNDS} pairs)")
    every = [math.exp(statistics.mean(map(math.log, row))) for row in zip(*ratios.values(), strict=True)]
    print(f"  {'together':16} lab / bare: {ratio(estimate(every))}")


def paired(
    child: MeasuredChild, script: BareScript, place: int, others: OtherProcesses, chance: random.Random
) -> float:
    """The logarithm of how many times as long a pass in the lab took, in random order."""
    before = script.pass_s(script.usual_passes) if chance.random() < 1 / 2 else None
    turn = child.turn(place, 1, TURN_S, others)
    assert turn is not None, "a turn failed"
    script.usual_passes = len(turn.passes)
    return math.log(pass_s(turn) / (before or script.pass_s(script.usual_passes)))


def observer(generations: int) -> None:
    """Turns of processes whose GIL is observed, over those of processes that are alike but are not observed."""
    chance = random.Random(1)
    names = ("same", *(f"same+{name}" for name in same.VARIANTS))
    cells = [
        Cell(name, strategy, workers, "here", same.WORKLOAD.tasks, same.WORKLOAD.size)
        for strategy, workers in OBSERVED.items()
        for name in names
    ]
    unobserved = set(names[1::2])
    ratios = []
    with starting(unobserved):
        for number in range(1, generations + 1):
            with generation(cells) as made:
                differences = []
                for place in range(1, ROUNDS + 1):
                    logarithms: dict[tuple[str, bool], list[float]] = {}
                    for trial, turn in made.round(place, chance):
                        key = trial.cell.strategy, trial.cell.workload in unobserved
                        logarithms.setdefault(key, []).append(math.log(pass_s(turn)))
                    means = {key: statistics.mean(values) for key, values in logarithms.items()}
                    differences += [means[name, False] - means[name, True] for name in OBSERVED]
            ratios.append(math.exp(statistics.mean(differences)))
            print(f"{number}: {ratios[-1]:.4f}", flush=True)
    print(f"  observed / unobserved: {ratio(estimate(ratios))} ({len(ratios)} generations of {ROUNDS} rounds)")


@contextmanager
def starting(unobserved: set[str]) -> Iterator[None]:
    """Have cells of these workloads start without an observer."""
    start = Dialogue.start

    def without(self: Any, suspension: Any) -> Any:
        started = start(self, suspension)
        if self._trial.cell.workload in unobserved:
            self._gils.close()
            self._gils = GilObserver(GilRecords(), ())
        return started

    Dialogue.start = without  # type: ignore[method-assign]
    try:
        yield
    finally:
        Dialogue.start = start  # type: ignore[method-assign]


CHECKS = {check.__name__: check for check in (bare, joblib, observer)}

if __name__ == "__main__":
    CHECKS[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 5)  # noqa: PLR2004 - the number of generations
