"""Without the GIL, what do threads wait for instead?

A ladder of operations on one object that all threads share: reading a global, a dictionary, an attribute; calling a
method; writing to a dictionary, a list, a set; queues and locks. The first rung shares nothing, and is the ceiling:
so many times as fast can threads be under that Python. Watch how much of it each rung loses. Under the GIL there is
nothing to lose, and most rungs are alike. Without it, reading a global costs nothing, but nearly whatever touches one
shared object does: writing has to wait for a lock that each dictionary, list and set has (PEP 703), and under 3.13
even reading writes, namely the reference count of the object, which all cores hand to and fro. Subinterpreters (from
3.14 on) have an object each, as processes do, and climb the ladder at the ceiling.

What to do instead stands with each rung in `gil-lab list contention`: a local variable, an object for each thread, and
merging at the end.

The same as `gil-lab run contention`. Try `--python 3.14t`, `--workers 8`, and `--workload contention+dict-set`; look at
the picture `ladder`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, every
from gil_lab.analysis.claims.quantity import Quantity
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design
from gil_lab.suite.workloads.contention import RUNGS

PAIR = 2
"""Threads: where there are as many cores, none waits for one."""
FEW = ("global", "attribute", "dict-set", "lock")
"""For a quick look."""
EXPERIMENT = Experiment(
    question="Without the GIL, what do threads wait for instead?",
    chapter=Chapter.GIL,
    picture="ladder",
    design=Design(
        "contention",
        workloads=("contention", *(f"contention+{name}" for name in RUNGS)),
        strategies=("sequential", "threading", "subinterpreters"),
        workers=lambda cores: tuple(sorted({PAIR, max(PAIR, cores), 2 * cores})),
        pythons=("this", "3.14", "3.13t", "3.13t+gil", "3.14t"),
        tasks=8,
        quick_workers=(PAIR,),
        cell_budget_s=3,  # some 300 cells: a quarter of an hour
        quick_workloads=("contention", *(f"contention+{name}" for name in FEW)),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check
READING, WRITING = ("attribute", "dict-get", "closure"), ("dict-set", "list-append", "set-add")
HALF_GAINED = 1.5
"""Times as fast as one thread: half of what a second one could bring."""


@EXPERIMENT.claim("Without a GIL, two threads that share nothing are more than 1.7 times as fast as one")
def nothing_shared(seen: Evidence) -> Judgement:
    seen.needs_cores(PAIR)
    return every(gain(seen, cell).above(1.7) for cell in pairs(seen, "", gil=False))


@EXPERIMENT.claim("Under the GIL they are not, whatever they share")
def under_the_gil(seen: Evidence) -> Judgement:
    return every(gain(seen, cell).below(HALF_GAINED) for cell in pairs(seen, "", *RUNGS, gil=True))


@EXPERIMENT.claim("Without a GIL, two threads that write to one dictionary, list or set gain less than half a core")
def writing(seen: Evidence) -> Judgement:
    seen.needs_cores(PAIR)
    return every(gain(seen, cell).below(HALF_GAINED) for cell in pairs(seen, *WRITING, gil=False))


@EXPERIMENT.claim("Without a GIL, two threads that take one lock all the time gain less than half a core")
def locking(seen: Evidence) -> Judgement:
    seen.needs_cores(PAIR)
    return every(gain(seen, cell).below(HALF_GAINED) for cell in pairs(seen, "lock", gil=False))


@EXPERIMENT.claim("Under 3.13t even reading one shared object does: its reference count is written by all")
def reading(seen: Evidence) -> Judgement:
    seen.needs_cores(PAIR)
    cells = [cell for cell in pairs(seen, *READING, gil=False) if cell.interpreter.startswith("3.13t")]
    return every(gain(seen, cell).below(HALF_GAINED) for cell in cells)


@EXPERIMENT.claim("Two subinterpreters, which have an object each, gain more than half a core whatever it is")
def an_object_each(seen: Evidence) -> Judgement:
    seen.needs_cores(PAIR)
    return every(
        gain(seen, cell).above(HALF_GAINED) for cell in pairs(seen, "", *RUNGS, gil=True, strategy="subinterpreters")
    )


def pairs(seen: Evidence, *variants: str, gil: bool, strategy: str = "threading") -> list[Cell]:
    """Those of two threads that share this, or of two subinterpreters."""
    found = seen.cells(work="contention", strategy=strategy, workers=PAIR, gil=gil)
    return [cell for cell in found if cell.variant.removeprefix("+") in variants]


def gain(seen: Evidence, cell: Cell) -> Quantity:
    """How many times as fast as the same operations in one thread."""
    alone = seen.cell(work="contention", variant=cell.variant, strategy="sequential", interpreter=cell.interpreter)
    return seen.ratio(alone, to=cell)


def gain_of_writers(seen: Evidence) -> Iterator[Quantity]:
    """Of two threads that write to one dictionary without a GIL, how many times as fast as one they are."""
    seen.needs_cores(PAIR)
    for cell in pairs(seen, "dict-set", gil=False):
        yield gain(seen, cell)


EXPERIMENT.ask(
    Question(
        "In a Python without the GIL, two threads write to the same dictionary all the time, and each has a core. How"
        " fast are they together, compared with one thread?",
        (
            Answer("Twice as fast: without the GIL nothing holds them up", above(gain_of_writers, 1.7)),
            Answer("Somewhat faster: they meet only now and then", between(gain_of_writers, 1.3, 1.7)),
            Answer(
                "No faster, or slower: they wait for each other at the dictionary",
                below(gain_of_writers, 1.3),
                why="In place of the one GIL each dictionary, list and set has a lock of its own (PEP 703). Who"
                " writes to a shared one all the time waits for that lock; threads that share nothing are nearly"
                " twice as fast.",
            ),
        ),
    )
)
