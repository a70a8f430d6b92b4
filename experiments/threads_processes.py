"""Threads share data, processes do not: what does each cost, and what can go wrong?

Three things are done with little data (1 kB) and with much data (20 MB).

- `send` passes it to each task. Watch the time by size: a thread gets a reference, a process a copy of a copy through a
  pipe, a subinterpreter a copy within the process. With `+shared` it is in shared memory, and only a name is sent.
- `table` reads what the program has loaded before. Watch *PSS a worker*, the memory of all processes divided by the
  workers: threads have one table, processes and subinterpreters one each, and each also its own Python. *USS* excludes
  what processes share. A forked process (Linux, before 3.14) shares its parent's table in the beginning; but Python
  keeps reference counts in the objects themselves, so that reading the table writes to it, and copies it.
- `table+deleted`: the first task deletes the table for 20 ms. Watch *missed*: what one thread deletes, another misses
  (NameError). What one process or subinterpreter deletes, no other notices, nor would it notice a change.

The same as `gil-lab run threads-processes`. Try `--workload table --strategy multiprocessing-spawn`, `--workers 8`, and
`--workload send --size 1000,100000,10000000`.
"""

from collections.abc import Iterator
from typing import Any

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.sessions.plan import Design

Fields = dict[str, Any]
SMALL, LARGE = 1_000, 20_000_000
EXPERIMENT = Experiment(
    question="Threads share data, processes do not: what does each cost, and what can go wrong?",
    chapter=Chapter.SHARING,
    picture="matrix",
    passage=Passage(
        watch="""
        `send` passes data to a task: a thread gets a reference, a process a copy through a pipe, or only a name if
        the data is in shared memory. All tasks read `table`: **watch** *PSS a worker*. In `table+deleted` one task
        deletes it for a moment: **watch** which others miss it.
        """,
        change="""
        `workloads="send", size=(1_000, 100_000, 10_000_000)`: from which size on does shared memory pay?
        """,
        changes=({"workloads": "send", "size": (1000, 100000, 10000000)},),
    ),
    design=Design(
        "threads-processes",
        workloads=("send", "send+shared", "table", "table+deleted"),
        strategies=("threading", "multiprocessing", "subinterpreters"),
        pythons=("this", "3.14"),
        compared=False,
        sizes=(SMALL, LARGE),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Passing 20 MB to a process takes more than five times as long as to a thread")
def copied(seen: Evidence) -> Judgement:
    """Including the work, a millisecond in both."""
    of: Fields = {"work": "send", "variant": "", "size": LARGE}
    return every(
        seen.ratio(cell, to=seen.cell(**of, strategy="threading", interpreter=cell.interpreter)).above(5)
        for cell in seen.cells(**of, strategy="multiprocessing")
    )


@EXPERIMENT.claim("Passing 20 MB to a thread is as fast as passing 1 kB")
def referred(seen: Evidence) -> Judgement:
    """Ten thousand times as much; "as fast" leaves room for twice the time."""
    of: Fields = {"work": "send", "variant": "", "strategy": "threading"}
    return every(
        seen.ratio(cell, to=seen.cell(**of, size=SMALL, interpreter=cell.interpreter)).below(2)
        for cell in seen.cells(**of, size=LARGE)
    )


@EXPERIMENT.claim("In shared memory, 20 MB reach a process in less than half the time")
def shared(seen: Evidence) -> Judgement:
    """Typically in a tenth of the time."""
    of: Fields = {"work": "send", "size": LARGE, "strategy": "multiprocessing"}
    return every(
        seen.ratio(cell, to=seen.cell(**of, variant="", interpreter=cell.interpreter)).below(0.5)
        for cell in seen.cells(**of, variant="+shared")
    )


@EXPERIMENT.claim("With 20 MB of data, a worker process takes more than 1.5 times the memory of a worker thread")
def copies(seen: Evidence) -> Judgement:
    """Two threads share one table; two processes and their parent have three."""
    of: Fields = {"work": "table", "variant": "", "size": LARGE}
    return every(
        seen.observed_ratio(
            cell, "PSS a worker", to=seen.cell(**of, strategy="threading", interpreter=cell.interpreter)
        ).above(1.5)
        for cell in seen.cells(**of, strategy="multiprocessing")
    )


@EXPERIMENT.claim("What one thread deletes, others miss: in more than half of all uses while it is gone")
def missed(seen: Evidence) -> Judgement:
    """Nearly always, all others do."""
    cells = seen.cells(work="table", variant="+deleted", strategy="threading")
    return every(seen.observed(cell, "missed", exact=True).above(50) for cell in cells)


@EXPERIMENT.claim("What one process or subinterpreter deletes, no other misses")
def not_missed(seen: Evidence) -> Judgement:
    """Not once."""
    cells = seen.cells(work="table", variant="+deleted", strategy=("multiprocessing", "subinterpreters"))
    return every(seen.observed(cell, "missed", exact=True).below(0.5) for cell in cells)


def missed_by_processes(seen: Evidence) -> Iterator[Quantity]:
    """Of a table that one process deletes, the uses by others that miss it, in per cent."""
    for cell in seen.cells(work="table", variant="+deleted", strategy="multiprocessing"):
        yield seen.observed(cell, "missed", exact=True)


EXPERIMENT.ask(
    Question(
        "A table was loaded before the worker processes started. One of them deletes it for a while. What happens to"
        " the others, which use it?",
        (
            Answer("They miss it, nearly always: NameError", above(missed_by_processes, 50)),
            Answer(
                "They notice nothing",
                below(missed_by_processes, 0.5),
                why="Each process has its own memory, and so its own table: what one does to it, no other one sees."
                " Threads share one table; what one thread deletes, the others miss.",
            ),
            Answer("They miss it now and then, at the wrong moment", between(missed_by_processes, 0.5, 50)),
        ),
    )
)
