"""Does waiting at the same time make a program faster?

Fetch pages from a slow server. Watch *tasks in flight* and *cores busy*: every concurrent model has many requests in
flight and hardly any core busy, because waiting needs neither a core nor the GIL. Here threads and coroutines are as
fast as processes, and start almost for free.

The same as `gil-lab run io-bound`. Try `--workload sleep` (pure waiting) and `--workload files` (the disk).
"""

from gil_lab.analysis.claims import Evidence, Judgement, every
from gil_lab.experiment import Chapter, Experiment
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="Does waiting at the same time make a program faster?",
    chapter=Chapter.WAITING,
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
