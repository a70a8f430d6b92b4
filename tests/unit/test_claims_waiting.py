"""Made-up sessions for the claims about tasks that wait for a share of their time."""

from made_claims import of, session

from experiments.waiting import LONG, MANY
from gil_lab.suite.workloads.blend import SHARES

BOUND = "Eight threads or coroutines are no faster than the computing alone, one task after the other, allows"
TWICE = "Where three quarters are waiting, they are more than twice as fast as one task after the other"
ONLY = "Where all is waiting, eight threads, coroutines or processes are more than four times as fast"
MORE = "Where all is waiting, eight threads are more than twice as fast as two"
NO_MORE = "Where nothing is, eight threads are no faster than two"
PROCESSES = "Where at most half is waiting, eight processes are at least a fifth faster than eight threads"
ALONE_S = 0.4


def blend(strategy, share, wall_s, workers=MANY):
    work = {"workload": f"blend+{share}", "workers": workers, "size": LONG, "tasks": 16}
    return of(strategy, wall_s, work=work)


def beside_sequential(gains, *strategies):
    """By the share, how many times as fast as one task after the other these are."""
    return session(
        *(
            cell
            for share, gain in gains.items()
            for cell in (
                blend("sequential", share, ALONE_S, 1),
                *(blend(strategy, share, ALONE_S / gain) for strategy in strategies),
            )
        )
    )


def threads(share, few_s, many_s):
    return session(blend("threading", share, few_s, 2), blend("threading", share, many_s))


def beside_threads(gain):
    return session(
        *(
            cell
            for share in (0, 25, 50)
            for cell in (blend("threading", share, ALONE_S), blend("multiprocessing", share, ALONE_S / gain))
        )
    )


BOTH, ALL = ("threading", "asyncio"), ("threading", "asyncio", "multiprocessing")
ALLOWED = {share: 100 / (100 - share) for share in SHARES if share < 100}
HOLDS = {
    BOUND: beside_sequential(ALLOWED, *BOTH),
    TWICE: beside_sequential({75: 3.5}, *BOTH),
    ONLY: beside_sequential({100: 7.5}, *ALL),
    MORE: threads(100, 0.2, 0.05),
    NO_MORE: threads(0, 0.4, 0.4),
    PROCESSES: beside_threads(1.8),
}
FAILS = {
    BOUND: beside_sequential({**ALLOWED, 25: 1.9}, *BOTH),
    TWICE: beside_sequential({75: 1.5}, *BOTH),
    ONLY: beside_sequential({100: 2.0}, *ALL),
    MORE: threads(100, 0.2, 0.2),
    NO_MORE: threads(0, 0.4, 0.2),
    PROCESSES: beside_threads(1.0),
}
