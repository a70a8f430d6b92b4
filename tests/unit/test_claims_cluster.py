"""Made-up sessions for the claims about a cluster beside a local pool."""

from made_claims import of, session

from experiments.cluster import LONG, MIDDLE, SHORT

UP_TO = "Tasks of up to 10 ms take longer on a cluster than in as many local processes"
SHORTEST = "Those of 1 ms take more than twice as long"
LONGEST = "Those of 100 ms take less than half as long again"
CHUNKS = "Handed over by eight, tasks of 1 ms take less time on a cluster than one by one"
STARTING = "A cluster takes more than ten times as long to start as a local pool of as many processes"
POOL, DASK, BY_EIGHT = "process-pool-executor", "dask", "dask by 8"


def spun(strategy, wall_s, size=SHORT, **changes):
    return of(strategy, wall_s, work={"workload": "spin", "size": size, "workers": 2}, **changes)


def beside_a_pool(wall_s, size=SHORT):
    """Two local processes take a tenth of a second."""
    return [spun(POOL, 0.1, size), spun(DASK, wall_s, size)]


def short(wall_s):
    return session(*beside_a_pool(wall_s))


def starts(cluster_s):
    return session(spun(POOL, 0.1, startup_s=0.01), spun(DASK, 0.1, startup_s=cluster_s))


HOLDS = {
    UP_TO: session(*beside_a_pool(0.4), *beside_a_pool(0.15, MIDDLE), *beside_a_pool(0.1, LONG)),
    SHORTEST: short(0.4),
    LONGEST: session(*beside_a_pool(0.11, LONG)),
    CHUNKS: session(spun(DASK, 0.4), spun(BY_EIGHT, 0.2)),
    STARTING: starts(1.0),
}
FAILS = {
    UP_TO: session(*beside_a_pool(0.4), *beside_a_pool(0.08, MIDDLE)),
    SHORTEST: short(0.15),
    LONGEST: session(*beside_a_pool(0.3, LONG)),
    CHUNKS: session(spun(DASK, 0.2), spun(BY_EIGHT, 0.4)),
    STARTING: starts(0.02),
}
