"""Made-up sessions for the claims about what waiting at the same time brings."""

from made_claims import of, session

HTTP = {"workload": "http", "workers": 8}
ONE = of("sequential", 0.8, work={"workload": "http"})


def waiting(strategy, wall_s=0.1, **changes):
    return of(strategy, wall_s, work=HTTP, **{"cores_busy": 0.1, **changes})


def everybody(cores_busy):
    return session(*(waiting(name, cores_busy=cores_busy) for name in ("threading", "asyncio", "multiprocessing")))


THREADS = "N threads that wait are at least N/2 times as fast as sequential"
HOLDS = {
    THREADS: session(ONE, waiting("threading")),
    "Coroutines wait as well as threads, within a fifth": session(waiting("threading"), waiting("asyncio", 0.105)),
    "Processes wait no better than threads, within a fifth": session(
        waiting("threading"), waiting("multiprocessing", 0.105)
    ),
    "Waiting needs no core: less than half a core is busy, however many workers wait": everybody(0.2),
}
FAILS = {
    THREADS: session(ONE, waiting("threading", 0.4)),
    "Coroutines wait as well as threads, within a fifth": session(waiting("threading"), waiting("asyncio", 0.2)),
    "Processes wait no better than threads, within a fifth": session(
        waiting("threading"), waiting("multiprocessing", 0.05)
    ),
    "Waiting needs no core: less than half a core is busy, however many workers wait": everybody(0.9),
}
