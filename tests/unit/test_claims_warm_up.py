"""Made-up sessions for the claims about compiling once, or again and again."""

from made_claims import of, session


def calling(variant="", wall_s=0.001, **changes):
    return of("sequential", wall_s, work={"workload": f"first-call{variant}"}, **changes)


def decorated(eager_s, eager_first_ms, lazy_s=0.07, lazy_first_ms=70.0):
    return session(
        calling("+eager", eager_s, observed={"first call": (eager_first_ms, "ms")}),
        calling("+lazy", lazy_s, observed={"first call": (lazy_first_ms, "ms")}),
    )


def calls(number):
    return session(calling("+lazy", observed={"calls to pay back": (number, "calls")}))


AGAIN = "Compiling at every call is slower than not compiling, compiling once is faster"
CACHE = "A first call from the disk cache is faster than one that compiles, slower than a later call"
FRESH = "Loading from disk is faster than compiling even as the first thing that Numba does in a process"
EAGER = "An eager signature moves compilation from the first call to the decorator, and saves none of it"
PAYS = "Compilation pays off within 1000 calls that take a millisecond in plain Python"
HOLDS = {
    AGAIN: session(calling(), calling("+lazy", 0.07), calling("+compiled", 0.0001)),
    CACHE: session(calling("+cached", 0.002), calling("+lazy", 0.07), calling("+compiled", 0.0001)),
    FRESH: session(calling("+cached", warm_up_s=0.02), calling("+lazy", warm_up_s=0.4)),
    EAGER: decorated(0.07, 0.1),
    PAYS: calls(60.0),
}
FAILS = {
    AGAIN: session(calling(), calling("+lazy", 0.0005), calling("+compiled", 0.0001)),
    CACHE: session(calling("+cached", 0.002), calling("+lazy", 0.001), calling("+compiled", 0.0001)),
    FRESH: session(calling("+cached", warm_up_s=0.5), calling("+lazy", warm_up_s=0.4)),
    EAGER: decorated(0.01, 0.1),
    PAYS: calls(5000.0),
}
