"""Compile once, or again and again: when does a compiled function pay?

Count the primes among a few hundred numbers, about a millisecond of work for plain Python, with one call per pass.
Watch *x sequential*, relative to the plain function. `+compiled` is the steady state that benchmarks show. `+lazy`
compiles in every pass, like a program that is started for each task, or that defines its function inside another one:
slower than not compiling at all. `+eager` gives the types in the decorator: the same work at another time, when the
module is imported instead of at the first call. `+cached` loads the machine code from disk, where another process has
stored it: far faster than compiling, and still slower than calling a compiled function.

Then watch the observations: how long decorating, the first call and a later call took, and *calls to pay back*: the
cost of compilation divided by what each call saves. And *warm_up_s* in trials.csv: the very first compilation of a
process, which takes several times as long as later ones, because Numba first has to set up its own types and functions.
The disk cache does not save that part, so that a program with a single call gains less from it than it seems.

The same as `gil-lab run warm-up`. Try `--size 10`, where it takes more than a thousand calls to pay it back, and
`--size 10000`, where it takes two.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="Compile once, or again and again: when does a compiled function pay?",
    chapter=Chapter.RUNNING,
    picture="speedups",
    passage=Passage(
        watch="""
        About a millisecond of work for plain Python. **Watch** when compilation is paid for: in each pass (`+lazy`),
        in the decorator (`+eager`), hardly, because the machine code is on disk (`+cached`), or only once
        (`+compiled`, which is what benchmarks show). Then *calls to pay back*.
        """,
        change="""
        `size=10` and `size=10_000`: after how many calls does it pay off now?
        """,
        changes=({"size": 10}, {"size": 10000}),
        pictures=(("speedups",),),
    ),
    design=Design(
        "warm-up",
        workloads=("first-call", *(f"first-call+{kind}" for kind in ("lazy", "eager", "cached", "compiled"))),
        strategies=("sequential",),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check
MAX_CALLS = 1000


def first_call(seen: Evidence, variant: str) -> Cell:
    return seen.cell(work="first-call", variant=variant)


@EXPERIMENT.claim("Compiling at every call is slower than not compiling, compiling once is faster")
def again_and_again(seen: Evidence) -> Judgement:
    plain = first_call(seen, "")
    return every(
        [
            seen.ratio(first_call(seen, "+lazy"), to=plain).above(1),
            seen.ratio(first_call(seen, "+compiled"), to=plain).below(1),
        ]
    )


@EXPERIMENT.claim("A first call from the disk cache is faster than one that compiles, slower than a later call")
def cache(seen: Evidence) -> Judgement:
    cached = first_call(seen, "+cached")
    return every(
        [
            seen.ratio(cached, to=first_call(seen, "+lazy")).below(1),
            seen.ratio(cached, to=first_call(seen, "+compiled")).above(1),
        ]
    )


@EXPERIMENT.claim("Loading from disk is faster than compiling even as the first thing that Numba does in a process")
def fresh(seen: Evidence) -> Judgement:
    """In the warm-up pass. The cache saves less there: it does not hold Numba's own tables."""
    return seen.ratio(first_call(seen, "+cached"), to=first_call(seen, "+lazy"), number="warm_up_s").below(1)


@EXPERIMENT.claim("An eager signature moves compilation from the first call to the decorator, and saves none of it")
def eager_signature(seen: Evidence) -> Judgement:
    """The first call is ten times as fast, and both together take about as long as before."""
    eager, lazy = first_call(seen, "+eager"), first_call(seen, "+lazy")
    return every(
        [
            seen.observed_ratio(eager, "first call", to=lazy).below(0.1),
            seen.ratio(eager, to=lazy).between(0.5, 1.5),
        ]
    )


@EXPERIMENT.claim(f"Compilation pays off within {MAX_CALLS} calls that take a millisecond in plain Python")
def pays_back(seen: Evidence) -> Judgement:
    return seen.observed(first_call(seen, "+lazy"), "calls to pay back").below(MAX_CALLS)


def compiled_each_time(seen: Evidence) -> Iterator[Quantity]:
    """The time of a function that is compiled for each call, relative to that of the plain one."""
    yield seen.ratio(first_call(seen, "+lazy"), to=first_call(seen, ""))


EXPERIMENT.ask(
    Question(
        "A function takes a millisecond in plain Python. Numba makes its loop tens of times as fast, but it is compiled"
        " anew for each call. How long does such a call take?",
        (
            Answer("Less than in plain Python: compiled code is fast", below(compiled_each_time, 1)),
            Answer("Longer, up to five times", between(compiled_each_time, 1, 5)),
            Answer(
                "More than five times as long: compiling takes longer than it saves",
                above(compiled_each_time, 5),
                why="Compiling a small function takes tens of milliseconds, and a call saves less than one. It pays"
                " once the same compiled function is called many times, or is loaded from the cache on disk.",
            ),
        ),
    )
)
