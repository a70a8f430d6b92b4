"""Made-up sessions for the claims about how late a heartbeat comes."""

from made_claims import of, session


def beside(strategy, delay_s, python="3.11", *, gil=True):
    return of(
        strategy,
        delay_s=delay_s,
        delay_p99_s=delay_s,
        delay_max_s=delay_s,
        gil=gil,
        work={"workload": "convoy", "interpreter": python},
    )


def unlocked(one_s, two_s):
    return session(beside("sequential", one_s, "3.13t", gil=False), beside("threading", two_s, "3.13t", gil=False))


INTERVAL = "Under the GIL, a heartbeat beside one computing thread is late by the switch interval: 4 to 7 ms"
CONVOY = "Beside two computing threads it is late by a multiple of that: the convoy effect"
SHORTER = "With a switch interval of 0.5 ms a heartbeat beside one thread is less than 2 ms late"
UNLOCKED = "Without a GIL, a heartbeat is less than 1 ms late, however many threads compute"
ELSEWHERE = "Beside processes, and beside compiled code that releases the GIL, it is less than 1 ms late"
HOLDS = {
    INTERVAL: session(beside("sequential", 0.005), beside("sequential", 0.0005, "pypy3.11")),
    CONVOY: session(beside("threading", 0.015)),
    SHORTER: session(beside("sequential", 0.0006, "3.11+switch=0.5ms"), beside("sequential", 0.005)),
    UNLOCKED: unlocked(0.0001, 0.0002),
    ELSEWHERE: session(beside("multiprocessing", 0.0001), beside("numba-nogil", 0.0001)),
}
FAILS = {
    INTERVAL: session(beside("sequential", 0.0005)),
    CONVOY: session(beside("threading", 0.005)),
    SHORTER: session(beside("sequential", 0.005, "3.11+switch=0.5ms")),
    UNLOCKED: unlocked(0.0001, 0.005),
    ELSEWHERE: session(beside("multiprocessing", 0.0001), beside("numba-nogil", 0.005)),
}
