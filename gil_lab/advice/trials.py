"""From what is known of a function to the session that compares the models for it."""

import math
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from gil_lab.advice.race import Race
from gil_lab.interpreters import Choice, Interpreter
from gil_lab.interpreters.names import threads_in
from gil_lab.measuring.machine import limits, this_machine
from gil_lab.model.errors import UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.records import CHUNK_SEPARATOR, Cell
from gil_lab.model.target import CallTimes, CompilationFacts, Target, TargetFacts
from gil_lab.sessions import plan
from gil_lab.sessions.options import Options, check
from gil_lab.sessions.run import PreparedSession
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.sources import sources
from gil_lab.suite.strategies import BASELINE, Strategy
from gil_lab.suite.strategies.multiprocessing import CHUNKS_A_WORKER
from gil_lab.suite.workloads import Workload

BUDGET_S = 15.0
"""Of the comparison: with looking at the function, compiling it and trying the code, half a minute in all."""
COMPUTING_PASS_S, WAITING_PASS_S = 0.2, 1.5
"""Of a sequential pass, if there are inputs enough: long against handing over tasks and against turns of 50 ms; longer
where it waits, for as many tasks as may wait beside each other."""
LONG_PASS_S, LONGEST_PASS_S = 1.0, 3.0
"""Of a long one, as many workers as cores are tried, and no others: each variant takes five passes at least."""
LONG_LOAD_S = 0.5
"""To import the function and read its inputs: the same holds, as each variant is a process that does so anew."""
MOST_TASKS = 2000
TASKS_A_WORKER = 2
"""At least, unless calls take very long: with one each, the slowest worker would decide."""
WAITING = 0.5
"""Share of the calls' time on a core, below which the function waits, in the main."""
SHORT_CALL_S = 1e-3
"""Below it chunks matter: to hand over a task takes about a tenth of that (docs/how-it-measures.md)."""
CHUNK_S = 5e-3
"""Of work in a chunk beside those that the APIs make: fifty times what it takes to hand it over."""
MOST_WAITING = 64
TIMEOUT_S, TIMES_A_PASS = 15.0, 10
"""Of a step of one variant, such as its start or a turn: who takes ten times as long as one call after the other hangs,
or is no choice."""


Variants = Callable[["Examined", Catalogue, int, int], Iterable[tuple[str, int]]]
"""Of a function, on so many cores, with so many tasks: strategies and numbers of workers."""


@frozen
class Examined:
    """A function and all that is known before models are compared."""

    target: Target
    facts: TargetFacts
    compilation: CompilationFacts

    @property
    def times(self) -> CallTimes:
        return self.facts.times

    @property
    def call_s(self) -> float:
        """Of one call, on average."""
        return max(1e-9, self.times.wall_s / self.times.calls)

    @property
    def computing_share(self) -> float:
        """Of its calls' time, without that in which it waited for a core, on one."""
        return min(1.0, self.times.cpu_s / max(self.times.wall_s - self.times.ready_s, 1e-9))

    @property
    def uses_library_threads(self) -> bool:
        """Whether libraries compute in threads of their own inside a call."""
        return self.facts.library_threads > 0

    @property
    def waits(self) -> bool:
        return self.computing_share < WAITING


def prepared(
    examined: Examined,
    choice: Choice,
    budget_s: float,
    seed: int | None,
    out: Path,
    variants: Variants | None = None,
    tasks: int | None = None,
    name: str = "",
) -> PreparedSession:
    """The session that compares the models: one block, whose losers are dropped. Raises UsageError.

    `variants` gives strategies and numbers of workers; None: those worth a try. `tasks` is the number of them in a
    pass; None: as many as there is time for.
    """
    every, variants = variants is not None, variants or worth_a_try
    machine = this_machine()
    seed = random.SystemRandom().getrandbits(32) if seed is None else seed
    tasks = tasks or number_of_tasks(examined, machine.usable_cores)
    numbers = random.Random(seed).sample(range(examined.facts.inputs), tasks)
    target = replace(examined.target, sample=tuple(sorted(numbers)), compiled=examined.compilation.forms)
    catalogue = catalogue_of(target, examined.facts)
    cells = [
        Cell(target.name, strategy, workers, interpreter.label, tasks, 1)
        for interpreter in choice.interpreters
        for strategy, workers in dict.fromkeys(variants(examined, catalogue, machine.usable_cores, tasks))
        if not interpreter.facts.reason_against(strategy)
        and (every or workers == 1 or not _has_library_threads(interpreter))
    ]
    strategies = tuple(dict.fromkeys(cell.strategy for cell in cells))
    name = name or session_name(target.name)
    pass_s = tasks * examined.call_s * (target.repeats or 1)
    limit_s = min(60.0, max(TIMEOUT_S, TIMES_A_PASS * pass_s))
    options = Options(budget_s=budget_s, min_time_s=plan.MIN_TIME_S, seed=seed, out=out, timeout_s=limit_s)
    check(options, machine.usable_cores, limits())
    work = plan.WorkSettings(target.name, ((1, tasks),))
    settings = plan.RunSettings(
        (work,), strategies, (), None, True, None, budget_s, plan.MIN_TIME_S, options.timeout_s, limits(), seed
    )
    facts = {one.label: one.facts for one in choice.interpreters}
    trials = plan.trials(cells, settings, catalogue, facts)
    design = plan.Design(name, (target.name,), strategies)
    return PreparedSession(design, options, catalogue, machine, choice, cells, trials, judge=Race(cells))


