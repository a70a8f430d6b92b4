"""How does the speed-up grow with the number of workers, and where does it end?

The same work with 1, 2, 4, ... workers up to twice the cores, on purpose: with more workers than cores there is
more concurrency, but no more parallelism. Watch *same form* against the number of workers.

The same as `gil-lab run scaling`.
"""

from gil_lab.analysis.claims import Evidence, InconclusiveError, Judgement, every
from gil_lab.experiment import Chapter, Experiment
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design


def doubling(cores: int) -> tuple[int, ...]:
    """1, 2, 4, ... and finally twice the cores."""
    powers = (2**exponent for exponent in range(cores.bit_length() + 1))
    return tuple(sorted({*(power for power in powers if power < 2 * cores), 2 * cores}))


EXPERIMENT = Experiment(
    question="How does the speed-up grow with the number of workers, and where does it end?",
    chapter=Chapter.MODELS,
    picture="scaling",
    design=Design(
        "scaling",
        workloads=("primes",),
        strategies=("sequential", "threading", "multiprocessing", "numba-sequential", "numba-nogil", "numba-parallel"),
        workers=doubling,
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
        raise InconclusiveError(f"comparing needs {least} pools of {strategy}, and {len(cells)} was measured")
    return cells
