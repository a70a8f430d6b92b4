"""From an experiment and what the user asked for to a seeded list of trials. Pure: it starts and writes nothing."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from gil_lab.measuring.machine import NO_LIMITS, Limits
from gil_lab.model.chunks import AUTO
from gil_lab.model.errors import UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.interpreter import Facts
from gil_lab.model.records import VARIANT_SEPARATOR, Cell, Trial
from gil_lab.sessions.options import MAX_SIZE, MAX_TASKS, Options, check_whole
from gil_lab.sessions.schedule import MAX_GENERATIONS, generations_of
from gil_lab.sessions.worker_limits import fits
from gil_lab.suite.catalogue import Catalogue, are_same_work
from gil_lab.suite.strategies import BASELINE, Strategy, Workers
from gil_lab.suite.workloads import Workload

MODELS = (
    BASELINE,
    "threading",
    "asyncio",
    "multiprocessing",
    "joblib",
    "numba-sequential",
    "numba-nogil",
    "numba-parallel",
)
"""The six models of concurrency and the two sequential references: what an experiment runs unless it says otherwise."""

WAITING = ("call", "coroutine")
"""Forms in which a task can wait for others (see `gil_lab.suite.task_order`)."""

MIN_TIME_S = 0.05
"""Of a turn: long against what the controller does between two of them, and short against the drift of a machine."""
BUDGET_S, QUICK_BUDGET_S = 7.5, 1.9
"""For each cell: a minute, or with --quick 15 s, for the eight cells of cpu-bound."""
MOST_QUICK_S = 20.0
"""With --quick, of all cells: with starting them and showing the result, half a minute, which a class waits for."""


@dataclass(frozen=True)
class Design:
    """The part of an experiment that says which cells answer its question."""

    name: str
    workloads: tuple[str, ...]
    strategies: tuple[str, ...] = MODELS
    workers: Callable[[int], tuple[int, ...]] = lambda cores: (max(2, cores),)
    """From the usable cores, the numbers of workers; each is a cell of every pooled strategy."""
    pythons: tuple[str, ...] = ("this",)
    """The interpreters under which the question is asked; those that are not there are left out with a note."""
    compared: bool = True
    """Speed-ups are wanted, so the sequential strategies that they are relative to are run as well."""
    is_resumable: bool = True
    """Whether `run --resume` is the way to go on after an interruption, and not the same command again."""
    min_time_s: float = MIN_TIME_S
    """Of the timed passes of a turn, unless the user says otherwise."""
    sizes: tuple[int, ...] = ()
    """Of one task, each a cell of its own; empty: as the workload has it."""
    tasks: int | None = None
    """None: as the workload has it."""
    quick_workloads: tuple[str, ...] = ()
    """With `--quick` only these; empty: all."""
    quick_workers: tuple[int, ...] = ()
    """The same of the numbers of workers."""
    quick_sizes: tuple[int, ...] = ()
    """The same of the sizes."""
    quick_strategies: tuple[str, ...] = ()
    """The same of strategies."""
    quick_pythons: tuple[str, ...] = ()
    """The same of interpreters."""
    cell_budget_s: float = BUDGET_S
    """Seconds for each cell, unless the user says otherwise: where there are very many, less than usual."""
    tasks_of: Callable[[int], int] | None = None
    """From the size of a task, how many there are, where that depends on it."""
    chunk: int | None = None
    """Tasks handed over at a time by strategies that have chunks; None: as their APIs do by default."""
    strategies_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """Of some workloads the only strategies that they are run under, unless the user names others."""
    tasks_per_worker: int | None = None
    """The work grows with the pool: as many tasks for each worker, unless the user says otherwise."""


@frozen
class WorkSettings:
    """A workload as a session runs it."""

    name: str
    jobs: tuple[tuple[int, int], ...]
    """Sizes, each with its number of tasks."""
    strategies: tuple[str, ...] = ()
    """The only ones that it is run under; empty: all of the session."""


@frozen
class RunSettings:
    """What a session runs: an experiment's design with the user's options, and nothing left open."""

    works: tuple[WorkSettings, ...]
    strategies: tuple[str, ...]
    """In the experiment's order, with the references of their speed-ups."""
    workers: tuple[int, ...]
    chunk: str | None
    compared: bool
    rounds: int | None
    budget_s: float | None
    """If no number of rounds is given."""
    min_time_s: float
    timeout_s: float
    limits: Limits
    """Of the system, within which a generation must stay."""
    seed: int
    tasks_per_worker: int | None = None
    """In place of the tasks of a workload, where the work grows with the pool."""


