"""What is Numba good for?

Pi from points in a square, by an expression over NumPy arrays, by a plain loop (`+loop`), and by the same expression
with `parallel=True` (`+automatic`). Each as plain Python, compiled for one thread, and compiled for several; the loop
also on a GPU, if there is one. Watch *lines changed*, counted from the sources: a decorator is one line, and makes a
plain loop tens of times as fast. For NumPy code the same line changes little: its loops are compiled already, and
limited by memory, with an array for each step of the expression.

That is what `parallel=True` avoids. Look at *parallel loops made*, from Numba's own diagnostics: one for each array
operation, all *fused* into a single one that needs no arrays. Most of the gain comes on one core already
(`numba-sequential`); the other cores add to it, without a `prange` in the source: *cores busy* rises while one task is
in flight at a time, which is parallel and not concurrent.

The same as `gil-lab run numba-strengths`. Try `--size 2500000` (larger than any cache), and `--python this+cudasim
--strategy numba-cuda --tasks 2 --size 500`, which runs the kernel for the GPU in Numba's simulator, slowly.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, InconclusiveError, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.language import gettext
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="What is Numba good for?",
    chapter=Chapter.NUMBA,
    picture="speedups",
    passage=Passage(
        watch="""
        Pi from points in a square. **Watch** *lines changed* beside the speed-up: on a plain loop one decorator does
        wonders; on NumPy code, whose loops are compiled already, it does little. `parallel=True` fuses the loops, and
        then uses the cores, without a `prange` in the source (`+automatic`).
        """,
        change="""
        `size=2_500_000`: larger than any cache.
        """,
        changes=({"size": 2500000},),
        pictures=(("speedups",),),
    ),
    design=Design(
        "numba-strengths",
        workloads=("vector", "vector+loop", "vector+automatic"),
        strategies=("sequential", "numba-sequential", "numba-parallel", "numba-cuda"),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check

LOOP, AUTOMATIC = "vector+loop", "vector+automatic"


@EXPERIMENT.claim("One decorator, a single line, makes a plain loop over ten times as fast")
def one_decorator(seen: Evidence) -> Judgement:
    compiled = seen.cell(workload=LOOP, strategy="numba-sequential")
    faster = seen.ratio(seen.cell(workload=LOOP, strategy="sequential"), to=compiled).above(10)
    return every([faster, seen.observed(compiled, "lines changed", exact=True).between(0.5, 1.5)])


@EXPERIMENT.claim("The same line gains less than a factor of three on NumPy code: NumPy's loops are compiled already")
def numpy_is_compiled(seen: Evidence) -> Judgement:
    compiled = seen.cell(workload="vector", strategy="numba-sequential")
    return seen.ratio(seen.cell(workload="vector", strategy="sequential"), to=compiled).below(3)


@EXPERIMENT.claim("Automatic parallelisation fuses array operations into fewer loops, which pays off even on one core")
def fused(seen: Evidence) -> Judgement:
    one_thread = seen.cell(workload=AUTOMATIC, strategy="numba-sequential")
    created, left = "parallel loops made", "parallel loops left when fused"
    fewer = seen.observed_ratio(one_thread, left, to=one_thread, of=created).below(0.9)
    return every([fewer, seen.ratio(seen.cell(workload="vector", strategy="sequential"), to=one_thread).above(1.5)])


@EXPERIMENT.claim(
    "Automatic parallelisation keeps several cores busy with one task at a time, without a prange in the source"
)
def automatic(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    several = seen.cells(workload=AUTOMATIC, strategy="numba-parallel")
    busy = [seen.number(cell, "cores_busy").above(1.3) for cell in several]
    return every([*busy, *(seen.number(cell, "in_flight").below(1.2) for cell in several)])


@EXPERIMENT.claim(
    "On a GPU the loop takes a few more lines, and is over twenty times as fast as plain Python, with transfers"
)
def on_a_gpu(seen: Evidence) -> Judgement:
    gpu = seen.cell(workload=LOOP, strategy="numba-cuda")
    if "simulator" in (name := seen.word(gpu, "GPU")):
        raise InconclusiveError(gettext("it ran in {name}").format(name=name))
    few = seen.observed(gpu, "lines changed", exact=True).below(6)
    return every([few, seen.ratio(seen.cell(workload=LOOP, strategy="sequential"), to=gpu).above(20)])


def gain_on_numpy(seen: Evidence) -> Iterator[Quantity]:
    """How many times as fast an expression over NumPy arrays is when it is compiled."""
    compiled = seen.cell(workload="vector", strategy="numba-sequential")
    yield seen.ratio(seen.cell(workload="vector", strategy="sequential"), to=compiled)


EXPERIMENT.ask(
    Question(
        "A decorator of Numba makes a plain loop tens of times as fast. What does it do for a function that is one"
        " expression over NumPy arrays?",
        (
            Answer("The same: tens of times as fast", above(gain_on_numpy, 10)),
            Answer("Three to ten times as fast", between(gain_on_numpy, 3, 10)),
            Answer(
                "Less than three times as fast: there is no slow loop to compile",
                below(gain_on_numpy, 3),
                why="NumPy's loops are compiled already: Python runs only a few calls, one for each operation. What"
                " takes time is the memory of the arrays in between, which plain compiling does not save.",
            ),
        ),
    )
)
