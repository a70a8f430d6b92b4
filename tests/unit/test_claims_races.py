"""Made-up sessions for the claims about lost updates."""

from made_claims import of, session


def counted(variant, strategy, lost=0, *, python="3.11", wall_s=0.1):
    """A cell in which `lost` of a million updates were lost."""
    return of(
        strategy,
        wall_s,
        gil=not python.endswith("t"),
        observed={"lost updates": lost, "lost share": (lost / 1e4, "%")},
        work={"workload": f"counter{variant}", "interpreter": python},
    )


MODIFY = "Threads that read, compute and write lose updates, GIL or not"
LUCK = "Correct under the GIL by luck, `counter.value += 1` loses updates without it"
REMEDIES = "With a lock, or with a local count in each task, no update is lost"
AWAITS = "Coroutines lose updates only with an `await` between reading and writing"
PRICE = "A lock takes time even without contention; with contention, threads are no faster than one"
LOCAL = "Without a GIL, local counts are more than twice as fast as taking the lock each time"
MANY = 300_000


def priced(sequential_s, threads_s):
    """Seconds with the lock; without it, 0.1."""
    return session(
        counted("", "sequential"),
        counted("+lock", "sequential", wall_s=sequential_s),
        counted("+lock", "threading", wall_s=threads_s),
    )


def unlocked(local_s):
    return session(
        counted("+lock", "threading", python="3.13t", wall_s=0.4),
        counted("+local", "threading", python="3.13t", wall_s=local_s),
    )


HOLDS = {
    MODIFY: session(counted("", "threading", MANY), counted("", "threading", MANY, python="3.13t")),
    LUCK: session(counted("+increment", "threading"), counted("+increment", "threading", MANY, python="3.13t")),
    REMEDIES: session(counted("+lock", "threading"), counted("+local", "threading", python="3.13t")),
    AWAITS: session(counted("", "asyncio"), counted("+await", "asyncio", MANY)),
    PRICE: priced(0.2, 0.4),
    LOCAL: unlocked(0.02),
}
FAILS = {
    MODIFY: session(counted("", "threading", MANY), counted("", "threading", 0, python="3.13t")),
    LUCK: session(counted("+increment", "threading", 1), counted("+increment", "threading", MANY, python="3.13t")),
    REMEDIES: session(counted("+lock", "threading"), counted("+local", "threading", 1)),
    AWAITS: session(counted("", "asyncio", 1), counted("+await", "asyncio", MANY)),
    PRICE: priced(0.1, 0.4),
    LOCAL: unlocked(0.4),
}
