"""What does the GIL cost, and what does its absence cost?

The same plain Python code, counting primes, under every Python on this machine, in one interleaved run. Watch *cores
busy* of `threading`: about one with a GIL, all of them without (PEP 703). Then watch the time of `sequential`: a
free-threaded build pays with slower single-threaded code, the *build tax*. The third arm, `3.13t+gil`, is the same
build with its GIL on: compared with the usual build it shows the price of the build alone, compared with itself without
the GIL the price of the GIL. `subinterpreters` (PEP 734) have a GIL each, and `multiprocessing` a process each:
parallel under every Python, at the price of start-up and of sending everything.

The same as `gil-lab run free-threading`. Try `--python 3.14 --python pypy3.11`, and `--workload sha256`.
`gil-lab pythons` lists the available Pythons; `uv python install 3.14t` installs one without a GIL.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="What does the GIL cost, and what does its absence cost?",
    chapter=Chapter.GIL,
    picture="matrix",
    passage=Passage(
        watch="""
        The same threads, the same source, every Python on this machine. **Watch** *cores busy* of `threading`: about
        one with a GIL, all of them without. Then the seconds of `sequential`: the *build tax*. The arm `+gil`, the
        same build with its GIL on, shows whether it is the price of the build or of the GIL.
        """,
        change="""
        `workloads="sha256"`: what gains nothing from a Python without a GIL?
        """,
        changes=({"workloads": "sha256"},),
        pictures=(("matrix",),),
    ),
    design=Design(
        "free-threading",
        workloads=("primes",),
        strategies=("sequential", "threading", "multiprocessing", "subinterpreters"),
        pythons=("all", "3.14t"),  # so that a session without it says how to install it
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("With a GIL, threads keep about one core busy, whatever the Python")
def locked(seen: Evidence) -> Judgement:
    cells = seen.cells(strategy="threading", workload="primes", gil=True)
    return every(seen.number(cell, "cores_busy").below(1.2) for cell in cells)


@EXPERIMENT.claim("Without a GIL, the same threads are parallel")
def unlocked(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    cells = seen.cells(strategy="threading", workload="primes", gil=False)
    return every(seen.number(cell, "cores_busy").above(1.6) for cell in cells)


@EXPERIMENT.claim("Subinterpreters are parallel in one process: each has its own GIL")
def interpreters(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    cells = seen.cells(strategy="subinterpreters", workload="primes", gil=True)
    return every(seen.number(cell, "cores_busy").above(1.6) for cell in cells)


@EXPERIMENT.claim("Sequential work takes longer in a free-threaded build than in the usual one")
def build_tax(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(free, to=sequential(seen, free.interpreter.partition("+")[0].removesuffix("t"))).above(1.0)
        for free in seen.cells(strategy="sequential", workload="primes", gil=False)
    )


@EXPERIMENT.claim("That is the price of the build: enabling its GIL changes sequential work by less than a tenth")
def not_the_lock(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(free, to=sequential(seen, f"{free.interpreter.partition('+')[0]}+gil")).between(0.9, 1.1)
        for free in seen.cells(strategy="sequential", workload="primes", gil=False)
    )


def sequential(seen: Evidence, interpreter: str) -> Cell:
    """The cell that it is compared with."""
    return seen.cell(strategy="sequential", workload="primes", interpreter=interpreter)


def longer_without(seen: Evidence) -> Iterator[Quantity]:
    """The time of sequential work in free-threaded builds, relative to that in the usual ones."""
    for free in seen.cells(strategy="sequential", workload="primes", gil=False):
        yield seen.ratio(free, to=sequential(seen, free.interpreter.partition("+")[0].removesuffix("t")))


EXPERIMENT.ask(
    Question(
        "A program without any threads runs under the usual Python, and under the same version built without the GIL."
        " How long does it take without?",
        (
            Answer("Less: there is no GIL to take and to give up", below(longer_without, 0.98)),
            Answer("As long: one thread never waits for the GIL", between(longer_without, 0.98, 1.02)),
            Answer(
                "Longer: each object has to be protected by itself",
                above(longer_without, 1.02),
                why="Without the GIL each reference count and each container has to be safe by itself, also in a"
                " program with one thread (PEP 703). The gain comes with threads: they then compute on several cores.",
            ),
        ),
    )
)
