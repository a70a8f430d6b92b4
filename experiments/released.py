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

from gil_lab.analysis.claims import Evidence, InconclusiveError, Judgement, Quantity, every, is_true
from gil_lab.analysis.claims.checking import Check
from gil_lab.analysis.gil_release import GilRelease, release_of
from gil_lab.analysis.questions import Answer, Question
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.language import gettext
from gil_lab.sessions.plan import Design
from gil_lab.suite.workloads.released import CALLS

FEW = ("sha256", "zlib-compress", "json-dumps", "re-sub", "sorted", "sqlite-rows", "sleep", "numpy-multiply")
"""For a quick look: some of each kind."""
EXPERIMENT = Experiment(
    question="Which calls let go of the GIL, so that other threads can run meanwhile?",
    chapter=Chapter.GIL,
    picture="releases",
    passage=Passage(
        watch="""
        Two threads make the same call all the time. **Watch** for what share of its time a call lets go of the GIL.
        What works on Python objects holds it; C code that needs none lets go, and so does what waits. `gil-lab
        releases 'EXPRESSION'` asks the same of a call of your own.
        """,
        change="""
        `python="3.14"`, or a few calls only.
        """,
        changes=({"python": "3.14"}, {"workloads": ("released", "released+sha256", "released+json-dumps")}),
        pictures=(("releases",),),
    ),
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
MOSTLY = 0.5
"""Of its time: a call that holds the GIL for less lets others have it most of the time."""


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


def lets_go(call: str) -> Check:
    """Whether one thread that makes the call all the time leaves the GIL to others for most of it."""

    def check(seen: Evidence) -> Judgement:
        cells = seen.cells(workload=f"released+{call}", strategy="sequential", gil=True)
        # Of a single generation there is no interval; but the share is that of hundreds of looks at the GIL.
        held = [row.gil_seen.held_share for row in seen.results.rows if row.cell in cells and not row.flagged]
        known = [share for share in held if share is not None]
        if not known:
            text = gettext("too few rounds of {call} are without a flag, or its GIL was not seen: measure again")
            raise InconclusiveError(text.format(call=call))
        text = gettext("{call} holds the GIL for {share} of its time")
        return every(is_true(share < MOSTLY, text.format(call=call, share=f"{100 * share:.0f} %")) for share in known)

    return check


EXPERIMENT.ask(
    Question(
        "One thread makes the same call again and again, and another one wants to compute in Python meanwhile. Beside"
        " which call can it, most of the time?",
        (
            Answer("sorted() of a long list", lets_go("sorted")),
            Answer(
                "hashlib.sha256() of a large block of bytes",
                lets_go("sha256"),
                why="All four are written in C. What works on Python's objects has to hold the GIL meanwhile; what"
                " works on bare bytes can let go of it, and hashing does.",
            ),
            Answer("json.dumps() of a large object", lets_go("json-dumps")),
            Answer("re.sub() in a long text", lets_go("re-sub")),
        ),
    )
)
