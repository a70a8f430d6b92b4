"""My service must stay responsive while it computes: where do I put the computing?

Count primes beside a heartbeat that is due every 7 ms, on a fixed schedule: this is how clients see a service that
computes in its own process. Watch the *delay*, the median and above all the 99th percentile, beside the speed-up. Under
the GIL, a thread that has waited for I/O gets the GIL back from a computing thread only after the switch interval, from
two of them after several: the convoy effect. A shorter interval helps; processes, subinterpreters and compiled code
that releases the GIL help more, and so does a Python without one. In an event loop the delay is what the tasks in
flight compute between two `await`s, here about a millisecond each: the loop is responsive only if its tasks yield
often.

The same as `gil-lab run convoy`. Try `--workers 8`, `--strategy asyncio-threads`, `--python 3.14+switch=0.1ms`, and
look at the picture `delays`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="My service must stay responsive while it computes: where do I put the computing?",
    chapter=Chapter.GIL,
    picture="delays",
    passage=Passage(
        watch="""
        A service computes, and has to answer meanwhile: a heartbeat is due every 7 ms. **Watch** how late it is. A
        thread that has waited for I/O gets the GIL back after a switch interval; beside several computing threads
        after several: the convoy effect. An event loop is responsive only if its tasks yield often.
        """,
        change="""
        `workers=8`, or `python="this+switch=0.1ms"`.
        """,
        changes=({"workers": 8}, {"python": "this+switch=0.1ms"}),
        pictures=(("delays",),),
    ),
    design=Design(
        "convoy",
        workloads=("convoy",),
        strategies=("sequential", "threading", "asyncio", "multiprocessing", "subinterpreters", "numba-nogil"),
        pythons=("this", "this+switch=0.5ms", "this+switch=50ms", "3.13t", "3.13t+gil", "3.14t", "3.14"),
        compared=False,
        min_time_s=1.0,
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("Under the GIL, a heartbeat beside one computing thread is late by the switch interval: 4 to 7 ms")
def switch_interval(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "delay_s").between(0.004, 0.007) for cell in by_default(seen, "sequential"))


@EXPERIMENT.claim("Beside two computing threads it is late by a multiple of that: the convoy effect")
def convoy(seen: Evidence) -> Judgement:
    return every(seen.number(cell, "delay_s").above(0.008) for cell in by_default(seen, "threading"))


@EXPERIMENT.claim("With a switch interval of 0.5 ms a heartbeat beside one thread is less than 2 ms late")
def shorter(seen: Evidence) -> Judgement:
    cells = [cell for cell in computing(seen, "sequential", gil=True) if cell.interpreter.endswith("+switch=0.5ms")]
    return every(seen.number(cell, "delay_s").below(0.002) for cell in cells)


@EXPERIMENT.claim("Without a GIL, a heartbeat is less than 1 ms late, however many threads compute")
def unlocked(seen: Evidence) -> Judgement:
    cells = [*computing(seen, "sequential", gil=False), *computing(seen, "threading", gil=False)]
    return every(seen.number(cell, "delay_s").below(0.001) for cell in cells)


@EXPERIMENT.claim("Beside processes, and beside compiled code that releases the GIL, it is less than 1 ms late")
def elsewhere(seen: Evidence) -> Judgement:
    cells = [*by_default(seen, "multiprocessing"), *by_default(seen, "numba-nogil")]
    return every(seen.number(cell, "delay_s").below(0.001) for cell in cells)


def computing(seen: Evidence, strategy: str, *, gil: bool) -> list[Cell]:
    return seen.cells(strategy=strategy, workload="convoy", gil=gil)


def by_default(seen: Evidence, strategy: str) -> list[Cell]:
    """Under CPython with a GIL and default settings: PyPy has another switch interval, and settings change it."""
    cells = computing(seen, strategy, gil=True)
    return [cell for cell in cells if cell.interpreter[0].isdigit() and "+" not in cell.interpreter]


def delay_s(seen: Evidence) -> Iterator[Quantity]:
    """Of a heartbeat beside two computing threads, the median."""
    for cell in by_default(seen, "threading"):
        yield seen.number(cell, "delay_s")


EXPERIMENT.ask(
    Question(
        "A thread answers short requests while other threads of the same process compute in plain Python. How late is"
        " it, typically?",
        (
            Answer("Less than a millisecond: a thread that waited is let in at once", below(delay_s, 0.001)),
            Answer("A few milliseconds: one thread has to give up the GIL first", between(delay_s, 0.001, 0.008)),
            Answer(
                "More than 8 ms: one after another, several threads get the GIL before it",
                above(delay_s, 0.008),
                why="A thread that computes gives up the GIL only after the switch interval, 5 ms. Then any thread"
                " may get it: often another one that computes, for 5 ms more. That is the convoy effect.",
            ),
        ),
    )
)
