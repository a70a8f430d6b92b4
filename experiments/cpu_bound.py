"""Does running CPU-bound work at the same time make it faster?

Count primes under every model of concurrency. Watch two columns: *tasks in flight* (concurrency) and *cores busy*
(parallelism). Threads and coroutines keep many tasks in flight and, under the GIL, one core busy: they take turns.
Processes have a GIL each. Compiled code that releases the GIL makes the very same threads parallel; and most of its
speed-up is compilation, which the columns keep apart.

The same as `gil-lab run cpu-bound`. Try `--workload sha256`: plain Python threads, and yet parallel. Why?
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="Does running CPU-bound work at the same time make it faster?",
    chapter=Chapter.MODELS,
    passage=Passage(
        watch="""
        **Watch** the map. To the right: more tasks in flight. Upwards: more cores busy. Threads and coroutines are
        only further to the right: they take turns. In the timeline their tasks are *blocked*, by the GIL; those of
        processes are *ready*, for lack of cores. `numba-nogil` uses the very same threads as `threading`.
        """,
        change="""
        the workers at the top, or `workloads="sha256"`: plain Python threads, and yet parallel. Why?
        """,
        changes=({"workloads": "sha256"},),
        pictures=(("map",), ("timeline", "threading", "multiprocessing")),
    ),
    design=Design("cpu-bound", workloads=("primes",)),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Under the GIL, threads keep about one core busy")
def one_core(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="threading", gil=True)
    return every(seen.number(cell, "cores_busy").below(1.15) for cell in cells)


@EXPERIMENT.claim("Under the GIL, threads are no faster than one task after the other")
def no_faster(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="threading", gil=True)
    return every(seen.ratio(sequential(seen, cell), to=cell).below(1.15) for cell in cells)


@EXPERIMENT.claim("Coroutines have many tasks in flight, and one core busy")
def coroutines(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="asyncio")
    return every(
        judgement
        for cell in cells
        for judgement in (seen.number(cell, "in_flight").above(1.5), seen.number(cell, "cores_busy").below(1.15))
    )


@EXPERIMENT.claim("Processes are parallel: they keep more than one and a half cores busy")
def processes(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    cells = seen.cells(workload="primes", strategy="multiprocessing")
    return every(seen.number(cell, "cores_busy").above(1.5) for cell in cells)


@EXPERIMENT.claim("Compiled code that releases the GIL makes the same threads parallel")
def released(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    cells = seen.cells(workload="primes", strategy="numba-nogil")
    return every(seen.number(cell, "cores_busy").above(1.5) for cell in cells)


@EXPERIMENT.claim("Compilation alone makes this loop more than ten times as fast")
def compiled(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="numba-sequential")
    return every(seen.ratio(sequential(seen, cell), to=cell).above(10) for cell in cells)


def sequential(seen: Evidence, cell: Cell) -> Cell:
    """The cell that it is compared with."""
    return seen.cell(strategy="sequential", workload=cell.workload, interpreter=cell.interpreter)


def gain_of_threads(seen: Evidence) -> Iterator[Quantity]:
    """How many times as fast as one task after the other."""
    seen.needs_cores(2)
    for cell in seen.pools(workload="primes", strategy="threading", gil=True):
        yield seen.ratio(sequential(seen, cell), to=cell)


EXPERIMENT.ask(
    Question(
        "Several threads count primes in plain Python, on a machine with several cores. How long do they take, compared"
        " with one task after the other?",
        (
            Answer("Half the time or less: each thread computes on a core of its own", above(gain_of_threads, 1.8)),
            Answer("Somewhat less: now and then two threads compute at once", between(gain_of_threads, 1.15, 1.8)),
            Answer(
                "About as long: one thread computes while the others wait",
                between(gain_of_threads, 0.8, 1.15),
                why="A thread runs Python code only while it holds the GIL, and there is one GIL in a process. So the"
                " threads take turns on one core: concurrent, not parallel.",
            ),
            Answer("Much longer: changing from thread to thread takes more than it gains", below(gain_of_threads, 0.8)),
        ),
    )
)
