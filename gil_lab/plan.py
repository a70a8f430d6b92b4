"""From an experiment and what the user asked for to a seeded list of trials. Pure: it starts and writes nothing."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gil_lab.catalogue import Catalogue
from gil_lab.errors import UsageError
from gil_lab.records import Cell, Trial
from gil_lab.wire import Facts

MODELS = (
    "sequential",
    "threading",
    "asyncio",
    "multiprocessing",
    "joblib",
    "numba-sequential",
    "numba-nogil",
    "numba-parallel",
)
"""The six models of concurrency and the two sequential references: what an experiment runs unless it says otherwise."""

MAX_TASKS, MAX_ROUNDS, MAX_TIME_S, MAX_SEED = 10_000, 1_000, 86_400.0, 2**63 - 1


@dataclass(frozen=True)
class Design:
    """The part of an experiment that says which cells answer its question."""

    name: str
    workloads: tuple[str, ...]
    strategies: tuple[str, ...] = MODELS
    workers: Callable[[int], tuple[int, ...]] = lambda cores: (max(2, cores),)
    """From the usable cores, the numbers of workers; each is a cell of every pooled strategy."""


@dataclass(frozen=True)
class Options:
    """What a user may change about an experiment. None: as the experiment or the workload has it."""

    workers: tuple[int, ...] | None = None
    strategies: tuple[str, ...] | None = None
    workloads: tuple[str, ...] | None = None
    tasks: int | None = None
    size: int | None = None
    rounds: int | None = None
    min_time_s: float | None = None
    timeout_s: float = 60.0
    seed: int | None = None
    out: Path = Path("results")
    quick: bool = False

    def resolved(self) -> "Options":
        """With rounds, minimal time and seed filled in: `quick` is one round of short timings."""
        rounds, min_time_s = (1, 0.2) if self.quick else (3, 0.5)
        return replace(
            self,
            rounds=rounds if self.rounds is None else self.rounds,
            min_time_s=min_time_s if self.min_time_s is None else self.min_time_s,
            seed=random.SystemRandom().getrandbits(32) if self.seed is None else self.seed,
        )


def max_workers(cores: int) -> int:
    """More would measure the machine's patience: each worker may be a process of 50 MB."""
    return max(64, 16 * cores)


def check(options: Options, cores: int) -> None:
    """Raise UsageError for the first value that makes no sense."""
    for name, highest in (("tasks", MAX_TASKS), ("rounds", MAX_ROUNDS), ("size", None)):
        value = getattr(options, name)
        if value is not None:
            _check_whole(name, value, 1, highest)
    if options.seed is not None:
        _check_whole("seed", options.seed, 0, MAX_SEED)
    for name in ("min_time_s", "timeout_s"):
        seconds = getattr(options, name)
        if seconds is not None and not (_is_number(seconds) and 0 < seconds <= MAX_TIME_S):
            raise UsageError(f"{_shown(name)} is {seconds!r:.40}; it takes seconds above 0, at most {MAX_TIME_S:g}")
    for name in ("workers", "strategies", "workloads"):
        chosen = getattr(options, name)
        if chosen is not None and not chosen:
            raise UsageError(f"no {name} given; name at least one, or leave the option out")
    for number in options.workers or ():
        _check_whole("workers", number, 1, max_workers(cores), " on this machine")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(name: str) -> str:
    return name.removesuffix("_s").replace("_", "-")


def _check_whole(name: str, value: Any, lowest: int, highest: int | None, where: str = "") -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < lowest or (highest and value > highest):
        reach = f"from {lowest} to {highest}" if highest else f"from {lowest} on"
        raise UsageError(f"{name} is {value!r:.40}; it takes a whole number {reach}{where}")


def cells(design: Design, options: Options, catalogue: Catalogue, cores: int, interpreter: str) -> list[Cell]:
    """The cells in the order of the experiment: by workload, then strategy, then workers.

    Raises UsageError for unknown names and for a size that a workload does not take.
    """
    workloads = options.workloads or design.workloads
    if options.size is not None and len(workloads) > 1:
        raise UsageError(f"size means something else in each of {', '.join(workloads)}; choose one with --workload")
    made: list[Cell] = []
    for workload_name in workloads:
        workload = catalogue.workload(workload_name)
        size = workload.size if options.size is None else options.size
        if size > workload.max_size:
            raise UsageError(f"size is {size}; {workload_name} takes at most {workload.max_size} {workload.size_unit}")
        for strategy in _with_references(options.strategies, catalogue) or design.strategies:
            pooled = catalogue.strategy(strategy).workers_are is not None
            chosen = (options.workers or design.workers(cores)) if pooled else (1,)
            tasks = options.tasks or workload.tasks
            made += [Cell(workload_name, strategy, workers, interpreter, tasks, size) for workers in chosen]
    return list(dict.fromkeys(made))


def _with_references(chosen: tuple[str, ...] | None, catalogue: Catalogue) -> tuple[str, ...] | None:
    """The chosen strategies, and first the sequential ones that their speed-ups are told against."""
    if chosen is None:
        return None
    references = ("sequential", *(catalogue.strategy(name).reference for name in chosen))
    return tuple(dict.fromkeys((*references, *chosen)))


def reason_to_skip(cell: Cell, catalogue: Catalogue, facts: Facts) -> str:
    """Why a cell cannot be run, for a student; empty if it can."""
    workload, form = catalogue.workload(cell.workload), catalogue.strategy(cell.strategy).form
    if form not in workload.forms:
        return workload.why_not.get(
            form, f"{cell.workload} is not written in the form {form}, which {cell.strategy} runs"
        )
    return facts.reason_against(cell.strategy) or ""


def trials(made: Sequence[Cell], options: Options, catalogue: Catalogue, facts: Facts) -> list[Trial]:
    """Rounds of all cells, each in a fresh random order: cells that are compared are neighbours in time.

    A randomised complete block design; the seed repeats the order. A cell that cannot be run is in the first round
    only.
    """
    settled = options.resolved()
    assert settled.rounds is not None
    assert settled.min_time_s is not None
    order = random.Random(settled.seed)
    skips = {cell: reason_to_skip(cell, catalogue, facts) for cell in made}
    listed: list[Trial] = []
    for number in range(1, settled.rounds + 1):
        block = [cell for cell in made if number == 1 or not skips[cell]]
        order.shuffle(block)
        for cell in block:
            listed.append(Trial(len(listed) + 1, number, cell, settled.min_time_s, settled.timeout_s, skip=skips[cell]))
    return listed
