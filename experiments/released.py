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

from collections.abc import Collection

from gil_lab.analysis.claims import Evidence, Judgement, Quantity
from gil_lab.analysis.gil_release import GilRelease, release_of
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment import Chapter, Experiment
from gil_lab.sessions.plan import Design
from gil_lab.suite.workloads.released import CALLS

FEW = ("sha256", "zlib-compress", "json-dumps", "re-sub", "sorted", "sqlite-rows", "sleep", "numpy-multiply")
"""For a quick look: some of each kind."""
EXPERIMENT = Experiment(
    question="Which calls let go of the GIL, so that other threads can run meanwhile?",
    chapter=Chapter.GIL,
    picture="releases",
    design=Design(
        "released",
        workloads=("released", *(f"released+{name}" for name in CALLS)),
        strategies=("sequential", "threading"),
        workers=lambda _cores: (2,),
        compared=False,
        min_time_s=0.1,
        quick_workloads=("released", *(f"released+{name}" for name in FEW)),
        tasks=8,
        cell_budget_s=1.9,  # some 150 cells: five minutes
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check
MOST = 0.8
"""Of the calls: of some thirty it is shown by all but one (Clopper and Pearson 1934)."""


@EXPERIMENT.claim("More than nine in ten calls are seen to do what their sources say")
def as_the_sources_say(seen: Evidence) -> Judgement:
    return agreeing(seen, list(GilRelease)).above(0.9)


@EXPERIMENT.claim("Calls whose sources let go of the GIL leave it free for more than four fifths of their time")
def let_go(seen: Evidence) -> Judgement:
    return agreeing(seen, [GilRelease.YES]).above(MOST)


@EXPERIMENT.claim("Calls whose sources never let go of the GIL hold it all the time")
def hold(seen: Evidence) -> Judgement:
    return agreeing(seen, [GilRelease.NO]).above(MOST)


def agreeing(seen: Evidence, kinds: Collection[GilRelease]) -> Quantity:
    """The share of those calls, made by one thread, of which the same is seen: a few may always go wrong."""
    made = seen.cells(work="released", strategy="sequential", gil=True)
    of_kinds = [cell for cell in made if cell.variant and CALLS[cell.variant[1:]].releases in kinds]
    return seen.share(of_kinds, does_so, "calls")


def does_so(row: Summary) -> bool | None:
    held = row.gil_seen.held_share
    return None if held is None else release_of(1 - held) == CALLS[row.cell.variant[1:]].releases
