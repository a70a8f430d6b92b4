"""Made-up sessions for the claims about the same source under CPython, PyPy, Cython and Numba."""

from made_claims import of, session

from experiments import implementations
from gil_lab.analysis.claims import Outcome

SEQUENTIAL, NUMBA = of("sequential", 0.06), of("numba-sequential", 0.0025, compile_s=0.2)
PYPY = {"interpreter": "pypy3.11"}
FASTER = "PyPy runs the loop more than five times as fast as CPython"
WARMS_UP = "PyPy's first pass takes over a fifth longer than later ones"
UNTYPED = "Compiled by Cython without types, the loop is less than three times as fast as interpreted"
TYPED = "With C types, Cython makes the loop more than ten times as fast"
AS_FAST = "With C types, Cython and Numba are as fast as each other, within a factor of two"
DEAR = "Cython and the C compiler take more than twice as long to compile as Numba"
PARALLEL = "Cython's code releases the GIL: its threads keep more than one and a half cores busy"


def small(warm_up_s, size=implementations.SIZE):
    return session(of("sequential", 0.003, warm_up_s=warm_up_s, work={**PYPY, "size": size}))


def compiled(wall_s, compile_s=1.2):
    return of("cython-sequential", wall_s, compile_s=compile_s)


HOLDS = {
    FASTER: session(SEQUENTIAL, of("sequential", 0.003, work=PYPY)),
    WARMS_UP: small(0.0046),
    UNTYPED: session(SEQUENTIAL, of("cython-untyped", 0.045)),
    TYPED: session(SEQUENTIAL, compiled(0.0028)),
    AS_FAST: session(compiled(0.0028), NUMBA),
    DEAR: session(compiled(0.0028), NUMBA),
    PARALLEL: session(of("cython-nogil", cores_busy=1.8)),
}
FAILS = {
    FASTER: session(SEQUENTIAL, of("sequential", 0.03, work=PYPY)),
    WARMS_UP: small(0.003),
    UNTYPED: session(SEQUENTIAL, of("cython-untyped", 0.003)),
    TYPED: session(SEQUENTIAL, compiled(0.045)),
    AS_FAST: session(compiled(0.0080), NUMBA),
    DEAR: session(compiled(0.0028, 0.1), NUMBA),
    PARALLEL: session(of("cython-nogil", cores_busy=1.0)),
}


def judged(results):
    return {one.sentence: one.judgement for one in implementations.check(results)}


def test_without_pypy_its_claims_say_why_it_is_not_there_and_the_others_are_reported():
    results = session(SEQUENTIAL, compiled(0.0028), NUMBA, missing={"pypy3.11": "no pypy3.11 here: install it"})
    found = judged(results)
    for sentence in (FASTER, WARMS_UP):
        assert found[sentence].outcome is Outcome.INCONCLUSIVE
        assert "no pypy3.11 here: install it" in found[sentence].reason
    assert found[TYPED].outcome is found[AS_FAST].outcome is found[DEAR].outcome is Outcome.HOLDS


def test_without_a_compiler_the_claims_about_cython_give_the_reason():
    results = session(SEQUENTIAL, of("cython-sequential", None, detail="there is no C compiler: install one"), NUMBA)
    found = judged(results)
    for sentence in (TYPED, AS_FAST, DEAR):
        assert found[sentence].outcome is Outcome.INCONCLUSIVE
        assert "there is no C compiler" in found[sentence].reason


def test_a_python_with_cython_and_without_numba_does_not_hide_what_the_others_tell():
    """Cython and Numba are compared where there are both."""
    threaded = of("cython-sequential", 0.003, compile_s=1.2, work={"interpreter": "3.13t"})
    assert judged(session(threaded, compiled(0.0028), NUMBA))[AS_FAST].outcome is Outcome.HOLDS
    found = judged(session(threaded, NUMBA))[AS_FAST]
    assert found.outcome is Outcome.INCONCLUSIVE


def test_each_cpython_counts_against_pypy():
    """One that is nearly as fast as PyPy refutes the claim, whatever the other one does."""
    other = of("sequential", 0.004, work={"interpreter": "3.99"})
    assert judged(session(SEQUENTIAL, other, of("sequential", 0.003, work=PYPY)))[FASTER].outcome is Outcome.FAILS


def test_the_warm_up_is_not_reported_from_long_passes():
    """In a pass of seconds, milliseconds of compiling cannot be seen: that refutes nothing."""
    found = judged(small(0.003, size=100_000))[WARMS_UP]
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "size 200" in found.reason


def test_two_busy_cores_are_not_asked_of_one():
    found = judged(session(of("cython-nogil", cores_busy=1.0), cores=1))[PARALLEL]
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "it takes 2 cores, and the machine has 1")


def test_nobody_claims_anything_of_another_workload():
    """`--workload mandelbrot` is another loop."""
    other = of("cython-untyped", 0.001, work={"workload": "mandelbrot"})
    assert {one.outcome for one in judged(session(other)).values()} == {Outcome.INCONCLUSIVE}


def test_the_size_is_one_at_which_the_first_pass_can_be_seen():
    assert implementations.EXPERIMENT.design.sizes == (implementations.SIZE,)
    assert implementations.PYPY in implementations.EXPERIMENT.design.pythons