def kinds_of_workers(names: Iterable[str], catalogue: Catalogue) -> tuple[Workers, ...]:
    """Of these strategies, as far as there are any of that name."""
    known = catalogue.strategy_names()
    kinds = (catalogue.strategy(name).workers_are for name in names if name in known)
    return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))


def with_library_threads(threads: int, design: Design, options: Options) -> tuple[Design, Options]:
    """Both with that setting on each of their Pythons. Raises UsageError for a number that libraries do not take."""
    from gil_lab.interpreters.names import MAX_LIBRARY_THREADS, with_threads

    check_whole("library-threads", threads, 1, MAX_LIBRARY_THREADS)
    try:
        return with_pythons(design, options, lambda name: with_threads(name, threads))
    except ValueError as error:
        raise UsageError(f"library-{error}") from error


def with_pythons(design: Design, options: Options, changed: Callable[[str], str]) -> tuple[Design, Options]:
    """Both with another name of each of their Pythons. Raises what `changed` does."""
    names, quick_names = (tuple([changed(name) for name in names]) for names in (design.pythons, design.quick_pythons))
    design = replace(design, pythons=names, quick_pythons=quick_names)
    if options.pythons is not None:
        options = replace(options, pythons=tuple([changed(name) for name in options.pythons]))
    return design, options


def pythons(design: Design, options: Options) -> tuple[str, ...]:
    """Their names: the user's, or the design's, of which a quick look may have fewer."""
    usual = design.quick_pythons if options.quick and design.quick_pythons else design.pythons
    return options.pythons or usual


def workloads(design: Design, options: Options) -> tuple[str, ...]:
    """Their names: the user's, or the design's, of which a quick look may have fewer."""
    usual = design.quick_workloads if options.quick and design.quick_workloads else design.workloads
    return options.workloads or usual


def sizes(design: Design, options: Options) -> tuple[int, ...]:
    """The user's, or the design's, of which a quick look may have fewer; empty: as the workload has it."""
    usual = design.quick_sizes if options.quick and design.quick_sizes else design.sizes
    return options.sizes or usual


def filled_in(design: Design, options: Options, cores: int) -> Options:
    """The options with what the design says where they say nothing."""
    return replace(
        options,
        workers=options.workers or (design.quick_workers if options.quick else ()) or design.workers(cores),
        strategies=_chosen(design, options),
        workloads=workloads(design, options),
        pythons=pythons(design, options),
        tasks=options.tasks if options.tasks is not None else design.tasks,
        sizes=sizes(design, options) or None,
        chunk=design.chunk if options.chunk is None else options.chunk,
        min_time_s=design.min_time_s if options.min_time_s is None else options.min_time_s,
    )


def settings(
    design: Design, options: Options, catalogue: Catalogue, cores: int, limits: Limits = NO_LIMITS
) -> RunSettings:
    """The design with the user's options; `quick` is a quarter of the time.

    Raises UsageError for unknown names and for a size that a workload does not take.
    """
    if unknown := set(design.strategies_of) - set(design.workloads):
        raise UsageError(f"strategies_of has {min(unknown)!r:.40}, which is none of the workloads of {design.name}")
    names = tuple(dict.fromkeys(workloads(design, options)))
    works = dict.fromkeys(str(name).partition(VARIANT_SEPARATOR)[0] for name in names)
    if options.sizes is not None and len(works) > 1:
        raise UsageError(f"size means something else in each of {', '.join(works)}; choose one with --workload")
    filled, chosen = filled_in(design, options, cores), strategies(design, options, catalogue)
    if options.chunk is not None and not with_chunks(chosen, catalogue):
        have = ", ".join(with_chunks(catalogue.strategy_names(), catalogue))
        raise UsageError(f"chunk is for strategies with chunks ({have}); choose one, or leave it out")
    return RunSettings(
        works=tuple(_work(name, design, options, catalogue) for name in names),
        strategies=chosen,
        workers=filled.workers or (),
        tasks_per_worker=design.tasks_per_worker if options.tasks is None else None,
        chunk=None if filled.chunk is None else str(filled.chunk),
        compared=design.compared,
        rounds=options.rounds,
        budget_s=options.budget_s,
        min_time_s=filled.min_time_s or 0.0,
        timeout_s=options.timeout_s,
        limits=limits,
        seed=random.SystemRandom().getrandbits(32) if options.seed is None else options.seed,
    )


