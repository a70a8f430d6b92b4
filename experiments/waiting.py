"""From what share of waiting on do threads and coroutines pay, how many of them, and for tasks of what length?

A grid of tasks that wait for 0 to 100 per cent of their time and compute for the rest, of 1 to 25 ms, with 2, 4 and 8
workers. Change one number at a time: the page (`gil-lab report --open`) and `results.sliders()` have a slider for each.

Watch where eight threads or coroutines end: waiting overlaps, computing under the GIL does not, so what remains is all
the computing, one task after the other. That is Amdahl's law with the computing as the serial part: at most twice as
fast where half is waiting, four times where three quarters are. Processes compute in parallel as well, and gain at each
share, unless the tasks are so short that handing them over takes what was gained.

The same as `gil-lab run waiting`. Try `--workers 16`, or `--python 3.14t`: without the GIL, threads compute in parallel
too.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design
from gil_lab.suite.workloads.blend import SHARES

SHORT, MIDDLE, LONG = 1_000, 5_000, 25_000
"""Microseconds of a task. Shorter ones would wait for longer than their share: an event loop waits for whole ms."""
FEW, MANY = 2, 8
OVERLAPPING = ("threading", "asyncio")
EXPERIMENT = Experiment(
    question="From what share of waiting on do threads and coroutines pay, and how many of them?",
    chapter=Chapter.MODELS,
    picture="scaling",
    passage=Passage(
        watch="""
        Tasks that wait for 0 to 100 per cent of their time, and compute for the rest. **Watch** what changes with one
        number: the share of waiting, the length of a task, the number of workers. (The lecture and the report's page
        have sliders.)
        """,
        change="""
        `workers=(2, 16)`: do more threads still help? `python="3.14t"`: there threads compute in parallel.
        """,
        changes=({"workers": (2, 16)}, {"python": "3.14t"}),
        pictures=(("scaling",),),
    ),
    design=Design(
        "waiting",
        workloads=tuple(f"blend+{share}" for share in SHARES),
        strategies=("sequential", *OVERLAPPING, "multiprocessing"),
        workers=lambda _: (FEW, 4, MANY),
        sizes=(SHORT, MIDDLE, LONG),
        tasks=16,
        cell_budget_s=3.5,  # 150 cells: nine minutes
        quick_workloads=("blend+0", "blend+75", "blend+100"),
        quick_workers=(FEW, MANY),
        quick_sizes=(LONG,),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim(
    "Eight threads or coroutines are no faster than the computing alone, one task after the other, allows"
)
def computing_remains(seen: Evidence) -> Judgement:
    shares = [share for share in SHARES if share < 100]  # noqa: PLR2004 - per cent
    return every(
        gain(seen, strategy, share).below(1.15 / (1 - share / 100)) for share in shares for strategy in OVERLAPPING
    )


@EXPERIMENT.claim("Where three quarters are waiting, they are more than twice as fast as one task after the other")
def waiting_overlaps(seen: Evidence) -> Judgement:
    return every(gain(seen, strategy, 75).above(2) for strategy in OVERLAPPING)


@EXPERIMENT.claim("Where all is waiting, eight threads, coroutines or processes are more than four times as fast")
def only_waiting(seen: Evidence) -> Judgement:
    return every(gain(seen, strategy, 100).above(4) for strategy in (*OVERLAPPING, "multiprocessing"))


@EXPERIMENT.claim("Where all is waiting, eight threads are more than twice as fast as two")
def more_threads(seen: Evidence) -> Judgement:
    return seen.ratio(cell(seen, "threading", 100, FEW), to=cell(seen, "threading", 100)).above(2)


@EXPERIMENT.claim("Where nothing is, eight threads are no faster than two")
def no_more_threads(seen: Evidence) -> Judgement:
    return seen.ratio(cell(seen, "threading", 0, FEW), to=cell(seen, "threading", 0)).below(1.15)


@EXPERIMENT.claim("Where at most half is waiting, eight processes are at least a fifth faster than eight threads")
def processes(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    return every(
        seen.ratio(cell(seen, "threading", share), to=cell(seen, "multiprocessing", share)).above(1.2)
        for share in (0, 25, 50)
    )


def cell(seen: Evidence, strategy: str, share: int, workers: int = MANY) -> Cell:
    """Of the longest tasks, of which this share is waiting, in per cent."""
    return seen.cell(workload=f"blend+{share}", strategy=strategy, size=LONG, workers=workers)


def gain(seen: Evidence, strategy: str, share: int) -> Quantity:
    """How many times as fast as one task after the other eight workers are."""
    return seen.ratio(cell(seen, "sequential", share, 1), to=cell(seen, strategy, share))


def gain_of_threads(seen: Evidence) -> Iterator[Quantity]:
    """Of eight threads whose tasks wait for three quarters of their time."""
    yield gain(seen, "threading", 75)


EXPERIMENT.ask(
    Question(
        "Each task waits for three quarters of its time, and computes for the rest. Eight threads share the tasks,"
        " under the GIL. How fast are they, compared with one task after the other?",
        (
            Answer("As fast: threads gain nothing under the GIL", below(gain_of_threads, 1.3)),
            Answer("Somewhat faster, but not twice as fast", between(gain_of_threads, 1.3, 2)),
            Answer(
                "Two to four times as fast: the waiting overlaps, the computing does not",
                between(gain_of_threads, 2, 4.6),
                why="Who waits does not hold the GIL, so all waiting overlaps. What remains is the computing, a"
                " quarter, one task after the other: at most four times as fast, by Amdahl's law.",
            ),
            Answer("Nearly eight times as fast: there are eight of them", above(gain_of_threads, 4.6)),
        ),
    )
)
