"""Does waiting at the same time make a program faster?

Fetch pages from a slow server. Watch *tasks in flight* and *cores busy*: every concurrent model has many requests in
flight and hardly any core busy, because waiting needs neither a core nor the GIL. Here threads and coroutines are as
fast as processes, and start almost for free.

The same as `gil-lab run io-bound`. Try `--workload sleep` (pure waiting) and `--workload files` (the disk).
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="Does waiting at the same time make a program faster?",
    chapter=Chapter.WAITING,
    passage=Passage(
        watch="""
        Pages from a slow server. **Watch** the lower right corner: all of them are there. Threads and coroutines are
        as fast as processes, and start almost for free.
        """,
        change="""
        `workers=32`, and `workloads=("sleep", "files")`: is the disk like the network?
        """,
        changes=({"workers": 32}, {"workloads": ("sleep", "files")}),
        pictures=(("map",),),
    ),
    design=Design("io-bound", workloads=("http",), workers=lambda cores: (max(8, 2 * cores),)),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("N threads that wait are at least N/2 times as fast as sequential")
def threads(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="http", strategy="threading")
    sequential = seen.cell(workload="http", strategy="sequential")
    return every(seen.ratio(sequential, to=cell).above(cell.workers / 2) for cell in cells)


@EXPERIMENT.claim("Coroutines wait as well as threads, within a fifth")
def coroutines(seen: Evidence) -> Judgement:
    return beside_threads(seen, "asyncio")


@EXPERIMENT.claim("Processes wait no better than threads, within a fifth")
def processes(seen: Evidence) -> Judgement:
    return beside_threads(seen, "multiprocessing")


@EXPERIMENT.claim("Waiting needs no core: less than half a core is busy, however many workers wait")
def no_core(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="http", strategy=("threading", "asyncio", "multiprocessing", "numba-nogil"))
    return every(seen.number(cell, "cores_busy").below(0.5) for cell in cells)


def beside_threads(seen: Evidence, strategy: str) -> Judgement:
    """Wall time relative to that of as many threads."""
    cells = seen.cells(workload="http", strategy=strategy)
    return every(
        seen.ratio(cell, to=seen.cell(workload="http", strategy="threading", workers=cell.workers)).between(0.8, 1.2)
        for cell in cells
    )


def share_of_workers(seen: Evidence) -> Iterator[tuple[Quantity, int]]:
    """How many times as fast threads are as one page after the other, and how many threads there are."""
    sequential = seen.cell(workload="http", strategy="sequential")
    for cell in seen.pools(workload="http", strategy="threading"):
        yield seen.ratio(sequential, to=cell), cell.workers


EXPERIMENT.ask(
    Question(
        "Several threads fetch pages from a slow server. Python has the GIL, so that one thread at a time runs."
        " How fast are they, compared with one page after the other?",
        (
            Answer(
                "No faster: the GIL lets one thread work at a time",
                lambda seen: every(gain.below(1.2) for gain, _ in share_of_workers(seen)),
            ),
            Answer(
                "Faster, but less than half as many times as there are threads",
                lambda seen: every(gain.between(1.2, workers / 2) for gain, workers in share_of_workers(seen)),
            ),
            Answer(
                "Nearly as many times as fast as there are threads: who waits needs no GIL",
                lambda seen: every(gain.above(workers / 2) for gain, workers in share_of_workers(seen)),
                why="A thread that waits for the network lets go of the GIL, and needs no core either. So the waits"
                " overlap, however many there are: concurrency without parallelism.",
            ),
        ),
    )
)
