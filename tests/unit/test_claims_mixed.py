"""Made-up sessions for the claims about programs that wait and compute."""

from made_claims import of, session

ONE = of("sequential", 0.5, work={"workload": "mixed"})


def both(strategy, wall_s, **changes):
    return of(strategy, wall_s, work={"workload": "mixed", "workers": 8}, **changes)


HOLDS = {
    "Threads gain from overlapping waits, though only one core computes": session(
        ONE, both("threading", 0.25, cores_busy=0.95)
    ),
    "Processes gain from both waiting and computing, and so more than threads": session(
        both("threading", 0.25), both("multiprocessing", 0.15)
    ),
}
FAILS = {
    "Threads gain from overlapping waits, though only one core computes": session(
        ONE, both("threading", 0.25, cores_busy=1.9)
    ),
    "Processes gain from both waiting and computing, and so more than threads": session(
        both("threading", 0.25), both("multiprocessing", 0.25)
    ),
}
