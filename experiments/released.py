"""Which calls let go of the GIL, so that other threads can run meanwhile?

Some seventy calls that people use: each is made all the time by one thread, while the GIL is looked at from outside a
thousand times a second, and then by two threads. Watch *GIL held*: what computes on Python objects holds it all the
time (`json`, `re`, `sorted`, `pickle`), C code that needs none lets go of it (hashing, compression, most of NumPy), and
what waits lets go as well. Some let go for each small piece, a row of SQLite or a packet of a socket, and take it back:
for those look at the share. Then watch what a second thread gains: it is what the share lets expect, or less where two
threads contend for something else.

What the sources of CPython and NumPy say of each call, with file and line, stands in docs/released.md.

The same as `gil-lab run released`. For a call of your own: `gil-lab releases 'EXPRESSION' --setup '...'`. Try
`--python 3.14t`, under which there is nothing to let go of, and `--workload released+sqlite-rows`.
"""

from gil_lab.advice.decision import HARDLY
from gil_lab.advice.releasing import MOSTLY
from gil_lab.analysis.claims import Evidence, Judgement, every
from gil_lab.experiment import Chapter, Experiment
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design
from gil_lab.suite.workloads.released import CALLS

FEW = ("sha256", "zlib-compress", "json-dumps", "re-sub", "sorted", "sqlite-rows", "sleep", "numpy-multiply")
"""For a quick look: some of each kind."""
EXPERIMENT = Experiment(
    question="Which calls let go of the GIL, so that other threads can run meanwhile?",
    chapter=Chapter.GIL,
    picture="states",
    design=Design(
        "released",
        workloads=("released", *(f"released+{name}" for name in CALLS)),
        strategies=("sequential", "threading"),
        workers=lambda _cores: (2,),
        compared=False,
        min_time_s=0.1,
        quick_workloads=("released", *(f"released+{name}" for name in FEW)),
        tasks=8,
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Calls whose sources let go of the GIL leave it free for more than four fifths of their time")
def let_go(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "gil_held_share").below(1 - MOSTLY) for cell in cells(seen, "yes"))


@EXPERIMENT.claim("Calls whose sources never do hold it all the time")
def hold(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "gil_held_share").above(1 - HARDLY) for cell in cells(seen, "no"))


@EXPERIMENT.claim("Calls that let go for each small piece hold it for a part of their time")
def take_turns(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "gil_held_share").between(0.1, 0.95) for cell in cells(seen, "partly"))


def cells(seen: Evidence, releases: str) -> list[Cell]:
    """Those of one thread, of the calls of which the sources say so."""
    every_call = seen.cells(work="released", strategy="sequential", gil=True)
    return [cell for cell in every_call if cell.variant and CALLS[cell.variant[1:]].releases == releases]
