"""What happens between my source and the processor, and what does each stage cost?

CPython goes from text via tokens and a syntax tree to a code object of bytecode, which its interpreter runs; a .pyc
file is that code object on disk. Watch *x sequential*, relative to importing the same modules from source: the
expensive part comes before the code object (`+tree`, `+bytecode`; `+compile` is both, without a tree of Python
objects). Loading it from a .pyc file (`+unmarshal`) and running it is cheap, so that `+pyc` imports many times as fast.
This is why a program that cannot write its caches starts slowly every time.

Numba starts from the bytecode: via its own IR, in which each name has a type, and LLVM IR to machine code. Watch the
times of these stages among the observations of `first-call +lazy`, and the cost of one iteration of the inner loop of
`primes` at each level. It has about as many instructions in machine code as in bytecode: what differs is the price of
one, because the interpreter has to find out every time what to do and with which types. Numba does so once, when it
compiles; and `+cached` loads its machine code from disk, as an import loads a .pyc file. The loop is not vectorised, as
the output of Numba shows: each iteration may be the last, so that the next cannot start in parallel.

The same as `gil-lab run compilation`. Then read the stages: `gil-lab inspect primes --stage bytecode`, `types`, `llvm`,
`asm`; and `gil-lab inspect files --stage llvm`, for a loop that can be vectorised. Try `--python 3.14`.
"""

from collections.abc import Iterator

from gil_lab.analysis.claims import Evidence, Judgement, Quantity, every, is_true
from gil_lab.analysis.questions import Answer, Question, above, below, between
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.model.records import Cell
from gil_lab.sessions.plan import Design

STAGES = ("tokens", "tree", "bytecode", "compile", "unmarshal", "run", "pyc")

EXPERIMENT = Experiment(
    question="What happens between my source and the processor, and what does each stage cost?",
    chapter=Chapter.RUNNING,
    picture="speedups",
    passage=Passage(
        watch="""
        A `.pyc` file is a code object on disk. **Watch** what it saves: everything before the code object is
        expensive, everything after it is cheap. Then the observations: one iteration of a loop has about as many
        instructions in bytecode as in machine code. What differs is the price of one.
        """,
        change="""
        `python=("this", "3.14")`. And read the stages: `gil-lab inspect primes --stage types`, `llvm`, `asm`.
        """,
        changes=({"python": ("this", "3.14")},),
        pictures=(("speedups",),),
    ),
    design=Design(
        "compilation",
        workloads=(
            "source",
            *(f"source+{stage}" for stage in STAGES),
            "first-call",
            "first-call+lazy",
            "first-call+cached",
        ),
        strategies=("sequential",),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check


def against_source(seen: Evidence, cell: Cell) -> Quantity:
    """Its time relative to importing the same modules from source, under the same Python."""
    source = seen.cell(work="source", variant="", interpreter=cell.interpreter, tasks=cell.tasks, size=cell.size)
    return seen.ratio(cell, to=source)


@EXPERIMENT.claim("Importing from a .pyc file takes less than half the time of importing from source")
def pyc(seen: Evidence) -> Judgement:
    """Loading the code object, compared with creating it."""
    return every(against_source(seen, cell).below(0.5) for cell in seen.cells(work="source", variant="+pyc"))


@EXPERIMENT.claim("More than half the time of importing from source is compiling it to bytecode")
def compiling(seen: Evidence) -> Judgement:
    return every(against_source(seen, cell).above(0.5) for cell in seen.cells(work="source", variant="+compile"))


@EXPERIMENT.claim("One iteration of a compiled loop has as many instructions as in bytecode, within a factor of two")
def as_many(seen: Evidence) -> Judgement:
    """On the longest path through an iteration of the inner loop of `primes`."""
    return every(
        seen.observed_ratio(cell, "machine code of a turn", to=cell, of="bytecode of a turn").between(0.5, 2)
        for cell in seen.cells(work="first-call", variant="+lazy")
    )


@EXPERIMENT.claim("A bytecode instruction takes more than five times as long as a machine instruction")
def price(seen: Evidence) -> Judgement:
    name = "time of an instruction of "
    return every(
        seen.observed_ratio(cell, f"{name}bytecode", to=cell, of=f"{name}machine code").above(5)
        for cell in seen.cells(work="first-call", variant="+lazy")
    )


@EXPERIMENT.claim("A loop whose every iteration may be the last is not vectorised")
def not_vectorised(seen: Evidence) -> Judgement:
    """LLVM marks a loop that it has vectorised, and that of `primes` has no mark."""
    texts = [seen.word(cell, "vectorised") for cell in seen.cells(work="first-call", variant="+lazy")]
    return every(is_true(text.startswith("not vectorised"), text) for text in texts)


def pyc_to_source(seen: Evidence) -> Iterator[Quantity]:
    """The time of importing from .pyc files, relative to that of importing from source."""
    for cell in seen.cells(work="source", variant="+pyc"):
        yield against_source(seen, cell)


EXPERIMENT.ask(
    Question(
        "Modules are imported from their source, and then from the .pyc files that Python keeps in `__pycache__`. How"
        " long does it take from .pyc files?",
        (
            Answer(
                "Less than half: the compiler has nothing to do any more",
                below(pyc_to_source, 0.5),
                why="CPython compiles source to bytecode before it runs anything, and that takes most of the time of"
                " an import. A .pyc file holds the bytecode; it only has to be loaded and run.",
            ),
            Answer("Somewhat less: the files are smaller", between(pyc_to_source, 0.5, 0.9)),
            Answer("As long: Python is interpreted, and has to run the modules anyway", above(pyc_to_source, 0.9)),
        ),
    )
)
