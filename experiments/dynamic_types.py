"""What does it cost that every number is an object?

The same hundred thousand numbers are added up, one task after the other, in seven ways. Watch the time relative to the
plain loop (`speed-up`), then *bytes an element* and *allocations an element*. A name in Python can refer to anything,
so each number carries its type and a reference count: 28 bytes for a number that needs four, behind a pointer of 8; and
each intermediate sum of the loop is a new such object, created and dropped a hundred thousand times.

- `array`: 8 bytes per number, and the loop is even slower: each number has to become an object before it can be read.
- `numpy-elements`: the same, with larger objects. NumPy by itself does not make a Python loop faster.
- `builtin` and `numpy`: the loop itself is in C. Over a list it still dereferences each object; over an array of one
  type no objects are created, and the processor adds several numbers with one instruction.
- `numba-object`: compiled without types. The interpreter is gone, but all its work remains.
- `numba`: compiled for the types of its arguments, from exactly the source of the plain loop.

Compilation happens in the warm-up pass; its price is the question of `warm-up`. Allocations are those of one task, of
blocks for objects. CPython 3.14 keeps a few integers for reuse, and so allocates none in a plain loop.

The same as `gil-lab run dynamic-types`. Try `--size 1000000`, `--python pypy3.11` (where a list of integers is an array
behind the scenes), and `gil-lab inspect sum+numba --stage llvm`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="What does it cost that every number is an object?",
    chapter=Chapter.SLOW,
    picture="speedups",
    passage=Passage(
        watch="""
        The same numbers, added up in seven ways. **Watch** *bytes an element* and *allocations an element* beside the
        seconds. A NumPy array is not faster by itself: read element by element, it is slower than a list.
        """,
        change="""
        `size=1_000_000`, and `python="pypy3.11"`, where a list of integers is an array behind the scenes.
        """,
        changes=({"size": 1000000}, {"python": "pypy3.11"}),
        pictures=(("speedups",),),
    ),
    design=Design(
        "dynamic-types",
        workloads=(
            "sum",
            "sum+builtin",
            "sum+array",
            "sum+numpy-elements",
            "sum+numpy",
            "sum+numba-object",
            "sum+numba",
        ),
        strategies=("sequential",),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


def written(seen: Evidence, *variants: str) -> list[Cell]:
    """The cells of these variants, one task after the other."""
    return [seen.cell(work="sum", variant=variant, strategy="sequential") for variant in variants]


@EXPERIMENT.claim("A number takes more than four times the memory in a list than in an array")
def list_of_objects(seen: Evidence) -> Judgement:
    """8 bytes of pointer and 28 of object, instead of 8."""
    objects, *values = written(seen, "", "+array", "+numpy")
    return every(seen.observed_ratio(objects, "bytes an element", to=cell).above(4) for cell in values)


@EXPERIMENT.claim("NumPy, element by element, is slower than a list")
def numpy_by_element(seen: Evidence) -> Judgement:
    """Typically two to four times slower."""
    plain, elements = written(seen, "", "+numpy-elements")
    return seen.ratio(elements, to=plain).above(1.3)


@EXPERIMENT.claim("A loop over numbers of one type is more than ten times as fast, in NumPy or compiled by Numba")
def one_type(seen: Evidence) -> Judgement:
    """Typically thirty to a hundred times as fast."""
    plain, *typed = written(seen, "", "+numpy", "+numba")
    return every(seen.ratio(plain, to=cell).above(10) for cell in typed)


@EXPERIMENT.claim("Compiled without types, the loop is no faster than in the interpreter")
def object_mode(seen: Evidence) -> Judgement:
    """On the same NumPy array; "no faster" leaves room for a third, where `numba` takes a hundredth."""
    elements, objects = written(seen, "+numpy-elements", "+numba-object")
    return seen.ratio(objects, to=elements).above(0.67)


@EXPERIMENT.claim("Element by element each number becomes an object; in a loop over one type, none does")
def objects_made(seen: Evidence) -> Judgement:
    """Python's loop over a NumPy array creates two per element: the number, and the sum so far."""
    elements, *typed = written(seen, "+numpy-elements", "+numpy", "+numba")
    name = "allocations an element"
    return every(
        [
            seen.observed(elements, name, exact=True).above(1.5),
            *(seen.observed(cell, name, exact=True).below(0.1) for cell in typed),
        ]
    )


def numpy_to_list(seen: Evidence) -> Iterator[Quantity]:
    """The time of the same Python loop over a NumPy array, relative to that over a list."""
    plain, elements = written(seen, "", "+numpy-elements")
    yield seen.ratio(elements, to=plain)


EXPERIMENT.ask(
    Question(
        "A Python loop adds up the numbers of a list. The list becomes a NumPy array, and the loop stays as it is. How"
        " long does it take now?",
        (
            Answer(
                "Longer: each number has to become an object first",
                above(numpy_to_list, 1.3),
                why="A list holds objects, which the loop only picks up; an array holds bare numbers, and for each of"
                " them an object has to be made. NumPy is fast where the loop itself is in C, as in `numpy.sum`.",
            ),
            Answer("As long: it is the same loop", between(numpy_to_list, 0.95, 1.3)),
            Answer("Somewhat less: the numbers lie next to each other in memory", between(numpy_to_list, 0.5, 0.95)),
            Answer("Much less: NumPy is written in C", below(numpy_to_list, 0.5)),
        ),
    )
)
