"""My tasks call a library that has threads of its own; how many threads should it have beside mine?

NumPy's BLAS, numexpr and polars spread a single call over all cores by themselves. That is parallelism for nothing as
long as one task runs at a time. With a worker for each core it is too much of it: each of eight workers brings eight
threads, sixty-four for eight cores, which take cores from each other (*oversubscription*). Each strategy runs with the
library *capped* at one thread (as the lab does everywhere else, so that workers are compared and not libraries),
*divided*, the cores shared out among the workers, and *uncapped*, as it comes. Watch *cores busy* of `sequential`, and
how many cores are wanted by two processes. joblib divides by itself, unless an environment variable says otherwise.

The same as `gil-lab run oversubscription`. Try `--workers 2` on a machine with more cores: capped, most of them are
idle, and divided they are not. `pip install numexpr polars` adds these two.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

CAPPED, DIVIDED, UNCAPPED = "this", "this+threads=divided", "this+threads=uncapped"
OVER = 1.5
"""Times the cores: half way between as many threads as there are cores, and twice as many. Workers of which each has a
core want a little more than the cores, because others run on the machine too."""

EXPERIMENT = Experiment(
    question="My tasks call a library that has threads of its own; how many threads should it have beside mine?",
    chapter=Chapter.MODELS,
    picture="matrix",
    passage=Passage(
        watch="""
        NumPy spreads one product of matrices over all cores by itself. **Watch** how many cores are busy with one
        task at a time, and what happens when each of several processes does the same. joblib knows, and divides the
        cores.
        """,
        change="""
        `workers=8`: how many threads are there then?
        """,
        changes=({"workers": 8},),
        pictures=(("matrix",),),
    ),
    design=Design(
        "oversubscription",
        workloads=("libraries", "libraries+numexpr", "libraries+polars"),
        strategies=("sequential", "threading", "multiprocessing", "joblib"),
        pythons=(CAPPED, DIVIDED, UNCAPPED),
        quick_workloads=("libraries",),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Uncapped, a library wants several cores for one task at a time")
def by_itself(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    return every(seen.number(cell, "cores_wanted").above(OVER) for cell in uncapped(seen, "sequential"))


@EXPERIMENT.claim("Capped, a library wants one core for one task at a time")
def capped_alone(seen: Evidence) -> Judgement:
    return every(seen.number(capped(seen, cell), "cores_wanted").below(OVER) for cell in uncapped(seen, "sequential"))


@EXPERIMENT.claim("Uncapped, a process for each core wants half as many cores again as there are, or more")
def too_many(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    return every(seen.number(cell, "cores_wanted").above(most(seen)) for cell in uncapped(seen, "multiprocessing"))


@EXPERIMENT.claim("Capped, a process for each core hardly wants more cores than there are")
def enough(seen: Evidence) -> Judgement:
    cells = [capped(seen, cell) for cell in uncapped(seen, "multiprocessing")]
    return every(seen.number(cell, "cores_wanted").below(most(seen)) for cell in cells)


@EXPERIMENT.claim("Uncapped, threads hardly want more cores than there are: they share the threads of the library")
def shared_by_threads(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "cores_wanted").below(most(seen)) for cell in uncapped(seen, "threading"))


@EXPERIMENT.claim("Uncapped, processes of joblib hardly want more cores than there are: joblib divides the cores")
def divided_by_joblib(seen: Evidence) -> Judgement:
    # not polars: joblib sets the variables of BLAS, OpenMP and numexpr
    cells = [cell for cell in uncapped(seen, "joblib") if cell.variant != "+polars"]
    return every(seen.number(cell, "cores_wanted").below(most(seen)) for cell in cells)


@EXPERIMENT.claim("Too many threads gain nothing: processes are no faster uncapped than capped")
def nothing_gained(seen: Evidence) -> Judgement:
    return every(seen.ratio(capped(seen, cell), to=cell).below(1.05) for cell in uncapped(seen, "multiprocessing"))


def most(seen: Evidence) -> float:
    """Cores that workers want where there are not too many threads."""
    return OVER * (seen.cores or 0)


def uncapped(seen: Evidence, strategy: str) -> list[Cell]:
    """The cells of a strategy with as many workers as there are cores, of every library that was measured."""
    found = seen.cells(strategy=strategy, work="libraries")
    alike = [cell for cell in found if cell.interpreter.endswith("+threads=uncapped")]
    return [cell for cell in alike if cell.workers in (1, seen.cores)]


def capped(seen: Evidence, cell: Cell) -> Cell:
    """The same cell as the lab measures it."""
    return seen.cell(
        strategy=cell.strategy,
        workload=cell.workload,
        workers=cell.workers,
        interpreter=cell.interpreter.removesuffix("+threads=uncapped"),
    )


def wanted(seen: Evidence) -> Iterator[tuple[Quantity, float]]:
    """Cores that a process for each core wants with NumPy uncapped, and how many there are."""
    seen.needs_cores(2)
    for cell in uncapped(seen, "multiprocessing"):
        if not cell.variant:
            yield seen.number(cell, "cores_wanted"), seen.cores or 0


EXPERIMENT.ask(
    Question(
        "There is a worker process for each core, and each of them multiplies matrices with NumPy, as it comes. How"
        " many threads want a core at the same time?",
        (
            Answer(
                "Fewer than there are cores: they wait for memory",
                lambda seen: every(wants.below(0.75 * cores) for wants, cores in wanted(seen)),
            ),
            Answer(
                "About as many as there are cores: one in each process",
                lambda seen: every(wants.between(0.75 * cores, OVER * cores) for wants, cores in wanted(seen)),
            ),
            Answer(
                "Far more than there are cores: each process brings several",
                lambda seen: every(wants.above(OVER * cores) for wants, cores in wanted(seen)),
                why="NumPy's library for matrices (BLAS) spreads each product over all cores by itself, in every"
                " process: the square of the cores, which take the cores from each other. Limit it"
                " (`OMP_NUM_THREADS=1`).",
            ),
        ),
    )
)
