"""What if a program waits and computes, as most do?

Fetch, then compute. The waits overlap under every concurrent model, the computing only where several cores can be busy:
so the answer lies between those of `cpu-bound` and `io-bound`, and shows how much of the work is which.

The same as `gil-lab run mixed`.
"""

from gil_lab.analysis.claims import Evidence, Judgement, every
from gil_lab.experiment import Chapter, Experiment
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="What if a program waits and computes, as most do?",
    chapter=Chapter.MODELS,
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
