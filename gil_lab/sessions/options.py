"""What a user may change about an experiment, and which values of that make sense."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gil_lab.measuring.machine import NO_LIMITS, Limits
from gil_lab.model.chunks import WORDS, is_chunk
from gil_lab.model.errors import UsageError
from gil_lab.model.shares import check_share
from gil_lab.sessions.predictions import Prediction
from gil_lab.sessions.worker_limits import HEAVIEST, ceilings
from gil_lab.suite.strategies import Workers

MAX_NAME_CHARACTERS = 64
"""Of an experiment, whose folder of results has its name."""
NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_NAME_CHARACTERS - 1}}}", re.ASCII)
MAX_TASKS, MAX_SIZE, MAX_ROUNDS, MAX_TIME_S, MAX_SEED = 10_000, 10**12, 1_000, 86_400.0, 2**63 - 1


@dataclass(frozen=True)
class Options:
    """What a user may change about an experiment. None: as the experiment or the workload has it."""

    workers: tuple[int, ...] | None = None
    strategies: tuple[str, ...] | None = None
    workloads: tuple[str, ...] | None = None
    pythons: tuple[str, ...] | None = None
    """Names of interpreters, as `gil_lab.interpreters.choose` takes them; one that is not there is an error."""
    tasks: int | None = None
    sizes: tuple[int, ...] | None = None
    chunk: int | str | None = None
    """Tasks handed over at a time by strategies that have chunks: a number, `all` (each worker's whole share) or `auto`
    (as many as are predicted to be best); None: as their APIs do by default."""
    rounds: int | None = None
    """Exactly so many; None: as many as the budget allows."""
    budget_s: float | None = None
    """Seconds for the whole session; None: as many as its cells need."""
    precision: float | None = None
    """No further round is needed once each speed-up has an interval that reaches no further, as a share of it."""
    threshold: float | None = None
    """Smaller differences do not matter, in reports of the session; None: as the report has it."""
    min_time_s: float | None = None
    timeout_s: float = 60.0
    seed: int | None = None
    out: Path = Path("results")
    quick: bool = False
    cluster: str | None = None
    """`tcp://HOST:PORT` of a scheduler of dask: strategies that use a cluster connect to that one, and open none."""
    prediction: Prediction | None = None
    """What was predicted before it is measured."""


def check(options: Options, cores: int, limits: Limits = NO_LIMITS, kinds: Collection[Workers] = HEAVIEST) -> None:
    """Raise UsageError for the first value that makes no sense; `kinds` are those of the workers."""
    wholes = [
        ("tasks", options.tasks, 1, MAX_TASKS),
        ("rounds", options.rounds, 1, MAX_ROUNDS),
        ("seed", options.seed, 0, MAX_SEED),
    ]
    for name, value, lowest, highest in wholes:
        if value is not None:
            check_whole(name, value, lowest, highest)
    if options.chunk is not None and options.chunk not in WORDS:
        number = int(chunk) if isinstance(chunk := options.chunk, str) and is_chunk(chunk) else chunk
        check_whole("chunk", number, 1, MAX_TASKS, f", or {' or '.join(WORDS)}")
    for size in options.sizes or ():
        check_whole("size", size, 1, MAX_SIZE)
    for number in options.workers or ():
        most, why = min(ceiling for kind in kinds or HEAVIEST for ceiling in ceilings(cores, limits, kind))
        check_whole("workers", number, 1, most, f" on this machine, with {why}")
    _check_times(options)
    _check_effort(options)
    for kind in ("workers", "sizes", "strategies", "workloads", "pythons"):
        if getattr(options, kind) == ():
            raise UsageError(f"no {kind} given; name at least one, or leave the option out")
    for name in (*(options.strategies or ()), *(options.workloads or ()), *(options.pythons or ())):
        if not isinstance(name, str):
            raise UsageError(f"{_digits(name)} is not a name; see gil-lab list and gil-lab pythons")


def _check_times(options: Options) -> None:
    _check_seconds("timeout", options.timeout_s)
    if options.min_time_s is None:
        return
    _check_seconds("min-time", options.min_time_s)
    if options.min_time_s > options.timeout_s:
        limit = f"a turn has to end within the timeout of {options.timeout_s:g} s"
        raise UsageError(f"min-time is {options.min_time_s:g}; {limit}: give a larger --timeout")


def check_name(name: object) -> None:
    """Raise UsageError unless an experiment's name can be that of a folder, here and elsewhere."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise UsageError(f"an experiment cannot be called {_digits(name)}; use letters, digits, dots, dashes")


def check_whole(name: str, value: Any, lowest: int, highest: int, where: str = "") -> None:
    """Raise UsageError for what is no whole number within these limits; `where` says more of them."""
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise UsageError(f"{name} is {_digits(value)}; it takes a whole number from {lowest} to {highest}{where}")


def _check_effort(options: Options) -> None:
    if options.rounds is not None and (options.budget_s, options.precision) != (None, None):
        raise UsageError("--rounds is exact; leave it out, or leave out --budget and --precision")
    if options.budget_s is not None:
        _check_seconds("budget", options.budget_s)
    for name, share in (("precision", options.precision), ("threshold", options.threshold)):
        if share is not None:
            check_share(name, share)


def _check_seconds(name: str, value: Any) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and 0 < value <= MAX_TIME_S):
        raise UsageError(f"{name} is {_digits(value)}; it takes seconds above 0, at most {MAX_TIME_S:g}")


def _digits(value: Any) -> str:
    """What a message shows of a value: Python refuses to print whole numbers of thousands of digits."""
    try:
        return f"{value!r:.40}"
    except ValueError:
        return "a huge number"
