"""Without the GIL, what do threads wait for instead?

A ladder of operations on one object that all threads share: reading a global, a dictionary, an attribute; calling a
method; writing to a dictionary, a list, a set; queues and locks. The first rung shares nothing, and is the ceiling:
so many times as fast can threads be under that Python. Watch how much of it each rung loses. Under the GIL there is
nothing to lose, and most rungs are alike. Without it, reading a global costs nothing, but nearly whatever touches one
shared object does: writing has to wait for a lock that each dictionary, list and set has (PEP 703), and under 3.13
even reading writes, namely the reference count of the object, which all cores hand to and fro. Subinterpreters (from
3.14 on) have an object each, as processes do, and climb the ladder at the ceiling.

What to do instead stands with each rung in `gil-lab list contention`, and beside each number of a claim: a local
variable, an object for each thread, and merging at the end.

The same as `gil-lab run contention`. Try `--python 3.14t`, `--workers 8`, and `--workload contention+dict-set`; look at
the picture `ladder`.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from gil_lab.analysis.claims import Evidence, Judgement, every
from gil_lab.analysis.claims.quantity import Quantity
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.language import gettext
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design
from gil_lab.suite.workloads.contention import RUNGS

PAIR = 2
"""Threads: where there are as many cores, none waits for one."""
FEW = ("global", "attribute", "dict-set", "lock")
"""For a quick look."""
EXPERIMENT = Experiment(
    question="Without the GIL, what do threads wait for instead?",
    chapter=Chapter.GIL,
    picture="ladder",
    passage=Passage(
        watch="""
        Each operation is done on one object that all threads share, and compared with itself in one thread. **Watch**
        how much of the dashed line, the ceiling, it loses. Without a GIL, what is shared has to be handed from core
        to core: a lock, a dictionary, and even the reference count of an object that is only read.
        """,
        change="""
        `python=("3.13t", "3.14t")`.
        """,
        changes=({"python": ("3.13t", "3.14t")}, {"size": 20000}),
        pictures=(("ladder",),),
    ),
    design=Design(
        "contention",
        workloads=("contention", *(f"contention+{name}" for name in RUNGS)),
        strategies=("sequential", "threading", "subinterpreters"),
        workers=lambda cores: tuple(sorted({PAIR, max(PAIR, cores), 2 * cores})),
        pythons=("this", "3.14", "3.13t", "3.13t+gil", "3.14t"),
        tasks=8,
        quick_workers=(PAIR,),
        cell_budget_s=3,  # some 300 cells: a quarter of an hour
        quick_workloads=("contention", *(f"contention+{name}" for name in FEW)),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check
HALF_GAINED = 1.5
"""Times as fast as one thread: half of what a second one could bring."""
FIFTH, THIRD = 0.2, 1 / 3
"""Parts of the ceiling. Of one close to 2, a fifth is lost where a second thread gains half a core. The ceiling of
subinterpreters is lower, and its interval as wide as a fifth on two cores that others share: a third can be decided."""

LOCKED: dict[str, tuple[str, ...]] = {
    "write to one dictionary, list or set": ("dict-set", "list-append", "set-add"),
    "append to one deque": ("deque-append",),
    "take numbers from one itertools.count": ("count",),
    "put into one queue.Queue, and get from it,": ("queue",),
    "put into one SimpleQueue, and get from it,": ("simple-queue",),
    "take one lock all the time": ("lock",),
    "take one RLock all the time": ("rlock",),
    "take one free semaphore all the time": ("semaphore",),
    "take one condition all the time": ("condition",),
}
"""Only one thread at a time does these, in any Python without a GIL. Dictionaries, lists, sets, deques and SimpleQueues
have a lock each (PEP 703, "Container Thread-Safety"; `@critical_section` of `deque_append` in
Modules/_collectionsmodule.c and of `SimpleQueue.put` and `get` in Modules/_queuemodule.c). The others are made of one
(Lib/queue.py: a Lock, which its conditions share; Lib/threading.py: a Semaphore is a Condition with a Lock, a Condition
has an RLock). A count has none for small numbers, but compares and exchanges one word, in turn (`count_next` in
Modules/itertoolsmodule.c)."""
COUNTED: dict[str, tuple[str, ...]] = {
    "read one attribute": ("attribute",),
    "read one dictionary": ("dict-get",),
    "call a method of one object": ("method",),
    "call one nested function": ("closure",),
    "call a copy each of one nested function": ("own-closure",),
    "read a thread-local": ("thread-local",),
}
"""These take no lock, and yet, under 3.13t, both threads write: the reference count of an object that they share, be it
the `threading.local` itself, or the cell of a variable that the copies of a function close over (`COPY_FREE_VARS` in
Python/bytecodes.c). The first thread that is started makes functions at module level, classes, modules and code
immortal, which then have no count, but neither nested functions nor other objects ("Python support for free
threading", Known Limitations, Immortalization). From 3.14 on local variables are borrowed (`LOAD_FAST_BORROW`), so of
those Pythons no more is claimed."""
FREE: dict[str, tuple[str, ...]] = {
    "read a global": ("global",),
    "make objects, but share none,": ("allocation",),
}
"""Reading a dictionary, here that of the module, takes no lock (PEP 703, "Optimistically Avoiding Locking"), and the
number that is read is immortal. Each thread has a heap of its own (PEP 703, "Memory Management": mimalloc)."""


@EXPERIMENT.claim("Without a GIL, two threads that share nothing are more than 1.7 times as fast as one")
def nothing_shared(seen: Evidence) -> Judgement:
    seen.needs_cores(PAIR)
    return every(gain(seen, cell).above(1.7) for cell in pairs(seen, "", gil=False))


@EXPERIMENT.claim("Under the GIL they are not, whatever they share")
def under_the_gil(seen: Evidence) -> Judgement:
    return every(gain(seen, cell).below(HALF_GAINED) for cell in pairs(seen, "", *RUNGS, gil=True))


def lose_little(seen: Evidence, rungs: tuple[str, ...]) -> Judgement:
    return every(lost(seen, cell).below(FIFTH) for cell in without_gil(seen, rungs))


def lose_much(seen: Evidence, rungs: tuple[str, ...], python: str = "") -> Judgement:
    """Beside each number stands what to do instead."""
    return every(
        with_remedy(cell, lost(seen, cell).above(FIFTH))
        for cell in without_gil(seen, rungs)
        if cell.interpreter.startswith(python)
    )


for what, rungs in FREE.items():
    EXPERIMENT.claim(f"Without a GIL, two threads that {what} lose less than a fifth of the ceiling")(
        partial(lose_little, rungs=rungs)
    )
for what, rungs in LOCKED.items():
    EXPERIMENT.claim(f"Without a GIL, two threads that {what} lose more than a fifth of the ceiling")(
        partial(lose_much, rungs=rungs)
    )
for what, rungs in COUNTED.items():
    EXPERIMENT.claim(f"Under 3.13t, two threads that {what} lose more than a fifth of the ceiling")(
        partial(lose_much, rungs=rungs, python="3.13t")
    )


@EXPERIMENT.claim(
    "Two subinterpreters, which have an object each, lose less than a third of their ceiling, whatever it is"
)
def an_object_each(seen: Evidence) -> Judgement:
    seen.needs_cores(PAIR)
    plain, shared = (pairs(seen, *rungs, gil=True, strategy="subinterpreters") for rungs in (("",), tuple(RUNGS)))
    climbed = [gain(seen, cell).above(HALF_GAINED) for cell in plain]
    return every([*climbed, *(lost(seen, cell).below(THIRD) for cell in shared)])


def pairs(seen: Evidence, *rungs: str, gil: bool, strategy: str = "threading") -> list[Cell]:
    """Those of two threads that share this, or of two subinterpreters."""
    variants = tuple(f"+{rung}" if rung else "" for rung in rungs)
    return seen.cells(work="contention", variant=variants, strategy=strategy, workers=PAIR, gil=gil)


def without_gil(seen: Evidence, rungs: tuple[str, ...]) -> list[Cell]:
    seen.needs_cores(PAIR)
    return pairs(seen, *rungs, gil=False)


def gain(seen: Evidence, cell: Cell) -> Quantity:
    """How many times as fast as the same operations in one thread."""
    alone = seen.cell(work="contention", variant=cell.variant, strategy="sequential", interpreter=cell.interpreter)
    return seen.ratio(alone, to=cell)


def lost(seen: Evidence, cell: Cell) -> Quantity:
    """The part that it lacks of what the same workers gain that share nothing, under the same Python."""
    return gain(seen, cell).lost_of(gain(seen, replace(cell, workload=cell.work)), of=seen.called(cell))


def with_remedy(cell: Cell, judgement: Judgement) -> Judgement:
    instead = gettext(RUNGS[cell.variant.removeprefix("+")].instead)
    text = gettext("{measured}, instead: {remedy}")
    return replace(judgement, measured=text.format(measured=judgement.measured, remedy=instead))


def gain_of_writers(seen: Evidence) -> Iterator[Quantity]:
    """Of two threads that write to one dictionary without a GIL, how many times as fast as one they are."""
    seen.needs_cores(PAIR)
    for cell in pairs(seen, "dict-set", gil=False):
        yield gain(seen, cell)


EXPERIMENT.ask(
    Question(
        "In a Python without the GIL, two threads write to the same dictionary all the time, and each has a core. How"
        " fast are they together, compared with one thread?",
        (
            Answer("Twice as fast: without the GIL nothing holds them up", above(gain_of_writers, 1.7)),
            Answer("Somewhat faster: they meet only now and then", between(gain_of_writers, 1.3, 1.7)),
            Answer(
                "No faster, or slower: they wait for each other at the dictionary",
                below(gain_of_writers, 1.3),
                why="In place of the one GIL each dictionary, list and set has a lock of its own (PEP 703). Who"
                " writes to a shared one all the time waits for that lock; threads that share nothing are nearly"
                " twice as fast.",
            ),
        ),
    )
)
