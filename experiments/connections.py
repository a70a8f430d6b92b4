"""Threads or an event loop for thousands of connections?

Ten, a hundred, a thousand and five thousand requests at once, each on a connection of its own, to a server that answers
after 50 to 200 ms. Ten take every model the same time: the slowest answer. A thousand do not, for each request has a
price in CPU time, and in one thread, or under one GIL, the prices add up. Watch *wall time* beside those 200 ms, the
*latency* (from when all requests were due, so that a client that is slow to send cannot hide it), the CPU time (`cpu_s`
in `summary.csv`, of all requests of a pass), and what a connection takes in memory (`peak_rss_bytes`, of a thousand
less that of ten). Several event loops, one a core, are worth it only without a GIL, or with a GIL for each.

Where a model stops, its row says why: no open files or no threads are left. `services busy` is the server: below one
core it waits for the clients, not they for it.

The same as `gil-lab run connections`. Try `--workers 2000`, `--size 5` (answers after 5 to 20 ms), and
`ulimit -n 1024` before it.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design
from gil_lab.suite.workloads.connections import LONGEST, WORKLOAD

FEW, MANY = 10, 1000
EXPERIMENT = Experiment(
    question="Threads or an event loop for thousands of connections?",
    chapter=Chapter.WAITING,
    passage=Passage(
        watch="""
        So many requests at once, each on a connection of its own, to a server that answers after 50 to 200 ms. Ten
        take every model the same time. **Watch** what a thousand take beyond those 200 ms: each request has a price
        in CPU time.
        """,
        change="""
        `size=5`, with which the server answers after 5 to 20 ms: who feels it?
        """,
        changes=({"workers": 2000}, {"size": 5}),
        pictures=(("map",),),
    ),
    design=Design(
        "connections",
        workloads=("connections",),
        strategies=(
            "threading",
            "asyncio",
            "asyncio-uvloop",
            "asyncio-loops",
            "asyncio-interpreters",
            "gevent",
            "numba-nogil",
        ),
        workers=lambda _: (FEW, 100, MANY, 5000),
        pythons=("this", "3.13t", "3.14"),
        compared=False,  # one request after the other takes two minutes for a thousand
        quick_workers=(FEW, MANY),
        quick_strategies=("threading", "asyncio", "asyncio-uvloop", "asyncio-loops"),
        quick_pythons=("this",),
        tasks_per_worker=1,
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check
SLOWEST_S = LONGEST * WORKLOAD.size / 1000


@EXPERIMENT.claim("Ten requests at once take no model a tenth longer than the slowest answer")
def few(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "wall_s").below(1.1 * SLOWEST_S) for cell in at_once(seen, FEW))


@EXPERIMENT.claim("A thousand take each model that runs Python code under one GIL at least a tenth longer than ten")
def many(seen: Evidence) -> Judgement:
    plain = ("threading", "asyncio", "asyncio-uvloop", "asyncio-loops", "gevent")
    return every(
        seen.ratio(cell, to=beside(seen, cell, workers=FEW)).above(1.1)
        for cell in at_once(seen, MANY, strategy=plain, gil=True)
    )


@EXPERIMENT.claim("The server is no bottleneck: less than one core of it is busy")
def server(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "service_cores_busy").below(1) for cell in seen.cells(workload="connections"))


@EXPERIMENT.claim("At a thousand, an event loop of uvloop takes less CPU time than asyncio's own")
def uvloop(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(cell, to=beside(seen, cell, strategy="asyncio"), number="cpu_s").below(1)
        for cell in at_once(seen, MANY, strategy="asyncio-uvloop")
    )


@EXPERIMENT.claim("Under the GIL, a thousand are no faster with several event loops than with one")
def loops(seen: Evidence) -> Judgement:
    return every(
        seen.ratio(cell, to=beside(seen, cell, strategy="asyncio")).above(0.95)
        for cell in at_once(seen, MANY, strategy="asyncio-loops", gil=True)
    )


@EXPERIMENT.claim("With a GIL, a connection takes less than 50 kB of memory in a thread")
def memory_of_threads(seen: Evidence) -> Judgement:
    return each_takes(seen, 50_000, "threading")


@EXPERIMENT.claim("With a GIL, it takes less than 20 kB in an event loop or a greenlet")
def memory_of_coroutines(seen: Evidence) -> Judgement:
    return each_takes(seen, 20_000, "asyncio", "asyncio-uvloop", "asyncio-loops", "gevent")


def each_takes(seen: Evidence, limit_bytes: int, *strategies: str) -> Judgement:
    """Of the memory at its peak, what each connection adds from ten to a thousand."""
    return every(
        seen.added(cell, to=beside(seen, cell, workers=FEW), number="peak_rss_bytes").below(limit_bytes)
        for cell in at_once(seen, MANY, strategy=strategies, gil=True)
    )


def at_once(seen: Evidence, requests: int, **fields: object) -> list[Cell]:
    return seen.cells(workload="connections", workers=requests, **fields)


def beside(seen: Evidence, cell: Cell, **other: object) -> Cell:
    """The cell that differs in this from another one."""
    alike = {"strategy": cell.strategy, "workers": cell.workers, "interpreter": cell.interpreter, **other}
    return seen.cell(workload="connections", **alike)


def longer_than_ten(seen: Evidence) -> Iterator[Quantity]:
    """The time of a thousand requests in one event loop, relative to that of ten."""
    for cell in at_once(seen, MANY, strategy="asyncio", gil=True):
        yield seen.ratio(cell, to=beside(seen, cell, workers=FEW))


EXPERIMENT.ask(
    Question(
        "Ten requests at once take an event loop (asyncio) as long as the slowest answer. How long do a thousand"
        " requests at once take the same loop?",
        (
            Answer("As long: an event loop waits for all of them together", below(longer_than_ten, 1.1)),
            Answer(
                "Longer, but not ten times: each request takes a little computing, one after the other",
                between(longer_than_ten, 1.1, 10),
                why="The waits overlap, but each request also takes some CPU time, less than a millisecond, and one"
                " thread does that for all of them: a thousand such pieces add up to more than the slowest answer.",
            ),
            Answer("A hundred times as long, or nearly: they queue up", above(longer_than_ten, 10)),
        ),
    )
)
