"""Made-up sessions for the claims about running, ready and blocked, on two cores."""

from made_claims import of, session


def states(strategy, running=0.0, ready=0.0, blocked=0.0, *, workers=2, gil=True, workload="primes"):
    where = {"workload": workload, "workers": workers, "interpreter": "3.11" if gil else "3.13t"}
    shares = {"running_share": running, "ready_share": ready, "blocked_share": blocked}
    return of(strategy, gil=gil, work=where, **shares)


GIL = "Waiting for the GIL counts as blocked: more than a third of the time of computing threads"
COMPILED = "Compiled code in the same threads does not wait for it: less than a third of the time is blocked"
UNLOCKED = "Without a GIL, computing threads are blocked for less than a tenth of the time, however many"
CORE = "Waiting for a core counts as ready: over half of the time of four processes per core, and not blocked"
CORE_EACH = "With a core for each, computing processes run for more than three quarters of their time"
SLEEP = "Sleeping tasks are blocked under every strategy: more than nine tenths of the time"
HOLDS = {
    GIL: session(
        states("threading", 0.5, 0.01, 0.49),
        states("threading", 0.12, 0.01, 0.87, workers=8),
        states("threading", 0.99, 0.01, 0.0, gil=False),
    ),
    COMPILED: session(
        states("numba-nogil", 0.95, 0.02, 0.03), states("numba-nogil", 0.2, 0.4, 0.4, workers=8), states("threading")
    ),
    UNLOCKED: session(
        states("threading", 0.99, 0.01, 0.0, gil=False),
        states("threading", 0.25, 0.74, 0.01, gil=False, workers=8),
        states("threading", 0.5, 0.0, 0.5),
    ),
    CORE: session(states("multiprocessing", 0.97, 0.02, 0.01), states("multiprocessing", 0.25, 0.74, 0.01, workers=8)),
    CORE_EACH: session(
        states("multiprocessing", 0.97, 0.02, 0.01), states("multiprocessing", 0.25, 0.74, 0.01, workers=8)
    ),
    SLEEP: session(
        states("threading", 0.0, 0.01, 0.99, workload="sleep"),
        states("asyncio", 0.0, 0.0, 0.999, workload="sleep", workers=8),
        states("threading", 0.9, 0.1, 0.0),
    ),
}
FAILS = {
    GIL: session(states("threading", 0.5, 0.01, 0.49), states("threading", 0.2, 0.7, 0.1, workers=8)),
    COMPILED: session(states("numba-nogil", 0.5, 0.0, 0.5)),
    UNLOCKED: session(
        states("threading", 0.99, 0.01, 0.0, gil=False), states("threading", 0.2, 0.1, 0.7, gil=False, workers=8)
    ),
    CORE: session(states("multiprocessing", 0.25, 0.01, 0.74, workers=8)),
    CORE_EACH: session(states("multiprocessing", 0.5, 0.5, 0.0)),
    SLEEP: session(
        states("threading", 0.0, 0.01, 0.99, workload="sleep"),
        states("multiprocessing", 0.5, 0.0, 0.5, workload="sleep"),
    ),
}


def outcome(sentence, results):
    from experiments import thread_states

    (found,) = (one.judgement for one in thread_states.check(results) if one.sentence == sentence)
    return found.outcome, found.reason


def test_a_crowd_that_is_blocked_does_not_wait_for_a_core_even_if_it_is_ready_too():
    """Both halves of the claim must hold."""
    results = session(states("multiprocessing", 0.1, 0.6, 0.3, workers=8))
    assert outcome(CORE, results) == ("does not hold", "")


def test_where_the_system_does_not_report_the_wait_for_a_core_nothing_is_claimed():
    """Other systems than Linux."""
    reported, reason = outcome(SLEEP, session(states("threading", 0.0, None, None, workload="sleep")))
    assert (reported, reason) == ("inconclusive", "time blocked of threading x2 is not known on that system")


def test_without_a_crowd_nothing_can_be_reported_of_one():
    """A user chose other numbers of workers, or another machine has more cores than that."""
    assert outcome(CORE, session(states("multiprocessing", 0.9, 0.1, 0.0)))[0] == "inconclusive"
    crowd = states("multiprocessing", 0.25, 0.74, 0.01, workers=8)
    assert outcome(CORE, session(crowd, cores=4))[0] == "inconclusive"
    assert outcome(CORE, session(crowd, cores=None))[0] == "inconclusive"


def test_one_core_is_too_few_for_a_core_each():
    reported, reason = outcome(CORE_EACH, session(states("multiprocessing", 0.5, 0.5, 0.0), cores=1))
    assert (reported, reason) == ("inconclusive", "it takes 2 cores, and the machine has 1")
