"""Where are Numba's limits, what are its errors, and what do the workarounds cost?

Three limits, each of them executed. Read the messages under *what was observed*, which are Numba's own.

`neighbours` has a loop that goes one index too far. Plain Python raises IndexError; compiled code reads what lies
beyond the array and returns a wrong answer without any message. `boundscheck=True` finds the bug and costs little here.
`NUMBA_DISABLE_JIT=1` disables the decorator, for a debugger: then everything takes as long as plain Python (the rows
without a variant).

`tank` loops over a pandas DataFrame. Nopython mode does not support it, and its error names neither pandas nor a
remedy. Object mode accepts it and is no faster than Python: it calls the same objects in the same way. The columns as
arrays (`to_numpy`) are what Numba is made for. Without pandas these rows are skipped.

`walker` is an object with a method. Nopython mode does not support plain classes; a `jitclass` declares the type of
each field. Inside compiled code it is fast; each call from Python has to cross into compiled code, and a plain class is
faster.

*First call* is the price that is paid once, for compiling. The same as `gil-lab run numba-limits`. Try
`--workload neighbours+boundscheck --size 1000000`, and `--python all`: without Numba there are no limits of it either.
"""

from gil_lab.analysis.claims import Evidence, Judgement, every, is_true
from gil_lab.analysis.claims.checking import Check
from gil_lab.analysis.questions import Answer, Question
from gil_lab.experiment import Chapter, Experiment, Passage
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="Where are Numba's limits, what are its errors, and what do the workarounds cost?",
    chapter=Chapter.NUMBA,
    picture="speedups",
    passage=Passage(
        watch="""
        Each limit is executed; the messages among the observations are Numba's own. **Watch** the wrong index: plain
        Python raises, compiled code returns a wrong answer without any message. No DataFrame and no plain class in
        nopython mode; and what each workaround costs.
        """,
        change="""
        `workloads="neighbours+boundscheck", size=1_000_000`: what does bounds checking cost?
        """,
        changes=({"workloads": "neighbours+boundscheck", "size": 1000000},),
        pictures=(("speedups",),),
    ),
    design=Design(
        "numba-limits",
        workloads=(
            "neighbours",
            "neighbours+njit",
            "neighbours+boundscheck",
            "tank",
            "tank+object-mode",
            "tank+to-numpy",
            "walker",
            "walker+jitclass",
            "walker+jitclass-outside",
        ),
        strategies=("sequential",),
    ),
)
run, check = EXPERIMENT.run, EXPERIMENT.check

INDEX_ERROR, TYPING_ERROR = "IndexError", "TypingError"


@EXPERIMENT.claim("A wrong index raises in plain Python; compiled code reads beyond the array and answers")
def reads_beyond(seen: Evidence) -> Judgement:
    plain = seen.word(seen.cell(workload="neighbours"), "wrong index")
    compiled = seen.word(seen.cell(workload="neighbours+njit"), "wrong index")
    text = f"NUMBA_DISABLE_JIT=1: {plain}; compiled: {compiled}"
    return is_true(plain.startswith(INDEX_ERROR) and compiled.startswith("no error"), text)


@EXPERIMENT.claim("Bounds checking finds a wrong index, and compiled code is still over ten times as fast as Python")
def bounds(seen: Evidence) -> Judgement:
    checked = seen.cell(workload="neighbours+boundscheck")
    word = seen.word(checked, "wrong index")
    faster = seen.ratio(seen.cell(workload="neighbours"), to=checked).above(10)
    return every([is_true(word.startswith(INDEX_ERROR), f"boundscheck: {word}"), faster])


@EXPERIMENT.claim(
    "Nopython mode rejects a DataFrame; with its columns as arrays, it is over ten times as fast as the loop"
)
def no_pandas(seen: Evidence) -> Judgement:
    plain = seen.cell(workload="tank")
    word = seen.word(plain, "nopython mode")
    faster = seen.ratio(plain, to=seen.cell(workload="tank+to-numpy")).above(10)
    return every([is_true(word.startswith(TYPING_ERROR), f"a DataFrame: {word}"), faster])


@EXPERIMENT.claim("Object mode accepts whatever Python accepts, and is no faster")
def object_mode(seen: Evidence) -> Judgement:
    return seen.ratio(seen.cell(workload="tank+object-mode"), to=seen.cell(workload="tank")).above(0.9)


@EXPERIMENT.claim("Nopython mode rejects a plain class; a jitclass is over five times as fast inside compiled code")
def classes(seen: Evidence) -> Judgement:
    plain = seen.cell(workload="walker")
    word = seen.word(plain, "nopython mode")
    faster = seen.ratio(plain, to=seen.cell(workload="walker+jitclass")).above(5)
    return every([is_true(word.startswith(TYPING_ERROR), f"a class: {word}"), faster])


@EXPERIMENT.claim("From Python, a jitclass is slower than the plain class that it replaced")
def from_outside(seen: Evidence) -> Judgement:
    return seen.ratio(seen.cell(workload="walker+jitclass-outside"), to=seen.cell(workload="walker")).above(1.2)


def says(word: str) -> Check:
    """Whether compiled code that reads beyond an array says so."""

    def check(seen: Evidence) -> Judgement:
        found = seen.word(seen.cell(workload="neighbours+njit"), "wrong index")
        return is_true(found.startswith(word), f"compiled: {found}")

    return check


EXPERIMENT.ask(
    Question(
        "A loop has a bug: it reads one place beyond the end of an array. Numba compiles it. What happens when it"
        " runs?",
        (
            Answer("IndexError, as in plain Python", says(INDEX_ERROR)),
            Answer(
                "It reads what happens to lie there, and gives a wrong answer without a word",
                says("no error"),
                why="Compiled code leaves out the check of each index, to be fast, as C does. `boundscheck=True` puts"
                " it back and finds the bug.",
            ),
            Answer("Numba notices when it compiles, and refuses", says(TYPING_ERROR)),
        ),
    )
)
