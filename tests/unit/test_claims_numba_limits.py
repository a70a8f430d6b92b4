"""Made-up sessions for the claims about where Numba stops."""

from made_claims import of, session

from experiments import numba_limits
from gil_lab.analysis.claims import Outcome

BEYOND = "A wrong index raises in plain Python; compiled code reads beyond the array and answers"
BOUNDS = "Bounds checking finds a wrong index, and compiled code is still over ten times as fast as Python"
PANDAS = "Nopython mode rejects a DataFrame; with its columns as arrays, it is over ten times as fast as the loop"
OBJECTS = "Object mode accepts whatever Python accepts, and is no faster"
CLASSES = "Nopython mode rejects a plain class; a jitclass is over five times as fast inside compiled code"
OUTSIDE = "From Python, a jitclass is slower than the plain class that it replaced"
RAISED, ANSWERED, REFUSED = "IndexError: out of bounds", "no error, answered 999", "TypingError: non-precise type"


def one(workload, wall_s=0.1, **words):
    observed = {name.replace("_", " "): word for name, word in words.items()}
    return of("sequential", wall_s, work={"workload": workload}, observed=observed)


def index(plain, compiled):
    return session(one("neighbours", wrong_index=plain), one("neighbours+njit", wrong_index=compiled))


def checked(wall_s, word=RAISED):
    return session(one("neighbours"), one("neighbours+boundscheck", wall_s, wrong_index=word))


def arrays(wall_s, word=REFUSED):
    return session(one("tank", nopython_mode=word), one("tank+to-numpy", wall_s))


def jitclass(wall_s, word=REFUSED):
    return session(one("walker", nopython_mode=word), one("walker+jitclass", wall_s))


HOLDS = {
    BEYOND: index(RAISED, ANSWERED),
    BOUNDS: checked(0.001),
    PANDAS: arrays(0.001),
    OBJECTS: session(one("tank"), one("tank+object-mode", 0.2)),
    CLASSES: jitclass(0.003),
    OUTSIDE: session(one("walker"), one("walker+jitclass-outside", 0.4)),
}
FAILS = {
    BEYOND: index(RAISED, RAISED),
    BOUNDS: checked(0.09),
    PANDAS: arrays(0.05),
    OBJECTS: session(one("tank"), one("tank+object-mode", 0.01)),
    CLASSES: jitclass(0.09),
    OUTSIDE: session(one("walker"), one("walker+jitclass-outside", 0.1)),
}


def judged(sentence, results):
    (one,) = (one for one in numba_limits.EXPERIMENT.check(results) if one.sentence == sentence)
    return one.judgement


def test_words_alone_can_speak_against_a_claim():
    """A Numba that raises, finds nothing, takes a DataFrame or knows plain classes has other limits."""
    assert judged(BEYOND, index(ANSWERED, ANSWERED)).outcome is Outcome.FAILS
    assert judged(BOUNDS, checked(0.001, ANSWERED)).outcome is Outcome.FAILS
    assert judged(PANDAS, arrays(0.001, "no error, answered 0")).outcome is Outcome.FAILS
    assert judged(CLASSES, jitclass(0.003, "no error, answered 0")).outcome is Outcome.FAILS


def test_without_pandas_the_remedy_is_reported():
    skipped = of("sequential", None, work={"workload": "tank"}, detail="pandas is not installed")
    found = judged(PANDAS, session(skipped, one("tank+to-numpy", 0.001)))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "pandas is not installed" in found.reason
