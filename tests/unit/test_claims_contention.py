"""Made-up sessions for the claims about what threads share."""

from made_claims import of, session

from gil_lab.suite.workloads.contention import RUNGS

NOTHING = "Without a GIL, two threads that share nothing are more than 1.7 times as fast as one"
UNDER = "Under the GIL they are not, whatever they share"
WRITING = "Without a GIL, two threads that write to one dictionary, list or set gain less than half a core"
LOCKING = "Without a GIL, two threads that take one lock all the time gain less than half a core"
EACH = "Two subinterpreters, which have an object each, gain more than half a core whatever it is"
READING = "Under 3.13t even reading one shared object does: its reference count is written by all"


def rung(variant, gain, python="3.13t", strategy="threading"):
    """An operation in one thread, and in two workers that are so many times as fast."""
    work = {"workload": f"contention{'+' * bool(variant)}{variant}", "interpreter": python}
    gil = not python.endswith("t")
    return [of("sequential", 0.1, gil=gil, work=work), of(strategy, 0.1 / gain, gil=gil, work=work)]


def ladder(gains, *where):
    return session(*(cell for variant, gain in gains.items() for cell in rung(variant, gain, *where)))


WRITTEN = dict.fromkeys(("dict-set", "list-append", "set-add"), 0.3)
HELD = {"": 1.0, **dict.fromkeys(RUNGS, 0.98)}
APART = dict.fromkeys(("", *RUNGS), 1.9)
HOLDS = {
    NOTHING: ladder({"": 1.95}),
    UNDER: ladder(HELD, "3.11"),
    WRITING: ladder(WRITTEN),
    LOCKING: ladder({"lock": 0.2}),
    READING: ladder({"attribute": 1.0, "dict-get": 1.1, "closure": 1.0}),
    EACH: ladder(APART, "3.14", "subinterpreters"),
}
FAILS = {
    NOTHING: ladder({"": 1.5}),
    UNDER: ladder({**HELD, "queue": 1.8}, "3.11"),
    WRITING: ladder({**WRITTEN, "set-add": 1.8}),
    LOCKING: ladder({"lock": 1.8}),
    READING: ladder({"attribute": 1.0, "dict-get": 1.9, "closure": 1.0}),
    EACH: ladder({**APART, "queue": 1.1}, "3.14", "subinterpreters"),
}
