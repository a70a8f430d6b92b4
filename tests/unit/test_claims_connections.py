"""Made-up sessions for the claims about threads and event loops for many connections."""

from made_claims import of, session

FEW = "Ten requests at once take no model a tenth longer than the slowest answer"
MANY = "A thousand take each model that runs Python code under one GIL at least a tenth longer than ten"
SERVER = "The server is no bottleneck: less than one core of it is busy"
UVLOOP = "At a thousand, an event loop of uvloop takes less CPU time than asyncio's own"
LOOPS = "Under the GIL, a thousand are no faster with several event loops than with one"

THREADS = "With a GIL, a connection takes less than 50 kB of memory in a thread"
COROUTINES = "With a GIL, it takes less than 20 kB in an event loop or a greenlet"


def requests(strategy, number, wall_s=0.3, **changes):
    return of(strategy, wall_s, work={"workload": "connections", "workers": number, "tasks": number}, **changes)


def ten_and_a_thousand(wall_s):
    return session(requests("asyncio", 10, 0.205), requests("asyncio", 1000, wall_s))


def in_memory(strategy, each_bytes):
    few, many = (30e6 + number * each_bytes for number in (10, 1000))
    return session(requests(strategy, 10, peak_rss_bytes=few), requests(strategy, 1000, peak_rss_bytes=many))


def beside_asyncio(strategy, wall_s=0.3, cpu_s=0.2):
    return session(requests("asyncio", 1000, cpu_s=0.2), requests(strategy, 1000, wall_s, cpu_s=cpu_s))


HOLDS = {
    FEW: session(requests("threading", 10, 0.205), requests("asyncio", 10, 0.203)),
    MANY: ten_and_a_thousand(0.4),
    SERVER: session(requests("asyncio", 1000, service_cores_busy=0.2)),
    UVLOOP: beside_asyncio("asyncio-uvloop", cpu_s=0.1),
    LOOPS: beside_asyncio("asyncio-loops", 0.33),
    THREADS: in_memory("threading", 24e3),
    COROUTINES: in_memory("asyncio", 9e3),
}
FAILS = {
    FEW: session(requests("threading", 10, 0.3), requests("asyncio", 10, 0.203)),
    MANY: ten_and_a_thousand(0.206),
    SERVER: session(requests("asyncio", 1000, service_cores_busy=1.2)),
    UVLOOP: beside_asyncio("asyncio-uvloop", cpu_s=0.3),
    LOOPS: beside_asyncio("asyncio-loops", 0.2),
    THREADS: in_memory("threading", 200e3),
    COROUTINES: in_memory("asyncio", 30e3),
}
