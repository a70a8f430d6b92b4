"""What is the difference between concurrency and parallelism?

Concurrency means that several tasks are in flight; parallelism means that several cores are busy. One core allows only
the first: the workers take turns. So here is the same run twice, once free and once pinned to one core (`+cores=1`: the
measured process and its descendants may use only that core).

Watch *tasks in flight* and *cores busy* of both. In flight stays the same: a pool of two is as concurrent on one core
as on many. Cores busy falls to one, and with it the speed-up of the processes: what they gained was parallelism.
Computing threads under the GIL lose nothing, because they never had more than one core. And waiting is as fast on one
core as on many: overlapping waits takes concurrency, and no parallelism at all.

The same as `gil-lab run concurrency-parallelism`. Try `--workers 8`, `--workload mixed`, `--python 3.13t,3.13t+cores=1`
(threads that lose what only processes lose here), and `gil-lab report --timeline multiprocessing`: on one core each
process runs for a part of its time, and waits for the core (*ready*) for the rest.
"""

from collections.abc import Iterator
from dataclasses import replace

from gil_lab.analysis.claims import Evidence, InconclusiveError, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.language import gettext
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

ONE_CORE = "+cores=1"
EXPERIMENT = Experiment(
    question="What is the difference between concurrency and parallelism?",
    chapter=Chapter.MODELS,
    picture="matrix",
    passage=Passage(
        watch="""
        The same run twice: free, and pinned to one core (`+cores=1`). **Watch** what stays and what falls. In flight
        stays: concurrency needs no cores. Cores busy falls to one, and with it the gain of the processes. Threads
        under the GIL have nothing to lose, and neither has waiting.
        """,
        change="""
        `workers=8`, or `workloads="mixed"`.
        """,
        changes=({"workers": 8}, {"workloads": "mixed"}),
        pictures=(("map",),),
    ),
    design=Design(
        "concurrency-parallelism",
        workloads=("primes", "sleep"),
        strategies=("sequential", "threading", "multiprocessing"),
        pythons=("this", f"this{ONE_CORE}"),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("On one core as many tasks are in flight as on several, within 15 %: concurrency needs no cores")
def concurrent(seen: Evidence) -> Judgement:
    cells = pairs(seen, workload="primes", strategy=("threading", "multiprocessing"))
    return every(seen.ratio(pinned, to=free, number="in_flight").between(0.85, 1.15) for pinned, free in cells)


@EXPERIMENT.claim("Processes keep more than 1.5 cores busy if there are several, and one if there is one")
def parallel(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    return every(
        judgement
        for pinned, free in pairs(seen, workload="primes", strategy="multiprocessing")
        for judgement in (seen.number(pinned, "cores_busy").below(1.1), seen.number(free, "cores_busy").above(1.5))
    )


@EXPERIMENT.claim("Processes are more than 1.4 times as fast as sequential on several cores, and no faster on one")
def speedup(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    return every(
        judgement
        for pinned, free in pairs(seen, workload="primes", strategy="multiprocessing")
        for judgement in (faster(seen, pinned).below(1.1), faster(seen, free).above(1.4))
    )


@EXPERIMENT.claim("Computing threads under the GIL lose less than 15 % when they are limited to one core")
def nothing_to_lose(seen: Evidence) -> Judgement:
    cells = pairs(seen, workload="primes", strategy="threading", gil=True)
    return every(seen.ratio(pinned, to=free).below(1.15) for pinned, free in cells)


@EXPERIMENT.claim("Concurrent waiting is as fast on one core, within 5 %")
def waiting(seen: Evidence) -> Judgement:
    cells = pairs(seen, workload="sleep", strategy=("threading", "multiprocessing"))
    return every(seen.ratio(pinned, to=free).between(0.95, 1.05) for pinned, free in cells)


def pairs(seen: Evidence, *, gil: bool | None = None, **fields: object) -> Iterator[tuple[Cell, Cell]]:
    """Each cell pinned to one core, and the same cell unpinned. Raises InconclusiveError if there is none."""
    cells = [cell for cell in seen.cells(gil=gil, **fields) if cell.interpreter.endswith(ONE_CORE)]
    if not cells:
        text = gettext("nothing was pinned to one core in this session: use --python {pythons}")
        raise InconclusiveError(text.format(pythons=f"this,this{ONE_CORE}"))
    for pinned in cells:
        free = replace(pinned, interpreter=pinned.interpreter.removesuffix(ONE_CORE))
        yield (
            pinned,
            seen.cell(
                workload=free.workload, strategy=free.strategy, workers=free.workers, interpreter=free.interpreter
            ),
        )


def faster(seen: Evidence, cell: Cell) -> Quantity:
    """How many times as fast as one task after the other on as many cores."""
    sequential = seen.cell(workload=cell.workload, strategy="sequential", interpreter=cell.interpreter)
    return seen.ratio(sequential, to=cell)


def longer_when_pinned(seen: Evidence) -> Iterator[Quantity]:
    """The time of waiting on one core, relative to that on several."""
    seen.needs_cores(2)
    for pinned, free in pairs(seen, workload="sleep", strategy=("threading", "multiprocessing")):
        yield seen.ratio(pinned, to=free)


EXPERIMENT.ask(
    Question(
        "Tasks that only wait run at the same time, in threads and in processes. Then all of it may use one core only."
        " How long does it take now?",
        (
            Answer("As many times as long as there were cores before", above(longer_when_pinned, 1.8)),
            Answer("Somewhat longer: the workers take turns on the core", between(longer_when_pinned, 1.05, 1.8)),
            Answer(
                "As long as before: who waits needs no core",
                between(longer_when_pinned, 0.95, 1.05),
                why="Waiting at the same time is concurrency, which needs no core at all. Only computing at the same"
                " time, parallelism, needs several.",
            ),
        ),
    )
)
