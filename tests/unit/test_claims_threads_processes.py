"""Made-up sessions for the claims about what threads share and processes do not."""

from made_claims import of, session

LITTLE, MUCH = 1_000, 20_000_000


def cell(workload, strategy, wall_s=0.005, size=MUCH, **changes):
    return of(strategy, wall_s, work={"workload": workload, "size": size, "interpreter": "3.14"}, **changes)


def sent(processes_s, workload="send"):
    return session(cell("send", "threading"), cell(workload, "multiprocessing", processes_s))


def by_reference(much_s):
    return session(cell("send", "threading", 0.005, LITTLE), cell("send", "threading", much_s))


def shared(shared_s):
    return session(cell("send", "multiprocessing", 0.2), cell("send+shared", "multiprocessing", shared_s))


def held(processes_mb):
    return session(
        cell("table", "threading", observed={"PSS a worker": (20.0, "MB")}),
        cell("table", "multiprocessing", observed={"PSS a worker": (processes_mb, "MB")}),
    )


def missed(strategy, share):
    return session(
        cell("table+deleted", strategy, observed={"missed": share}),
        cell("table+deleted", strategy, observed={"missed": share}, size=LITTLE),
    )


COPIED = "Passing 20 MB to a process takes more than five times as long as to a thread"
REFERRED = "Passing 20 MB to a thread is as fast as passing 1 kB"
SHARED = "In shared memory, 20 MB reach a process in less than half the time"
COPIES = "With 20 MB of data, a worker process takes more than 1.5 times the memory of a worker thread"
MISSED = "What one thread deletes, others miss: in more than half of all uses while it is gone"
NOT_MISSED = "What one process or subinterpreter deletes, no other misses"

HOLDS = {
    COPIED: sent(0.2),
    REFERRED: by_reference(0.005),
    SHARED: shared(0.01),
    COPIES: held(40.0),
    MISSED: missed("threading", 98.5),
    NOT_MISSED: missed("subinterpreters", 0),
}
FAILS = {
    COPIED: sent(0.006),
    REFERRED: by_reference(0.05),
    SHARED: shared(0.2),
    COPIES: held(21.0),
    MISSED: missed("threading", 0),
    NOT_MISSED: missed("multiprocessing", 98.5),
}