def with_chunks(names: Iterable[str], catalogue: Catalogue) -> list[str]:
    """Those of the strategies that hand over several tasks at a time."""
    known = ((name, catalogue.strategy(name)) for name in names)
    return [name for name, one in known if one.open_chunked is not None and not one.chunk]


def _work(name: str, design: Design, options: Options, catalogue: Catalogue) -> WorkSettings:
    workload = catalogue.workload(name)
    chosen = tuple(dict.fromkeys(sizes(design, options) or (workload.size,)))
    jobs = tuple((size, _tasks(size, design, options, workload)) for size in chosen)
    # Options were checked before; what stands in a user's file was not.
    tasks = max(tasks for _, tasks in jobs)
    for size, number in jobs:
        check_whole(f"tasks of {name}", number, 1, MAX_TASKS)
        check_whole(f"size of {name}", size, 1, MAX_SIZE)
    if (size := max(chosen)) > workload.max_size:
        raise UsageError(f"size is {size}; {name} takes at most {workload.max_size} {workload.size_unit}")
    if not callable(workload.inputs) and options.sizes is not None:
        raise UsageError(f"{name} has a list of inputs, which no size changes; leave size out")
    if not callable(workload.inputs) and tasks > (count := len(workload.inputs)):
        raise UsageError(f"tasks is {tasks}; {name} has a list of {count} inputs: give at most as many")
    only = () if options.strategies else design.strategies_of.get(name, ())
    for strategy in only:
        catalogue.strategy(strategy)
    return WorkSettings(name, jobs, only)


def _tasks(size: int, design: Design, options: Options, workload: Workload) -> int:
    of_size = None if design.tasks_of is None else design.tasks_of(size)
    return options.tasks or of_size or design.tasks or workload.tasks


def strategies(design: Design, options: Options, catalogue: Catalogue) -> tuple[str, ...]:
    """Those that are run: the chosen ones, and if speed-ups are wanted, their references."""
    chosen = _chosen(design, options)
    references = _references(chosen, catalogue) if design.compared else ()
    # Named by the user, they come first; in an experiment, they stand where it puts them.
    first = references if options.strategies else (name for name in references if name not in chosen)
    found = tuple(dict.fromkeys((*first, *chosen)))
    for name in found:
        catalogue.strategy(name)
    return found


def _chosen(design: Design, options: Options) -> tuple[str, ...]:
    """Without the references that are not named."""
    usual = design.quick_strategies if options.quick and design.quick_strategies else design.strategies
    return options.strategies or usual


def cells(settings: RunSettings, catalogue: Catalogue, interpreters: Sequence[str]) -> list[Cell]:
    """The cells in the order of the experiment: by workload, then size, strategy, interpreter and workers."""
    made: list[Cell] = []
    for work in settings.works:
        for (size, tasks), strategy in product(work.jobs, work.strategies or settings.strategies):
            workers = (1,) if catalogue.strategy(strategy).workers_are is None else settings.workers
            made += [
                Cell(work.name, strategy, number, interpreter, number * (settings.tasks_per_worker or 0) or tasks, size)
                for interpreter in interpreters
                for number in workers
            ]
    return list(dict.fromkeys([*(_baselines(made) if settings.compared else ()), *made]))


def _baselines(made: Sequence[Cell]) -> Iterator[Cell]:
    """What variants are compared with: the work as it is, one task after the other."""
    for cell in made:
        if cell.variant and are_same_work(cell.work):
            yield replace(cell, workload=cell.work, strategy=BASELINE, workers=1)


def _references(chosen: tuple[str, ...], catalogue: Catalogue) -> tuple[str, ...]:
    """The sequential strategies that the speed-ups of the chosen ones are relative to."""
    return tuple(dict.fromkeys((BASELINE, *(catalogue.strategy(name).reference for name in chosen))))


