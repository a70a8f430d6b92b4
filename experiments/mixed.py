"""What if a program waits and computes, as most do?

Fetch, then compute. The waits overlap under every concurrent model, the computing only where several cores can be busy:
so the answer lies between those of `cpu-bound` and `io-bound`, and shows how much of the work is which.

The same as `gil-lab run mixed`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="What if a program waits and computes, as most do?",
    chapter=Chapter.MODELS,
    passage=Passage(
        watch="""
        Fetch, then compute. The waits overlap under every model, the computing only where several cores can be busy.
        **Watch** how far up each strategy is on the map.
        """,
        change="""
        `strategies=("threading", "asyncio-threads", "multiprocessing")`: what does a thread for each task change?
        """,
        changes=({"strategies": ("threading", "asyncio-threads", "multiprocessing")},),
        pictures=(("map",),),
    ),
    design=Design("mixed", workloads=("mixed",), workers=lambda cores: (max(8, 2 * cores),)),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Threads gain from overlapping waits, though only one core computes")
def threads(seen: Evidence) -> Judgement:
    sequential = seen.cell(workload="mixed", strategy="sequential")
    cells = seen.cells(workload="mixed", strategy="threading", gil=True)
    return every(
        judgement
        for cell in cells
        for judgement in (seen.ratio(sequential, to=cell).above(1.3), seen.number(cell, "cores_busy").below(1.15))
    )


@EXPERIMENT.claim("Processes gain from both waiting and computing, and so more than threads")
def processes(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    return every(
        seen.ratio(threads, to=seen.cell(workload="mixed", strategy="multiprocessing", workers=threads.workers)).above(
            1.1
        )
        for threads in seen.cells(workload="mixed", strategy="threading", gil=True)
    )


def processes_to_threads(seen: Evidence) -> Iterator[Quantity]:
    """How many times as fast processes are as as many threads."""
    seen.needs_cores(2)
    for cell in seen.pools(workload="mixed", strategy="threading", gil=True):
        processes = seen.cell(workload="mixed", strategy="multiprocessing", workers=cell.workers)
        yield seen.ratio(cell, to=processes)


EXPERIMENT.ask(
    Question(
        "Each task fetches a page and then computes with it. It is done by threads, and by as many processes. Which are"
        " faster?",
        (
            Answer(
                "The processes: they wait and also compute at the same time",
                above(processes_to_threads, 1.1),
                why="The waits overlap in both. The computing overlaps only where several cores can be busy:"
                " processes have a GIL each, while threads share one and compute in turn.",
            ),
            Answer("The threads: processes take time to start and to send", below(processes_to_threads, 0.95)),
            Answer("Neither: the waiting is what takes time", between(processes_to_threads, 0.95, 1.1)),
        ),
    )
)
