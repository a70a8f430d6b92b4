"""Made-up sessions for the claims about handing tasks over."""

from made_claims import of, session

from experiments import dispatch
from experiments.dispatch import LONG, SHORT
from gil_lab.analysis.claims import Outcome

ONE, ALL = "multiprocessing by 1", "multiprocessing by all"
AUTO = "multiprocessing by auto"
ONE_BY_ONE = "Handed to processes one by one, tasks of 10 µs take more than twice as long as one after the other"
AT_ONCE = "Each worker's whole share at once, they take less than a third of that"
QUARTERS = "The quarter shares of Pool.map do nearly as well: less than twice as long as the whole ones"
LONG_TASKS = "Of tasks of 10 ms the chunk matters little: one by one, processes gain more than half a core"
IDLE = "Handed over one by one, tasks of 10 µs leave workers idle for most of their time"
PREDICTED = "The chunk that is predicted takes nowhere a quarter longer than the best one that was tried"


def spun(strategy, wall_s, size=SHORT, **changes):
    workers = 1 if strategy == "sequential" else 2
    return of(strategy, wall_s, work={"workload": "spin", "size": size, "workers": workers}, **changes)


def short(**walls):
    """One by one, all at once, and as `Pool.map` does."""
    names = {"one": ONE, "all": ALL, "own": "multiprocessing", "sequential": "sequential"}
    return session(*(spun(names[name], wall_s) for name, wall_s in walls.items()))


def chosen(*walls):
    """Of two lengths: the best chunk takes 0.1 s, the one that is chosen as long as is given."""
    return session(
        *(
            cell
            for size, wall_s in zip((SHORT, LONG), walls, strict=True)
            for cell in (spun(ONE, 0.3, size), spun(ALL, 0.1, size), spun(AUTO, wall_s, size))
        )
    )


def long_tasks(wall_s):
    return session(spun("sequential", 0.2, LONG), spun(ONE, wall_s, LONG))


HOLDS = {
    ONE_BY_ONE: short(sequential=0.01, one=0.1),
    AT_ONCE: short(one=0.1, all=0.01),
    QUARTERS: short(own=0.011, all=0.01),
    LONG_TASKS: long_tasks(0.11),
    IDLE: session(spun(ONE, 0.1, underfill_share=0.9)),
    PREDICTED: chosen(0.105, 0.099),
}
FAILS = {
    ONE_BY_ONE: short(sequential=0.1, one=0.1),
    AT_ONCE: short(one=0.1, all=0.09),
    QUARTERS: short(own=0.03, all=0.01),
    LONG_TASKS: long_tasks(0.19),
    IDLE: session(spun(ONE, 0.1, underfill_share=0.1)),
    PREDICTED: chosen(0.105, 0.2),
}


def test_without_fixed_chunks_nothing_is_the_best():
    """`--strategy "multiprocessing by auto"` leaves the question open."""
    found = {one.sentence: one.judgement for one in dispatch.check(session(spun(AUTO, 0.1)))}
    assert found[PREDICTED].outcome is Outcome.INCONCLUSIVE
