"""What does a worker cost, in time and in memory?

Pools of two workers and of eight, with next to nothing to do. Watch *start-up* of the small pool, which includes all
one-time costs (imports, a fork server, a resource tracker), and the *marginal cost per worker*: what each of the six
others adds, in milliseconds and in megabytes (PSS: a shared page counts once, in equal parts). A thread costs next to
nothing; a forked process shares its parent's memory until one of them writes; a spawned one is a whole new Python. A
subinterpreter costs about as much as a process of a fork server: it saves the process, not the Python in it. (From two
on, because joblib starts no worker for one.)

The same as `gil-lab run start-up`. Try `--workload primes`, `--workers 2,4,16`, and `--python all`.
"""

from gil_lab.analysis.claims import Evidence, Judgement, every
from gil_lab.experiment import Chapter, Experiment
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="What does a worker cost, in time and in memory?",
    chapter=Chapter.SHARING,
    picture="matrix",
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
