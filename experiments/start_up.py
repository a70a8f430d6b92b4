"""What does a worker cost, in time and in memory?

Pools of two workers and of eight, with next to nothing to do. Watch *start-up* of the small pool, which includes all
one-time costs (imports, a fork server, a resource tracker), and the *marginal cost per worker*: what each of the six
others adds, in milliseconds and in megabytes (PSS: a shared page counts once, in equal parts). A thread costs next to
nothing; a forked process shares its parent's memory until one of them writes; a spawned one is a whole new Python. A
subinterpreter costs about as much as a process of a fork server: it saves the process, not the Python in it. (From two
on, because joblib starts no worker for one.)

The same as `gil-lab run start-up`. Try `--workload primes`, `--workers 2,4,16`, and `--python all`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="What does a worker cost, in time and in memory?",
    chapter=Chapter.SHARING,
    picture="matrix",
    passage=Passage(
        watch="""
        Next to nothing to do, and two or eight workers to do it. **Watch** the marginal cost per worker, in
        milliseconds and in megabytes. A thread costs next to nothing; a forked process shares memory until one of
        them writes; a spawned one is a whole Python.
        """,
        change="""
        `workers=(2, 16)`, or `python="all"`.
        """,
        changes=({"workers": (2, 16)}, {"python": "all"}),
        pictures=(("matrix",),),
    ),
    design=Design(
        "start-up",
        workloads=("sleep",),
        strategies=(
            "threading",
            "subinterpreters",
            "multiprocessing-fork",
            "multiprocessing-forkserver",
            "multiprocessing-spawn",
            "joblib",
        ),
        workers=lambda _: (2, 8),
        pythons=("this", "3.14"),
        compared=False,
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Eight threads start within 20 ms")
def threads(seen: Evidence) -> Judgement:
    cells = seen.cells(strategy="threading", workers=8)
    return every(seen.number(cell, "startup_s").below(0.02) for cell in cells)


@EXPERIMENT.claim("Eight spawned processes take at least three times as long to start as eight forked ones")
def spawned(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(spawned, to=pool(seen, "multiprocessing-fork", spawned), number="startup_s").above(3)
        for spawned in seen.cells(strategy="multiprocessing-spawn", workers=8)
    )


@EXPERIMENT.claim("Eight subinterpreters take at least half as long to start as processes of a fork server")
def interpreters(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(cell, to=pool(seen, "multiprocessing-forkserver", cell), number="startup_s").above(0.5)
        for cell in seen.cells(strategy="subinterpreters", workers=8)
    )


@EXPERIMENT.claim("Eight spawned processes take more than three times the memory of eight threads")
def memory(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(spawned, to=pool(seen, "threading", spawned), number="pss_bytes").above(3)
        for spawned in seen.cells(strategy="multiprocessing-spawn", workers=8)
    )


def pool(seen: Evidence, strategy: str, beside: Cell) -> Cell:
    """The pool of another strategy with as many workers, under the same Python."""
    return seen.cell(strategy=strategy, workers=beside.workers, interpreter=beside.interpreter)


def spawned_to_forked(seen: Evidence) -> Iterator[Quantity]:
    """The start-up of eight spawned processes, relative to eight forked ones."""
    for cell in seen.cells(strategy="multiprocessing-spawn", workers=8):
        yield seen.ratio(cell, to=pool(seen, "multiprocessing-fork", cell), number="startup_s")


EXPERIMENT.ask(
    Question(
        "Eight worker processes can be forked, as copies of the process that is there, or spawned: started anew. How"
        " long does it take until eight spawned ones are ready?",
        (
            Answer("Less than forked ones: nothing is copied", below(spawned_to_forked, 1)),
            Answer("About as long as forked ones, up to three times", between(spawned_to_forked, 1, 3)),
            Answer(
                "More than three times as long: each one starts a Python of its own",
                above(spawned_to_forked, 3),
                why="A forked process shares the memory of its parent until one of them writes: Python and all"
                " modules are there. A spawned one starts the interpreter and imports everything again, in time and"
                " in memory.",
            ),
        ),
    )
)
