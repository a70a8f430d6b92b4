"""Made-up sessions for the claims about one core and several."""

from made_claims import of, session

FREE, PINNED = "3.11", "3.11+cores=1"


def pair(strategy, free_s, pinned_s, *, workload="primes", busy=(1.0, 1.0), in_flight=(1.95, 1.95)):
    """The same cell free and pinned to one core: wall times, cores busy and tasks in flight of each."""
    both = zip((FREE, PINNED), (free_s, pinned_s), busy, in_flight, strict=True)
    return [
        of(strategy, wall_s, cores_busy=cores, in_flight=tasks, work={"workload": workload, "interpreter": python})
        for python, wall_s, cores, tasks in both
    ]


CONCURRENT = "On one core as many tasks are in flight as on several, within 15 %: concurrency needs no cores"
PARALLEL = "Processes keep more than 1.5 cores busy if there are several, and one if there is one"
SPEEDUP = "Processes are more than 1.4 times as fast as sequential on several cores, and no faster on one"
NOTHING_TO_LOSE = "Computing threads under the GIL lose less than 15 % when they are limited to one core"
WAITING = "Concurrent waiting is as fast on one core, within 5 %"
SEQUENTIAL = pair("sequential", 0.3, 0.3)
HOLDS = {
    CONCURRENT: session(*pair("threading", 0.3, 0.3), *pair("multiprocessing", 0.16, 0.3, in_flight=(1.9, 1.95))),
    PARALLEL: session(*pair("multiprocessing", 0.16, 0.3, busy=(1.9, 1.0))),
    SPEEDUP: session(*SEQUENTIAL, *pair("multiprocessing", 0.16, 0.31)),
    NOTHING_TO_LOSE: session(*pair("threading", 0.32, 0.3)),
    WAITING: session(
        *pair("threading", 0.32, 0.32, workload="sleep"), *pair("multiprocessing", 0.32, 0.325, workload="sleep")
    ),
}
FAILS = {
    CONCURRENT: session(*pair("threading", 0.3, 0.3), *pair("multiprocessing", 0.16, 0.3, in_flight=(1.9, 1.0))),
    PARALLEL: session(*pair("multiprocessing", 0.16, 0.16, busy=(1.9, 1.9))),
    SPEEDUP: session(*SEQUENTIAL, *pair("multiprocessing", 0.16, 0.16)),
    NOTHING_TO_LOSE: session(*pair("threading", 0.16, 0.3)),
    WAITING: session(
        *pair("threading", 0.32, 0.32, workload="sleep"), *pair("multiprocessing", 0.32, 0.64, workload="sleep")
    ),
}


def found(sentence, results):
    from experiments import concurrency_parallelism

    (one,) = (one.judgement for one in concurrency_parallelism.check(results) if one.sentence == sentence)
    return one


def test_processes_that_gain_nothing_on_several_cores_do_not_hold_either():
    """Each half of the two claims about processes can fail."""
    assert found(PARALLEL, session(*pair("multiprocessing", 0.3, 0.3))).outcome == "does not hold"
    assert found(SPEEDUP, session(*SEQUENTIAL, *pair("multiprocessing", 0.3, 0.3))).outcome == "does not hold"


def test_a_session_in_which_nothing_was_pinned_says_how_to_pin():
    """A user chose other Pythons, or the system cannot pin."""
    free, _ = pair("multiprocessing", 0.16, 0.3)
    one = found(CONCURRENT, session(free))
    assert one.outcome == "inconclusive"
    assert one.reason == "nothing was pinned to one core in this session: use --python this,this+cores=1"


def test_the_free_one_must_be_there_too():
    _, pinned = pair("multiprocessing", 0.16, 0.3)
    assert found(CONCURRENT, session(pinned)).outcome == "inconclusive"


def test_on_a_machine_with_one_core_there_is_nothing_to_compare_parallelism_with():
    """What needs no cores is reported there too."""
    results = session(*SEQUENTIAL, *pair("multiprocessing", 0.3, 0.3), cores=1)
    assert (
        found(PARALLEL, results).reason == found(SPEEDUP, results).reason == ("it takes 2 cores, and the machine has 1")
    )
    assert found(CONCURRENT, results).outcome == "holds"


def test_several_pythons_are_each_compared_with_themselves():
    """Threads without a GIL lose what threads with one had not."""
    free = [
        of("threading", wall_s, gil=False, in_flight=2.0, work={"interpreter": python})
        for python, wall_s in (("3.13t", 0.15), ("3.13t+cores=1", 0.3))
    ]
    results = session(*pair("threading", 0.3, 0.3), *free)
    assert found(NOTHING_TO_LOSE, results).outcome == "holds"
    assert found(CONCURRENT, results).outcome == "holds"
