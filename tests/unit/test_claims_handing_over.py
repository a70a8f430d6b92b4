"""Made-up sessions for the claims about what it costs to hand data to a worker."""

from made_claims import of, session

from experiments.handing_over import SIZES

ALONE_S = 0.009
BY_REFERENCE = "Threads pay, whatever the size: they get a reference"
BY_PICKLE = "Processes pay with 1 kB for each task, and take longer than sequential work with 100 MB"
COPIED = "With 10 MB, processes take more than five times as long as threads"
OUT_OF_BAND = "Out of band there is one copy still: with 100 MB processes take longer than sequential work"
SHARED = "With data in shared memory, processes pay, whatever the size"
MAPPED = "An array of 10 MB, which joblib maps, takes less than half the time of as many bytes, which it pickles"
INTERPRETERS = "Subinterpreters copy, too: with 100 MB they take more than three times as long as threads"
VIEWS = "What is behind a memoryview, subinterpreters share: they pay, whatever the size"
KB, MB10, MB100 = SIZES[0], SIZES[-2], SIZES[-1]


def cell(strategy, wall_s, size, variant=""):
    work = {"workload": f"send{variant}", "size": size, "workers": 1 if strategy == "sequential" else 2}
    return of(strategy, wall_s, work=work)


def sizes(strategy, walls, variant=""):
    """That way at these sizes, beside sequential work, which takes the same time at each."""
    ways = [cell(strategy, wall_s, size, variant) for size, wall_s in walls.items()]
    return session(*ways, *(cell("sequential", ALONE_S, size) for size in walls))


def pair(size, one, other):
    """Two ways, each of a strategy, its time and its variant."""
    return session(*(cell(strategy, wall_s, size, variant) for strategy, wall_s, variant in (one, other)))


HOLDS = {
    BY_REFERENCE: sizes("threading", {KB: 0.0045, MB100: 0.0046}),
    BY_PICKLE: sizes("multiprocessing", {KB: 0.005, MB100: 1.2}),
    COPIED: pair(MB10, ("multiprocessing", 0.12, ""), ("threading", 0.0045, "")),
    OUT_OF_BAND: sizes("multiprocessing", {MB100: 0.5}, "+out-of-band"),
    SHARED: sizes("multiprocessing", {KB: 0.006, MB100: 0.007}, "+shared"),
    MAPPED: pair(MB10, ("joblib", 0.01, "+array"), ("joblib", 0.12, "")),
    INTERPRETERS: pair(MB100, ("subinterpreters", 0.2, ""), ("threading", 0.0045, "")),
    VIEWS: sizes("subinterpreters", {KB: 0.005, MB100: 0.0052}, "+view"),
}
FAILS = {
    BY_REFERENCE: sizes("threading", {KB: 0.0045, MB100: 0.1}),
    BY_PICKLE: sizes("multiprocessing", {KB: 0.02, MB100: 1.2}),
    COPIED: pair(MB10, ("multiprocessing", 0.012, ""), ("threading", 0.0045, "")),
    OUT_OF_BAND: sizes("multiprocessing", {MB100: 0.006}, "+out-of-band"),
    SHARED: sizes("multiprocessing", {KB: 0.006, MB100: 0.02}, "+shared"),
    MAPPED: pair(MB10, ("joblib", 0.1, "+array"), ("joblib", 0.12, "")),
    INTERPRETERS: pair(MB100, ("subinterpreters", 0.0046, ""), ("threading", 0.0045, "")),
    VIEWS: sizes("subinterpreters", {KB: 0.005, MB100: 0.2}, "+view"),
}
