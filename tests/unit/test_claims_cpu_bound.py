"""Made-up sessions for the claims about what running CPU-bound work at the same time brings."""

from made_claims import of, session

from experiments import cpu_bound
from gil_lab.analysis.claims import Outcome

SEQUENTIAL = of("sequential", 0.3)

HOLDS = {
    "Under the GIL, threads keep about one core busy": session(of("threading", cores_busy=1.01)),
    "Under the GIL, threads are no faster than one task after the other": session(SEQUENTIAL, of("threading", 0.31)),
    "Coroutines have many tasks in flight, and one core busy": session(of("asyncio", in_flight=7.9, cores_busy=1.0)),
    "Processes are parallel: they keep more than one and a half cores busy": session(
        of("multiprocessing", cores_busy=1.9)
    ),
    "Compiled code that releases the GIL makes the same threads parallel": session(of("numba-nogil", cores_busy=1.9)),
    "Compilation alone makes this loop more than ten times as fast": session(SEQUENTIAL, of("numba-sequential", 0.01)),
}
FAILS = {
    "Under the GIL, threads keep about one core busy": session(of("threading", cores_busy=1.9)),
    "Under the GIL, threads are no faster than one task after the other": session(SEQUENTIAL, of("threading", 0.15)),
    "Coroutines have many tasks in flight, and one core busy": session(of("asyncio", in_flight=1.0, cores_busy=1.0)),
    "Processes are parallel: they keep more than one and a half cores busy": session(
        of("multiprocessing", cores_busy=1.0)
    ),
    "Compiled code that releases the GIL makes the same threads parallel": session(of("numba-nogil", cores_busy=1.0)),
    "Compilation alone makes this loop more than ten times as fast": session(SEQUENTIAL, of("numba-sequential", 0.1)),
}


def test_what_is_claimed_of_the_gil_is_not_reported_of_threads_without_one():
    """A free-threaded Python refutes nothing: there is no GIL that they could be under."""
    claims = {
        one.sentence: one.judgement for one in cpu_bound.check(session(of("threading", cores_busy=1.9, gil=False)))
    }
    found = claims["Under the GIL, threads keep about one core busy"]
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.reason.endswith("ran with a GIL")


def test_what_takes_two_cores_is_not_reported_of_one():
    """Processes on one core are no evidence against processes."""
    claims = {one.sentence: one.judgement for one in cpu_bound.check(session(of("multiprocessing"), cores=1))}
    found = claims["Processes are parallel: they keep more than one and a half cores busy"]
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "it takes 2 cores, and the machine has 1")
