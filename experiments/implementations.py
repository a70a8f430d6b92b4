"""The same source under CPython, PyPy, Cython and Numba: when is it compiled, and what does that gain?

One function, `count_primes`, unchanged. *CPython* compiles it to bytecode and interprets that. *PyPy* interprets it too
and, while it runs, compiles the loops that turn out to be hot: compare the first pass with later ones (`gil-lab report
--format svg --picture warm-up`). *Numba* compiles it once, before the first pass, for the types of its arguments.
*Cython* translates it to C, and a C compiler compiles that: the most expensive compilation (`compile s`), and of little
use as long as every name may refer to anything (`cython-untyped`). Only with C types beside the very same source is it
about as fast as Numba, and able to release the GIL: then threads are parallel (*cores busy*).

The tasks are small on purpose, so that passes are short and the first one is visible; PyPy compiles within
milliseconds. Cython needs a C compiler and Python's headers; if they are missing, or PyPy is, those rows are skipped
with the reason, and the others remain valid.

The same as `gil-lab run implementations`. Try `--workload mandelbrot --size 1000`, `--size 30`, `--python all`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

PYPY = "pypy3.11"
SIZE = 200
"""Numbers per task: a compiled pass takes milliseconds, and 32 tasks still keep two threads busy."""

EXPERIMENT = Experiment(
    question="The same source under CPython, PyPy, Cython and Numba: when is it compiled, and what does that gain?",
    chapter=Chapter.RUNNING,
    picture="warm-up",
    passage=Passage(
        watch="""
        One function, `count_primes`, unchanged. CPython interprets its bytecode; PyPy too, until a loop is hot; Numba
        compiles it before the first pass; Cython translates it to C. **Watch** the first pass compared with later
        ones, the compilation time, and how little Cython gains as long as every name may refer to anything
        (`cython-untyped`).
        """,
        change="""
        `size=30`: what still gains when there is hardly any work? Or `python="all"`.
        """,
        changes=({"size": 30}, {"python": "all"}),
        pictures=(("warm-up",), ("matrix",)),
    ),
    design=Design(
        "implementations",
        workloads=("primes",),
        strategies=(
            "sequential",
            "cython-untyped",
            "cython-sequential",
            "cython-nogil",
            "numba-sequential",
            "numba-nogil",
        ),
        pythons=("this", "3.14", PYPY),
        sizes=(SIZE,),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


@EXPERIMENT.claim("PyPy runs the loop more than five times as fast as CPython")
def pypy(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="sequential")
    slow = [cell for cell in cells if not cell.interpreter.startswith("pypy")]
    return every(seen.ratio(cell, to=beside(seen, cell, interpreter=PYPY)).above(5) for cell in slow)


@EXPERIMENT.claim("PyPy's first pass takes over a fifth longer than later ones")
def warms_up(seen: Evidence) -> Judgement:
    cell = seen.cell(workload="primes", strategy="sequential", interpreter=PYPY, size=SIZE)
    return seen.ratio(cell, to=cell, number="warm_up_s", of="wall_s").above(1.2)


@EXPERIMENT.claim("Compiled by Cython without types, the loop is less than three times as fast as interpreted")
def untyped(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="cython-untyped")
    return every(seen.ratio(beside(seen, cell, strategy="sequential"), to=cell).below(3) for cell in cells)


@EXPERIMENT.claim("With C types, Cython makes the loop more than ten times as fast")
def typed(seen: Evidence) -> Judgement:
    cells = seen.cells(workload="primes", strategy="cython-sequential")
    return every(seen.ratio(beside(seen, cell, strategy="sequential"), to=cell).above(10) for cell in cells)


@EXPERIMENT.claim("With C types, Cython and Numba are as fast as each other, within a factor of two")
def as_fast(seen: Evidence) -> Judgement:
    return every(seen.ratio(cython, to=numba).between(1 / 2, 2) for cython, numba in both(seen))


@EXPERIMENT.claim("Cython and the C compiler take more than twice as long to compile as Numba")
def dear(seen: Evidence) -> Judgement:
    return every(seen.ratio(cython, to=numba, number="compile_s").above(2) for cython, numba in both(seen))


@EXPERIMENT.claim("Cython's code releases the GIL: its threads keep more than one and a half cores busy")
def parallel(seen: Evidence) -> Judgement:
    seen.needs_cores(2)
    cells = seen.cells(workload="primes", strategy="cython-nogil")
    return every(seen.number(cell, "cores_busy").above(1.5) for cell in cells)


def beside(seen: Evidence, cell: Cell, strategy: str = "", interpreter: str = "") -> Cell:
    """The cell that differs from this one only in the given fields."""
    return seen.cell(
        workload=cell.workload,
        strategy=strategy or cell.strategy,
        interpreter=interpreter or cell.interpreter,
        tasks=cell.tasks,
        size=cell.size,
    )


def both(seen: Evidence) -> list[tuple[Cell, Cell]]:
    """Cells of Cython and Numba, under each Python that has both."""
    cells = seen.cells(workload="primes", strategy="cython-sequential")
    numba = {cell.interpreter for cell in seen.cells(workload="primes", strategy="numba-sequential")}
    return [(cell, beside(seen, cell, strategy="numba-sequential")) for cell in cells if cell.interpreter in numba]


def gain_untyped(seen: Evidence) -> Iterator[Quantity]:
    """How many times as fast the loop is, compiled by Cython as it is."""
    for cell in seen.cells(workload="primes", strategy="cython-untyped"):
        yield seen.ratio(beside(seen, cell, strategy="sequential"), to=cell)


EXPERIMENT.ask(
    Question(
        "Cython translates a Python loop to C, as it is and without declared types, and a C compiler compiles that. How"
        " many times as fast is the loop?",
        (
            Answer(
                "Less than three times: the C program still works with Python's objects",
                below(gain_untyped, 3),
                why="Without types each name may refer to anything, so that the C code calls the same functions for"
                " objects as the interpreter does. With C types beside the same source, it adds and divides machine"
                " numbers.",
            ),
            Answer("Three to ten times", between(gain_untyped, 3, 10)),
            Answer("More than ten times: it is a C program now", above(gain_untyped, 10)),
        ),
    )
)
