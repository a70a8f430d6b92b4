"""Made-up sessions for the claims about what threads share."""

from made_claims import of, session
from places import ROOT

from experiments.contention import COUNTED, EXPERIMENT, FREE, LOCKED
from gil_lab.analysis.claims import Outcome
from gil_lab.suite.workloads.contention import RUNGS

NOTHING = "Without a GIL, two threads that share nothing are more than 1.7 times as fast as one"
UNDER = "Under the GIL they are not, whatever they share"
EACH = "Two subinterpreters, which have an object each, lose less than a third of their ceiling, whatever it is"
LITTLE = {"read a global": "global", "make objects, but share none,": "allocation"}
MUCH = {
    "append to one deque": "deque-append",
    "take numbers from one itertools.count": "count",
    "put into one queue.Queue, and get from it,": "queue",
    "put into one SimpleQueue, and get from it,": "simple-queue",
    "take one lock all the time": "lock",
    "take one RLock all the time": "rlock",
    "take one free semaphore all the time": "semaphore",
    "take one condition all the time": "condition",
}
WRITING = "Without a GIL, two threads that write to one dictionary, list or set lose more than a fifth of the ceiling"
READING = {
    "read one attribute": "attribute",
    "read one dictionary": "dict-get",
    "call a method of one object": "method",
    "call one nested function": "closure",
    "call a copy each of one nested function": "own-closure",
    "read a thread-local": "thread-local",
}


def rung(variant, gain, python="3.13t", strategy="threading"):
    """An operation in one thread, and in two workers that are so many times as fast."""
    work = {"workload": f"contention{'+' * bool(variant)}{variant}", "interpreter": python}
    gil = not python.endswith("t")
    return [of("sequential", 0.1, gil=gil, work=work), of(strategy, 0.1 / gain, gil=gil, work=work)]


def ladder(gains, *where):
    return session(*(cell for variant, gain in gains.items() for cell in rung(variant, gain, *where)))


def below(variant, gain):
    """An operation below a ceiling of 1.9."""
    return ladder({"": 1.9, variant: gain})


def sentence(what, part, where="Without a GIL"):
    return f"{where}, two threads that {what} lose {part} than a fifth of the ceiling"


WRITTEN = {"": 1.9, **dict.fromkeys(("dict-set", "list-append", "set-add"), 0.3)}
HELD = {"": 1.0, **dict.fromkeys(RUNGS, 0.98)}
APART = dict.fromkeys(("", *RUNGS), 1.9)
HOLDS = {
    NOTHING: ladder({"": 1.95}),
    UNDER: ladder(HELD, "3.11"),
    WRITING: ladder(WRITTEN),
    **{sentence(what, "less"): below(rung, 1.8) for what, rung in LITTLE.items()},
    **{sentence(what, "more"): below(rung, 1.2) for what, rung in MUCH.items()},
    **{sentence(what, "more", "Under 3.13t"): below(rung, 1.2) for what, rung in READING.items()},
    EACH: ladder(APART, "3.14", "subinterpreters"),
}
FAILS = {
    NOTHING: ladder({"": 1.5}),
    UNDER: ladder({**HELD, "queue": 1.8}, "3.11"),
    WRITING: ladder({**WRITTEN, "set-add": 1.8}),
    **{sentence(what, "less"): below(rung, 1.2) for what, rung in LITTLE.items()},
    **{sentence(what, "more"): below(rung, 1.8) for what, rung in MUCH.items()},
    **{sentence(what, "more", "Under 3.13t"): below(rung, 1.8) for what, rung in READING.items()},
    EACH: ladder({**APART, "queue": 1.1}, "3.14", "subinterpreters"),
}


def judged(claimed, results):
    (found,) = (one.judgement for one in EXPERIMENT.check(results) if one.sentence == claimed)
    return found


def test_every_operation_has_a_claim_of_its_own_kind():
    """Beside those that are about all of them."""
    claimed = [*FREE.values(), *LOCKED.values(), *COUNTED.values()]
    assert sorted(rung for rungs in claimed for rung in rungs) == sorted(RUNGS)


def test_a_loss_is_told_with_its_ceiling_under_the_same_python_and_with_what_to_do_instead():
    """The ceiling of another Python is none for this one."""
    cells = [*rung("", 1.9), *rung("deque-append", 0.95), *rung("", 1.2, "3.14t"), *rung("deque-append", 0.6, "3.14t")]
    found = judged(sentence("append to one deque", "more"), session(*cells))
    assert found.outcome is Outcome.HOLDS
    assert found.measured.split("; ") == [
        f"threading x2 +deque-append under {python} 50.0 % of {ceiling}x lost [50.0, 50.0] (claimed above 20), "
        "instead: a deque for each thread"
        for python, ceiling in (("3.13t", "1.90"), ("3.14t", "1.20"))
    ]


def test_without_the_ceiling_nothing_is_told_of_a_rung():
    """How fast two threads could be under that Python was not measured."""
    found = judged(sentence("append to one deque", "more"), ladder({"deque-append": 0.9}))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "contention" in found.reason


def test_of_a_python_whose_local_variables_are_not_counted_nothing_is_claimed_that_only_reads():
    """From 3.14t on."""
    found = judged(sentence("read one attribute", "more", "Under 3.13t"), ladder({"": 1.9, "attribute": 1.9}, "3.14t"))
    assert found.outcome is Outcome.INCONCLUSIVE


def test_whatever_loses_has_a_remedy():
    """What costs nothing needs none."""
    assert {name for name, one in RUNGS.items() if not one.instead} == {
        rung for rungs in FREE.values() for rung in rungs
    }


def test_the_page_about_the_gil_has_a_row_for_every_operation():
    """With what to do instead, as the workload says it."""
    page = (ROOT / "docs" / "the-gil.md").read_text()
    rows = [[part.strip() for part in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")]
    found = {row[1]: (row[0], row[3]) for row in rows if len(row) == 4}
    assert {f"`+{name}`": (one.summary, one.instead) for name, one in RUNGS.items()}.items() <= found.items()
