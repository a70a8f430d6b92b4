"""The GIL is a lock: do threads need another one?

All threads increment one counter, and each update reads it, calls a function, and writes the result. Watch *lost
share*: the share of updates that the counter lacks in the end. The GIL protects the interpreter's own structures, one
bytecode instruction at a time; an update is several. A thread that loses the GIL in the middle of an update overwrites,
when it gets it back, everything that the others counted meanwhile: the work of a whole switch interval, which is why
fifty times as many switches (`+switch=0.1ms`) do not lose fifty times as much. And work that ends within an interval,
5 ms, is hardly ever interrupted: a test with small numbers finds nothing.

Then watch the variants. `+increment` is `counter.value += 1`: CPython does not switch threads within it (since 3.10
only at calls and at the end of an iteration), so nothing is lost, by luck. Without a GIL (`3.13t`, `3.14t`) the luck is
gone. `+lock` is correct everywhere, at a price: without contention that of taking it (`sequential`), with contention
the threads are no faster than one. `+local` needs it once per task and is parallel without a GIL. Coroutines lose
nothing as long as there is no `await` between reading and writing (`+await`); processes have a counter each.

The same as `gil-lab run races`. Try `--workers 8`, `--size 100`, and `--python this+switch=50ms`.
"""

from collections.abc import Iterator
from typing import Any

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="The GIL is a lock: do threads need another one?",
    chapter=Chapter.SHARING,
    picture="matrix",
    passage=Passage(
        watch="""
        All threads increment one counter: read, compute, write. **Watch** *lost share*. The GIL protects the
        interpreter, not your program. `counter.value += 1` is correct by luck, and only with a GIL; `+lock` is
        correct everywhere, at a price.
        """,
        change="""
        `size=100`: why does a test with small numbers find nothing?
        """,
        changes=({"size": 100},),
    ),
    design=Design(
        "races",
        workloads=("counter", "counter+increment", "counter+lock", "counter+local", "counter+await"),
        strategies=("sequential", "threading", "asyncio", "multiprocessing"),
        pythons=("this", "this+switch=0.1ms", "3.13t", "3.14t"),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check
BASELINE: dict[str, Any] = {"work": "counter", "variant": "", "strategy": "sequential"}


def lost(seen: Evidence, variant: str, strategy: str, *, gil: bool | None = None) -> Judgement:
    """More than one update in a hundred is lost in each of these cells, including disturbed ones."""
    cells = seen.cells(work="counter", variant=variant, strategy=strategy, gil=gil)
    return every(seen.observed(cell, "lost share", exact=True).above(1) for cell in cells)


def kept(seen: Evidence, variant: str, strategy: str, *, gil: bool | None = None) -> Judgement:
    """Not a single update is lost in any of these cells."""
    cells = seen.cells(work="counter", variant=variant, strategy=strategy, gil=gil)
    return every(seen.observed(cell, "lost updates", exact=True).below(0.5) for cell in cells)


@EXPERIMENT.claim("Threads that read, compute and write lose updates, GIL or not")
def read_modify_write(seen: Evidence) -> Judgement:
    """At any switch interval."""
    return lost(seen, "", "threading")


@EXPERIMENT.claim("Correct under the GIL by luck, `counter.value += 1` loses updates without it")
def luck(seen: Evidence) -> Judgement:
    """Nothing is lost where there is a GIL."""
    return every([kept(seen, "+increment", "threading", gil=True), lost(seen, "+increment", "threading", gil=False)])


@EXPERIMENT.claim("With a lock, or with a local count in each task, no update is lost")
def remedies(seen: Evidence) -> Judgement:
    """Under every Python."""
    return every([kept(seen, variant, "threading") for variant in ("+lock", "+local")])


@EXPERIMENT.claim("Coroutines lose updates only with an `await` between reading and writing")
def awaits(seen: Evidence) -> Judgement:
    """There is one thread, which switches from one coroutine to another only at an `await`."""
    return every([kept(seen, "", "asyncio"), lost(seen, "+await", "asyncio")])


@EXPERIMENT.claim("A lock takes time even without contention; with contention, threads are no faster than one")
def price(seen: Evidence) -> Judgement:
    """At least a tenth; both relative to one thread without a lock. Without a GIL the lock does what the GIL did."""
    return every(
        seen.ratio(cell, to=seen.cell(**BASELINE, interpreter=cell.interpreter)).above(
            1.1 if cell.strategy == BASELINE["strategy"] else 1
        )
        for cell in seen.cells(work="counter", variant="+lock", strategy=("sequential", "threading"))
    )


@EXPERIMENT.claim("Without a GIL, local counts are more than twice as fast as taking the lock each time")
def no_lock_needed(seen: Evidence) -> Judgement:
    """The remedy without contention."""
    seen.needs_cores(2)
    return every(
        seen.ratio(
            seen.cell(work="counter", variant="+lock", strategy="threading", interpreter=cell.interpreter), to=cell
        ).above(2)
        for cell in seen.cells(work="counter", variant="+local", strategy="threading", gil=False)
    )


def plain_threads(seen: Evidence, name: str) -> Iterator[Quantity]:
    """An observation of threads that share a counter under the GIL, without a lock of their own."""
    for cell in seen.pools(work="counter", variant="", strategy="threading", gil=True):
        yield seen.observed(cell, name, exact=True)


def lost_updates(seen: Evidence) -> Iterator[Quantity]:
    return plain_threads(seen, "lost updates")


def lost_percent(seen: Evidence) -> Iterator[Quantity]:
    return plain_threads(seen, "lost share")


EXPERIMENT.ask(
    Question(
        "Several threads add to one counter: each reads it, calls a function, and writes the sum. Python has the GIL,"
        " and there is no other lock. How many of the additions are missing in the end?",
        (
            Answer(
                "More than one in a hundred",
                above(lost_percent, 1),
                why="The GIL protects single instructions of the interpreter; an addition is several. A thread that"
                " loses the GIL between reading and writing later overwrites all that the other one has counted"
                " meanwhile.",
            ),
            Answer("A few, at most one in a hundred: threads change seldom", between(lost_percent, 1e-9, 1)),
            Answer("None: the GIL lets one thread work at a time", below(lost_updates, 0.5)),
        ),
    )
)
