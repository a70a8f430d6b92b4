"""How does the speed-up grow with the number of workers, and where does it end?

The same work with 1, 2, 3, 4, 6, 8, ... workers up to twice the cores and beyond, on purpose: with more workers than
cores there is more concurrency, but no more parallelism. Watch *same form* against the number of workers.

The report fits three laws to each strategy: Amdahl's, Gustafson's and the universal scalability law. They take six
numbers of workers, and say how much of the work only one worker can do at a time (serial share), how much each pair of
workers adds (crosstalk), and with how many workers it is fastest. The largest pool is predicted from the others first:
that says how far to trust them. They are about workers that have a core: pools that want more cores than there are, are
left out, so on two cores they say something of threads under the GIL, and of what waits, but not of processes.

The same as `gil-lab run scaling`. Try `--workload sleep` or `--workload http`, which need no cores.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, InconclusiveError, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.language import gettext
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

LEAST = (1, 2, 3, 4, 6, 8)
"""As many as a law of scaling takes."""


def growing(cores: int) -> tuple[int, ...]:
    """These, then doubling up to the cores, and finally twice the cores."""
    powers = (2**exponent for exponent in range(cores.bit_length()))
    return tuple(sorted({*LEAST, *powers, cores, 2 * cores}))


EXPERIMENT = Experiment(
    question="How does the speed-up grow with the number of workers, and where does it end?",
    chapter=Chapter.MODELS,
    picture="scaling",
    passage=Passage(
        watch="""
        One worker, two, and so on to twice the cores, on purpose. **Watch** where each line stops rising, and which
        one never rises. More workers than cores are more concurrent, but not more parallel. A law of scaling says how
        much of the work only one worker can do at a time, and how far it may be believed.
        """,
        change="""
        `workloads="mandelbrot"`, whose tasks are uneven.
        """,
        changes=({"workloads": "mandelbrot"},),
        pictures=(("scaling",),),
    ),
    design=Design(
        "scaling",
        workloads=("primes",),
        strategies=("sequential", "threading", "multiprocessing", "numba-sequential", "numba-nogil", "numba-parallel"),
        workers=growing,
        quick_workers=(1, 2, 4),
        quick_strategies=("sequential", "threading", "multiprocessing"),
        tasks=48,  # shared out evenly among as many of these numbers of workers as can be
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Under the GIL, more threads gain nothing")
def threads(seen: Evidence) -> Judgement:
    fewest, *_, most = by_workers(seen, "threading", 2)
    return seen.ratio(fewest, to=most).below(1.1)


@EXPERIMENT.claim("Two processes are at least one and a half times as fast as one")
def processes(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    single, two, *_ = by_workers(seen, "multiprocessing", 2)
    return seen.ratio(single, to=two).above(1.5)


@EXPERIMENT.claim("More processes than cores gain nothing, though more tasks are in flight")
def beyond(seen: Evidence) -> Judgement:
    cores = seen.cores
    all_busy = seen.cell(strategy="multiprocessing", workload="primes", workers=cores)
    beyond = seen.cell(strategy="multiprocessing", workload="primes", workers=2 * (cores or 0))
    return every(
        [seen.ratio(all_busy, to=beyond).below(1.15), seen.ratio(beyond, to=all_busy, number="in_flight").above(1.5)]
    )


def by_workers(seen: Evidence, strategy: str, least: int) -> list[Cell]:
    """The pools of a strategy, the smallest first."""
    cells = sorted(seen.cells(strategy=strategy, workload="primes"), key=lambda cell: cell.workers)
    if len(cells) < least:
        text = gettext("comparing needs {least} pools of {strategy}, and {count} was measured")
        raise InconclusiveError(text.format(least=least, strategy=strategy, count=len(cells)))
    return cells


def gain_beyond(seen: Evidence) -> Iterator[Quantity]:
    """How many times as fast two processes for each core are as one for each core."""
    cores = seen.cores or 0
    one_each = seen.cell(strategy="multiprocessing", workload="primes", workers=cores)
    yield seen.ratio(one_each, to=seen.cell(strategy="multiprocessing", workload="primes", workers=2 * cores))


EXPERIMENT.ask(
    Question(
        "Processes count primes, one for each core. Now there are twice as many processes for the same work. How fast"
        " are they?",
        (
            Answer("Nearly twice as fast: there are twice as many", above(gain_beyond, 1.6)),
            Answer("Somewhat faster: no core is ever idle now", between(gain_beyond, 1.15, 1.6)),
            Answer(
                "As fast as before: all cores were busy already",
                between(gain_beyond, 0.85, 1.15),
                why="Computing needs cores, and those were all busy. More processes are more tasks in flight, so more"
                " concurrency, but no more parallelism.",
            ),
            Answer("Much slower: they get in each other's way", below(gain_beyond, 0.85)),
        ),
    )
)
