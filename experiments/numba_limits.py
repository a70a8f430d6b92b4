"""Where does Numba stop, what does it say then, and what does the way round cost?

Three limits, each run for real. Read the words under *what was observed*, they are Numba's own.

`neighbours` has a loop that goes one index too far. Plain Python raises IndexError; compiled code reads what lies
behind the array and answers, wrong and without a word. `boundscheck=True` finds it and costs little here.
`NUMBA_DISABLE_JIT=1` makes the decorator do nothing, for a debugger: then everything takes as long as plain Python does
(the rows without variant).

`tank` loops over a pandas table. Nopython mode knows no DataFrame, and its error names neither pandas nor a remedy.
Object mode takes it and is no faster than Python: it calls the same objects in the same way. The columns as arrays
(`to_numpy`) are what Numba is made for. Without pandas these rows are skipped.

`walker` is an object with a method. Nopython mode knows no plain class; a `jitclass` declares the type of each field.
Inside compiled code it flies; from Python each call crosses the border, and a plain class is faster.

*First call* is the price that is paid once, for compiling. The same as `gil-lab run numba-limits`. Try
`--workload neighbours+boundscheck --size 1000000`, and `--python all`: who has no Numba has none of its limits either.
"""

from gil_lab.analysis.claims import Evidence, Judgement, every, is_true
from gil_lab.experiment import Chapter, Experiment
from gil_lab.sessions.plan import Design

EXPERIMENT = Experiment(
    question="Where does Numba stop, what does it say then, and what does the way round cost?",
    chapter=Chapter.NUMBA,
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


@EXPERIMENT.claim("A wrong index raises in plain Python; compiled, the loop answers with what lies behind the array")
def reads_beyond(seen: Evidence) -> Judgement:
    plain = seen.word(seen.cell(workload="neighbours"), "wrong index")
    compiled = seen.word(seen.cell(workload="neighbours+njit"), "wrong index")
    told = f"NUMBA_DISABLE_JIT=1: {plain}; compiled: {compiled}"
    return is_true(plain.startswith(INDEX_ERROR) and compiled.startswith("no error"), told)


@EXPERIMENT.claim("The check of bounds finds a wrong index, and leaves compiled code over ten times faster than Python")
def bounds(seen: Evidence) -> Judgement:
    checked = seen.cell(workload="neighbours+boundscheck")
    word = seen.word(checked, "wrong index")
    faster = seen.ratio(seen.cell(workload="neighbours"), to=checked).above(10)
    return every([is_true(word.startswith(INDEX_ERROR), f"boundscheck: {word}"), faster])


@EXPERIMENT.claim(
    "Nopython mode takes no DataFrame; its columns as arrays it takes, over ten times faster than the loop"
)
def no_pandas(seen: Evidence) -> Judgement:
    plain = seen.cell(workload="tank")
    word = seen.word(plain, "nopython mode")
    faster = seen.ratio(plain, to=seen.cell(workload="tank+to-numpy")).above(10)
    return every([is_true(word.startswith(TYPING_ERROR), f"a DataFrame: {word}"), faster])


@EXPERIMENT.claim("Object mode takes whatever Python takes, and is no faster than it")
def object_mode(seen: Evidence) -> Judgement:
    return seen.ratio(seen.cell(workload="tank+object-mode"), to=seen.cell(workload="tank")).above(0.9)


@EXPERIMENT.claim(
    "A plain class is unknown to nopython mode; a jitclass is over five times faster inside compiled code"
)
def classes(seen: Evidence) -> Judgement:
    plain = seen.cell(workload="walker")
    word = seen.word(plain, "nopython mode")
    faster = seen.ratio(plain, to=seen.cell(workload="walker+jitclass")).above(5)
    return every([is_true(word.startswith(TYPING_ERROR), f"a class: {word}"), faster])


@EXPERIMENT.claim("From Python a jitclass is slower than the plain class that it replaced")
def from_outside(seen: Evidence) -> Judgement:
    return seen.ratio(seen.cell(workload="walker+jitclass-outside"), to=seen.cell(workload="walker")).above(1.2)