def reason_to_skip(cell: Cell, catalogue: Catalogue, facts: Facts) -> str:
    """Why a cell cannot be run, for a student; empty if it can."""
    workload, strategy = catalogue.workload(cell.workload), catalogue.strategy(cell.strategy)
    if strategy.form not in workload.forms:
        usual = f"{cell.workload} is not written in the form {strategy.form}, which {cell.strategy} runs"
        why = catalogue.form(strategy.form).left_out
        return workload.why_not.get(strategy.form, f"{usual}: {why}" if why else usual)
    if workload.after and strategy.form not in WAITING:
        return f"the tasks of {cell.workload} wait for each other, which compiled ones cannot; choose threading"
    homes = strategy.loops_in or strategy.workers_are
    if (workload.after or workload.in_one_process) and homes in ("processes", "interpreters"):
        why = "wait for each other" if workload.after else "share data"
        return f"the tasks of {cell.workload} {why}, but {homes} share no memory; choose threading"
    if (workload.after or workload.heartbeat_ms) and strategy.loops_in:
        why = "wait for each other" if workload.after else "run beside a heartbeat"
        return f"the tasks of {cell.workload} {why}, which coroutines do in one event loop only; choose asyncio"
    if workload.requires and homes == "interpreters":
        needs = " and ".join(workload.requires)
        return f"{cell.workload} needs {needs}, which no subinterpreter can import so far; choose multiprocessing"
    return _against_chunk(cell, strategy) or facts.reason_against(cell.strategy) or ""


def _against_chunk(cell: Cell, strategy: Strategy) -> str:
    """Why its tasks are not handed over as its name says; empty if they are."""
    if strategy.chunk.isdecimal() and int(strategy.chunk) >= cell.tasks > 1 and cell.workers > 1:
        return f"one worker would be handed all {cell.tasks} tasks; choose a smaller chunk, or more --tasks"
    if strategy.chunk == AUTO and strategy.form != "call":
        return "a chunk is chosen for tasks that are plain functions; give a number"
    return ""


def trials(
    made: Sequence[Cell], settings: RunSettings, catalogue: Catalogue, facts: Mapping[str, Facts]
) -> list[Trial]:
    """Generations of all cells, block by block, each in a fresh random order.

    `facts` are what each interpreter says of itself, by its label.
    A randomised complete block design; the seed repeats the order. A cell that cannot be run is in the first
    generation only. With a time budget, the last generations may never be run.
    """
    order = random.Random(settings.seed)
    skips = {cell: reason_to_skip(cell, catalogue, facts[cell.interpreter]) for cell in made}
    generations = MAX_GENERATIONS if settings.rounds is None else generations_of(settings.rounds)
    listed: list[Trial] = []
    for number in range(1, generations + 1):
        for place, block in enumerate(blocks(made, settings, catalogue), 1):
            cells = [cell for cell in block if number == 1 or not skips[cell]]
            order.shuffle(cells)
            for cell in cells:
                times = settings.min_time_s, settings.timeout_s
                trial = Trial(len(listed) + 1, number, cell, *times, skip=skips[cell], block=place)
                listed.append(replace(trial, chunk=settings.chunk))
    return listed


def blocks(made: Sequence[Cell], settings: RunSettings, catalogue: Catalogue) -> list[list[Cell]]:
    """Cells that are compared with each other: those that do the same work, as many as may be alive at once.

    What does not fit into one block goes into others, each with the references of its own.
    """
    works: dict[tuple[str, int, int], list[Cell]] = {}
    for cell in made:
        work = cell.work if are_same_work(cell.work) else cell.workload
        works.setdefault((work, cell.tasks, cell.size), []).append(cell)
    return [block for cells in works.values() for block in _bounded(cells, settings, catalogue)]


def _bounded(cells: Sequence[Cell], settings: RunSettings, catalogue: Catalogue) -> Iterator[list[Cell]]:
    names = _references(settings.strategies, catalogue) if settings.compared else ()
    references = [
        cell for cell in cells if cell.strategy in names and (not cell.variant or not are_same_work(cell.work))
    ]
    kinds = {cell.strategy: catalogue.strategy(cell.strategy).workers_are for cell in cells}
    block = list(references)
    for cell in cells:
        if cell in references:
            continue
        if len(block) > len(references) and not fits([*block, cell], kinds, settings.limits):
            yield block
            block = list(references)
        block.append(cell)
    yield block
