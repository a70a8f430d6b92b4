"""Made-up sessions for the claims about what workers cost."""

from made_claims import of, session

EIGHT = {"workload": "sleep", "workers": 8}


def pool(strategy, startup_s=0.1, pss_bytes=20e6):
    return of(strategy, startup_s=startup_s, pss_bytes=pss_bytes, work=EIGHT)


THREADS = "Eight threads start within 20 ms"
SPAWNED = "Eight spawned processes take at least three times as long to start as eight forked ones"
INTERPRETERS = "Eight subinterpreters take at least half as long to start as processes of a fork server"
MEMORY = "Eight spawned processes take more than three times the memory of eight threads"
HOLDS = {
    THREADS: session(pool("threading", 0.001)),
    SPAWNED: session(pool("multiprocessing-fork", 0.02), pool("multiprocessing-spawn", 0.2)),
    INTERPRETERS: session(pool("subinterpreters", 0.13), pool("multiprocessing-forkserver", 0.14)),
    MEMORY: session(pool("threading"), pool("multiprocessing-spawn", pss_bytes=120e6)),
}
FAILS = {
    THREADS: session(pool("threading", 0.1)),
    SPAWNED: session(pool("multiprocessing-fork", 0.1), pool("multiprocessing-spawn", 0.2)),
    INTERPRETERS: session(pool("subinterpreters", 0.01), pool("multiprocessing-forkserver", 0.14)),
    MEMORY: session(pool("threading"), pool("multiprocessing-spawn", pss_bytes=20e6)),
}
