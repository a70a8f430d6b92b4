"""Made-up sessions for the claims about libraries that have threads of their own."""

from made_claims import of, session

from experiments import oversubscription
from gil_lab.analysis.claims import Outcome

CAPPED, UNCAPPED = "3.11", "3.11+threads=uncapped"


def pair(strategy, capped=(0.3, 1.0, 1.0), uncapped=(0.3, 1.0, 1.0), variant=""):
    """Wall time, cores busy, cores wanted: of the library capped, and of the library as it comes."""
    return tuple(
        of(
            strategy,
            wall_s,
            cores_busy=busy,
            cores_wanted=wanted,
            work={
                "workload": f"libraries{variant}",
                "interpreter": python,
                "workers": 1 if strategy == "sequential" else 2,
            },
        )
        for python, (wall_s, busy, wanted) in ((CAPPED, capped), (UNCAPPED, uncapped))
    )


ALONE = "Uncapped, a library wants several cores for one task at a time"
ALONE_CAPPED = "Capped, a library wants one core for one task at a time"
TOO_MANY = "Uncapped, a process for each core wants half as many cores again as there are, or more"
ENOUGH = "Capped, a process for each core hardly wants more cores than there are"
THREADS = "Uncapped, threads hardly want more cores than there are: they share the threads of the library"
JOBLIB = "Uncapped, processes of joblib hardly want more cores than there are: joblib divides the cores"
NO_GAIN = "Too many threads gain nothing: processes are no faster uncapped than capped"
HOLDS = {
    ALONE: session(*pair("sequential", uncapped=(0.2, 1.9, 2.0))),
    ALONE_CAPPED: session(*pair("sequential", uncapped=(0.2, 1.9, 2.0))),
    TOO_MANY: session(*pair("multiprocessing", uncapped=(0.3, 2.0, 3.9))),
    ENOUGH: session(*pair("multiprocessing", capped=(0.3, 2.0, 2.1))),
    THREADS: session(*pair("threading", uncapped=(0.3, 2.0, 2.2))),
    JOBLIB: session(*pair("joblib", uncapped=(0.3, 2.0, 2.4))),
    NO_GAIN: session(*pair("multiprocessing", capped=(0.15, 2.0, 2.0), uncapped=(0.2, 2.0, 4.0))),
}
FAILS = {
    ALONE: session(*pair("sequential")),
    ALONE_CAPPED: session(*pair("sequential", capped=(0.2, 1.9, 2.0))),
    TOO_MANY: session(*pair("multiprocessing", uncapped=(0.3, 2.0, 2.0))),
    ENOUGH: session(*pair("multiprocessing", capped=(0.3, 2.0, 3.9))),
    THREADS: session(*pair("threading", uncapped=(0.3, 2.0, 3.9))),
    JOBLIB: session(*pair("joblib", uncapped=(0.3, 2.0, 3.9))),
    NO_GAIN: session(*pair("multiprocessing", capped=(0.3, 2.0, 2.0), uncapped=(0.2, 2.0, 4.0))),
}


def judged(sentence, results):
    (one,) = (one for one in oversubscription.check(results) if one.sentence == sentence)
    return one.judgement


def test_each_library_that_was_measured_is_judged():
    """One that is not parallel by itself refutes the claim about all of them."""
    blas, polars = pair("sequential", uncapped=(0.2, 1.9, 2.0)), pair("sequential", variant="+polars")
    assert judged(ALONE, session(*blas)).outcome is Outcome.HOLDS
    assert judged(ALONE, session(*blas, *polars)).outcome is Outcome.FAILS


def test_one_core_is_not_enough_to_have_too_many_threads():
    found = judged(TOO_MANY, session(*pair("multiprocessing", uncapped=(0.3, 1.0, 2.0)), cores=1))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "takes 2 cores" in found.reason
