"""Made-up sessions for the claims about the morning: of a critical path of 1 s, and 2 s all together."""

from made_claims import of, session


def morning(strategy, wall_s, variant="", **changes):
    where = {"workload": f"morning{variant}", "workers": 1 if strategy == "sequential" else 7}
    return of(strategy, wall_s, observed={"critical path": (1, "s"), "sum of all": (2, "s")}, work=where, **changes)


SYNCHRONOUS = "Done synchronously, the morning takes the sum of all activities, within 5 %"
ASYNCHRONOUS = "Done asynchronously, in an event loop or in threads, it takes the critical path, within 5 %"
NO_CORE = "That needs no core: less than a fifth of one is busy"
BLOCKED = "A coroutine that blocks its event loop is synchronous: the sum of all activities again, within 5 %"
HANDED = "Blocking calls in threads do not block the loop: the critical path, within 5 %"
HOLDS = {
    SYNCHRONOUS: session(morning("sequential", 2.02)),
    ASYNCHRONOUS: session(morning("asyncio", 1.02), morning("threading", 1.03), morning("sequential", 2.02)),
    NO_CORE: session(morning("asyncio", 1.02, cores_busy=0.01), morning("asyncio", 2.0, "+blocking", cores_busy=0.01)),
    BLOCKED: session(morning("asyncio", 2.02, "+blocking"), morning("asyncio", 1.02)),
    HANDED: session(morning("asyncio-threads", 1.02, "+blocking"), morning("asyncio-threads", 1.02)),
}
FAILS = {
    SYNCHRONOUS: session(morning("sequential", 1.5)),
    ASYNCHRONOUS: session(morning("asyncio", 1.02), morning("threading", 1.2)),
    NO_CORE: session(morning("asyncio", 1.02, cores_busy=0.01), morning("threading", 1.02, cores_busy=0.9)),
    BLOCKED: session(morning("asyncio", 1.02, "+blocking")),
    HANDED: session(morning("asyncio-threads", 2.02, "+blocking"), morning("asyncio-threads", 1.02)),
}


def test_nothing_can_take_less_than_the_critical_path():
    """Who is faster has not kept the order: that claim does not hold either."""
    from experiments import sync_async

    found = sync_async.check(session(morning("asyncio", 0.9), morning("threading", 1.02)))
    (asynchronous,) = (one.judgement for one in found if one.sentence == ASYNCHRONOUS)
    assert asynchronous.outcome == "does not hold"
