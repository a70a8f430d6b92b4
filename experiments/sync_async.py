"""What is the difference between waiting for each thing in turn and doing something else meanwhile?

A morning: switch the kettle on, start the washing machine, shower, dry the hair, make tea. The water boils and the
laundry is washed meanwhile; but tea needs the water, and both of your hands, so it comes after the hair. Synchronous
means standing by the kettle until the water boils, and then by the washing machine: that takes the *sum of all*.
Asynchronous means doing something else meanwhile: that takes the *critical path*, the longest chain of activities in
which each depends on the one before, and nothing can take less. Both numbers are computed from the graph of activities
and shown beside the measured times.

Compare the wall time with these two, and watch *cores busy*: no core is needed, because every task waits. An event loop
does with one thread what threads do with seven. Then look at the order of events: `gil-lab report --timeline all`, in
which each bar begins when those that it depends on have ended. The tasks are: 0 switch the kettle on, 1 start the
washing machine, 2 the water boils, 3 the laundry is washed, 4 shower, 5 dry the hair, 6 make tea.

`morning+blocking` is the same with one bug: its coroutines wait with `time.sleep` instead of `await asyncio.sleep`. It
looks asynchronous and is not. Moving the blocking call to a thread (`asyncio-threads`, which is `asyncio.to_thread`)
fixes it.

The same as `gil-lab run sync-async`. Try `--workers 1,2,3`: how many hands does the morning need? And `--tasks 14`: two
mornings, one after the other. Change the graph in `gil_lab/suite/workloads/morning.py`: which activity must become
shorter for the whole to become shorter, and which need not?
"""

from collections.abc import Sequence

from gil_lab.analysis.claims import Evidence, Judgement, every
from gil_lab.analysis.questions import Answer, Question
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design
from gil_lab.suite.workloads.morning import MORNING

EXPERIMENT = Experiment(
    question="What is the difference between waiting for each thing in turn and doing something else meanwhile?",
    chapter=Chapter.WAITING,
    picture="timeline",
    passage=Passage(
        watch="""
        A morning: the kettle, the washing machine, the shower, the hair, the tea. Synchronous means standing by the
        kettle until the water boils: that takes the *sum of all*. Asynchronous means doing something else meanwhile:
        that takes the *critical path*, and nothing can take less. **Watch** the order of events, and
        `morning+blocking`, which looks asynchronous and is not.
        """,
        change="""
        `workers=(1, 2, 3)`: how many hands does the morning need?
        """,
        changes=({"workers": (1, 2, 3)},),
        pictures=(("timeline",),),
    ),
    design=Design(
        "sync-async",
        workloads=("morning", "morning+blocking"),
        strategies=("sequential", "asyncio", "threading", "asyncio-threads"),
        workers=lambda _: (len(MORNING),),  # tasks wait for each other, never for a worker
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check

TOLERANCE = 1.05
"""Waking up may take a millisecond for each of five activities in a row."""


@EXPERIMENT.claim("Done synchronously, the morning takes the sum of all activities, within 5 %")
def synchronous(seen: Evidence) -> Judgement:
    return takes(seen, "sum of all", seen.cells(workload="morning", strategy="sequential"))


@EXPERIMENT.claim("Done asynchronously, in an event loop or in threads, it takes the critical path, within 5 %")
def asynchronous(seen: Evidence) -> Judgement:
    loops, threads = (seen.cells(workload="morning", strategy=name) for name in ("asyncio", "threading"))
    return takes(seen, "critical path", [*loops, *threads])


@EXPERIMENT.claim("That needs no core: less than a fifth of one is busy")
def no_core(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "cores_busy").below(0.2) for cell in seen.cells(work="morning"))


@EXPERIMENT.claim("A coroutine that blocks its event loop is synchronous: the sum of all activities again, within 5 %")
def blocked_loop(seen: Evidence) -> Judgement:
    return takes(seen, "sum of all", seen.cells(workload="morning+blocking", strategy="asyncio"))


@EXPERIMENT.claim("Blocking calls in threads do not block the loop: the critical path, within 5 %")
def handed_to_threads(seen: Evidence) -> Judgement:
    return takes(seen, "critical path", seen.cells(work="morning", strategy="asyncio-threads"))


def takes(seen: Evidence, name: str, cells: Sequence[Cell]) -> Judgement:
    """Whether a pass takes the time that the graph predicts, and never less."""
    predicted = [(cell, seen.observed(cell, name, exact=True).value) for cell in cells]
    return every(seen.number(cell, "wall_s").between(0.999 * time_s, TOLERANCE * time_s) for cell, time_s in predicted)


def blocked(seen: Evidence) -> Sequence[Cell]:
    """The coroutines that wait with `time.sleep`."""
    return seen.cells(workload="morning+blocking", strategy="asyncio")


def in_between(seen: Evidence) -> Judgement:
    """More than the critical path, less than the sum."""
    found = []
    for cell in blocked(seen):
        path_s, sum_s = (seen.observed(cell, name, exact=True).value for name in ("critical path", "sum of all"))
        found.append(seen.number(cell, "wall_s").between(TOLERANCE * path_s, 0.999 * sum_s))
    return every(found)


EXPERIMENT.ask(
    Question(
        "All activities of a morning are coroutines, but one bug is in them: they wait with `time.sleep` where `await"
        " asyncio.sleep` is meant. How long does the morning take?",
        (
            Answer(
                "As long as the longest chain of activities that need each other: coroutines run at the same time",
                lambda seen: takes(seen, "critical path", blocked(seen)),
            ),
            Answer(
                "As long as all activities one after the other",
                lambda seen: takes(seen, "sum of all", blocked(seen)),
                why="Coroutines share one thread, and another one gets it only at an `await`. A `time.sleep` keeps the"
                " thread, so that nothing else happens meanwhile. It looks asynchronous and is not.",
            ),
            Answer("Something in between: some of them overlap", in_between),
        ),
    )
)