def catalogue_of(target: Target, facts: TargetFacts, more: Mapping[str, Strategy] | None = None) -> Catalogue:
    """What the controller knows of the target's workload: everything but its functions."""
    forms = ["call", *["coroutine"] * facts.is_coroutine, *target.compiled]
    workload = Workload(
        "a function of one's own",
        "both",
        _elsewhere,
        dict.fromkeys(forms, _elsewhere),
        _elsewhere if target.verify else None,
        varies=target.varies,
    )
    file = Path(facts.file)
    return Catalogue(
        file, workloads={target.name: workload}, strategies=dict(more or {}), sources=sources(file), target=target
    )


def _has_library_threads(interpreter: Interpreter) -> bool:
    """Whether libraries have several in each call: a pool beside them gains less than one beside a single one, and may
    take several times as long (the experiment `oversubscription`).
    """
    return (threads_in(interpreter.label) or 1) > 1


def session_name(function: str, kind: str = "advise") -> str:
    """That an experiment can have."""
    return f"{kind}-" + (re.sub(r"[^A-Za-z0-9._-]+", "-", function).strip("-.")[:50] or "function")


def _elsewhere(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("functions of a user's file are called in measured processes only")


def number_of_tasks(examined: Examined, cores: int) -> int:
    """Inputs that are run in each pass: a sample of them, if there are more than the budget has room for."""
    wanted_s = WAITING_PASS_S if examined.waits else COMPUTING_PASS_S
    fitting = math.ceil(wanted_s / max(examined.call_s, 1e-9))
    at_least = min(TASKS_A_WORKER * 2 * cores, max(2, int(LONGEST_PASS_S / examined.call_s)))
    most = 2 * MOST_WAITING if examined.waits else MOST_TASKS
    return min(examined.facts.inputs, most, max(fitting, at_least))


def worth_a_try(examined: Examined, catalogue: Catalogue, cores: int, tasks: int) -> Iterator[tuple[str, int]]:
    """Strategies, and numbers of workers, that are worth a try: with code that shows how, and the sequential ones."""
    yield BASELINE, 1
    for name in catalogue.strategy_names():
        strategy = catalogue.strategy(name)
        if not strategy.code or why_not(examined, strategy):
            continue
        yield strategy.reference, 1
        if strategy.workers_are is None:
            yield name, 1
            continue
        for workers in numbers_of_workers(examined, strategy, cores, tasks):
            yield name, workers
            for chunk in chunks(examined, strategy, workers, tasks):
                yield f"{name}{CHUNK_SEPARATOR}{chunk}", workers


def numbers_of_workers(examined: Examined, strategy: Strategy, cores: int, tasks: int) -> Iterator[int]:
    """Two, one a core, two a core; and more where the function waits and a worker costs little."""
    light = strategy.workers_are in ("threads", "coroutines")
    most = min(tasks, MOST_WAITING if light else 4 * cores)
    if strategy.requires:  # one that needs packages, or is compiled, is tried once
        usual = {2 * cores if examined.waits else cores}
    elif examined.waits:  # a quarter of the most as well: fewer are advised if they are as fast
        usual = {max(2, most // 4), most} if light else {most}
    elif tasks * examined.call_s > LONG_PASS_S or examined.facts.load_s > LONG_LOAD_S:
        usual = {max(2, cores)}
    else:
        usual = {2, cores, 2 * cores}
    yield from sorted(number for number in usual if 1 < number <= max(2, tasks))


def chunks(examined: Examined, strategy: Strategy, workers: int, tasks: int) -> Iterator[int]:
    """Numbers of tasks to hand over at a time, beside what the strategy does by itself."""
    if strategy.open_chunked is None or strategy.requires or examined.facts.load_s > LONG_LOAD_S:
        return
    usual = max(1, math.ceil(tasks / (CHUNKS_A_WORKER * workers)))
    chunk = 1 if examined.call_s >= SHORT_CALL_S else round(CHUNK_S / examined.call_s)
    if chunk != usual and 1 <= chunk < max(2, tasks // workers):
        yield chunk


def why_not(examined: Examined, strategy: Strategy) -> str:
    """Why the strategy cannot take the function, and what would have to change; empty if it can."""
    facts = examined.facts
    if strategy.form == "coroutine" and not facts.is_coroutine:
        return "a plain function; coroutines need async def"
    if strategy.form in ("nogil", "parallel") and strategy.form not in examined.compilation.forms:
        return examined.compilation.reason
    return _why_not_sent(facts, strategy) if strategy.workers_are in ("processes", "interpreters") else ""


def _why_not_sent(facts: TargetFacts, strategy: Strategy) -> str:
    """The same of what has memory of its own."""
    if facts.changes:
        return f"it changes {facts.changes}, of which each process would have its own: return what it adds instead"
    if facts.mutates:
        return "it changes its input, and processes would change a copy: return a new one"
    if facts.unpicklable:
        return facts.unpicklable
    if facts.by_value and not strategy.sends_by_value:
        return "it cannot be sent by its name; define it with def at the top level of a file"
    return ""


def check_inputs(examined: Examined) -> None:
    """Raise UsageError for a single input, with which nothing can run at the same time."""
    if examined.facts.inputs < 2:  # noqa: PLR2004 - two can run at the same time
        raise UsageError(f"{examined.facts.name} has a single input, so nothing can run beside it; give several")
