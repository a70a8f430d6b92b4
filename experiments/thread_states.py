"""What does a thread do all day: run, wait for a core, or wait for something else?

A task that has begun and not ended is in one of three states. *Running*: it is on a core. *Ready*: it could run, but
all cores are taken. *Blocked*: it waits for something else: for I/O, a lock, its turn in an event loop, or the GIL.
The operating system reports the first two (the thread's CPU time, and its wait in the run queue); the rest is blocked.

Watch the shares of primes (which computes) and of sleep (which waits), with as many workers as cores and with four
times as many. Threads under the GIL are *blocked*: they wait for a lock, and more cores would not help them. Processes,
and threads without a GIL, are *ready* if there are more of them than cores: more cores would help them. From outside
both look the same, eight workers and no faster than two; the states distinguish the GIL from a lack of cores.
Coroutines are blocked too: one runs, and the others wait for its `await`. And sleeping tasks are blocked under every
strategy, which costs nothing: being blocked is a loss only for tasks that could compute.

The same as `gil-lab run thread-states`. Try `--workload sha256` (C code that releases the GIL), `--python 3.14t`,
`--workers 16`, and the same with `+cores=1`: `--python this+cores=1`. Which share becomes larger, and which does not?
Then look at `gil-lab report --timeline threading,multiprocessing`, in which the height of a task is its running share.
"""

from gil_lab.analysis.claims import Evidence, Judgement, every
from gil_lab.analysis.claims.checking import Check
from gil_lab.analysis.questions import Answer, Question
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

OVERSUBSCRIPTION = 4
"""Workers per core if there are more workers than cores."""

EXPERIMENT = Experiment(
    question="What does a thread do all day: run, wait for a core, or wait for something else?",
    chapter=Chapter.SHARING,
    picture="states",
    passage=Passage(
        watch="""
        A task that has begun is *running*, *ready* (it waits for a core) or *blocked* (for something else: I/O, a
        lock, the GIL). From outside, eight threads and eight processes on two cores look the same, and neither is
        faster than two. **Watch** the states: they distinguish the GIL from a lack of cores.
        """,
        change="""
        `workloads="sha256"`, C code that releases the GIL. Which share becomes larger, and which smaller?
        """,
        changes=({"workloads": "sha256"},),
        pictures=(("states",), ("timeline", "threading", "multiprocessing")),
    ),
    design=Design(
        "thread-states",
        workloads=("primes", "sleep"),
        strategies=("threading", "asyncio", "multiprocessing", "numba-nogil"),
        workers=lambda cores: (max(2, cores), OVERSUBSCRIPTION * max(2, cores)),
        pythons=("this", "3.13t", "3.14t"),
        compared=False,
        tasks=16,
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Waiting for the GIL counts as blocked: more than a third of the time of computing threads")
def waiting_for_the_gil(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="threading", gil=True)
    return every(seen.number(cell, "blocked_share").above(1 / 3) for cell in cells)


@EXPERIMENT.claim("Compiled code in the same threads does not wait for it: less than a third of the time is blocked")
def compiled(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="numba-nogil")
    return every(seen.number(cell, "blocked_share").below(1 / 3) for cell in cells if not is_oversubscribed(seen, cell))


@EXPERIMENT.claim("Without a GIL, computing threads are blocked for less than a tenth of the time, however many")
def without_a_gil(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="threading", gil=False)
    return every(seen.number(cell, "blocked_share").below(0.1) for cell in cells)


@EXPERIMENT.claim(
    "Waiting for a core counts as ready: over half of the time of four processes per core, and not blocked"
)
def waiting_for_a_core(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="multiprocessing")
    return every(
        judgement
        for cell in cells
        if is_oversubscribed(seen, cell)
        for judgement in (seen.number(cell, "ready_share").above(0.5), seen.number(cell, "blocked_share").below(0.1))
    )


@EXPERIMENT.claim("With a core for each, computing processes run for more than three quarters of their time")
def a_core_for_each(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    cells = seen.cells(workload="primes", strategy="multiprocessing")
    return every(seen.number(cell, "running_share").above(0.75) for cell in cells if not is_oversubscribed(seen, cell))


@EXPERIMENT.claim("Sleeping tasks are blocked under every strategy: more than nine tenths of the time")
def sleeping(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "blocked_share").above(0.9) for cell in seen.cells(workload="sleep"))


def is_oversubscribed(seen: Evidence, cell: Cell) -> bool:
    """Whether there are far more workers than cores. Raises InconclusiveError where the number of cores is unknown."""
    seen.needs_cores(1)
    return cell.workers >= OVERSUBSCRIPTION * (seen.cores or 1)


def of_most(share: str) -> Check:
    """Whether computing threads under the GIL, four for each core, spend more than half of their time so."""

    def check(seen: Evidence) -> Judgement:
        cells = seen.cells(workload="primes", strategy="threading", gil=True)
        return every(seen.number(cell, share).above(0.5) for cell in cells if is_oversubscribed(seen, cell))

    return check


EXPERIMENT.ask(
    Question(
        "Four threads for each core compute in plain Python under the GIL. What does each of them do for most of its"
        " time?",
        (
            Answer("It computes, on a core", of_most("running_share")),
            Answer(
                "It waits for something else than a core: the GIL",
                of_most("blocked_share"),
                why="One thread holds the GIL and computes; the others wait for it and want no core. More cores would"
                " not help them. Four processes for each core wait for a core instead, and more cores would help"
                " those.",
            ),
            Answer("It waits for a core, for there are too few", of_most("ready_share")),
        ),
    )
)
