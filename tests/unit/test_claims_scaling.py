"""Made-up sessions for the claims about more and more workers."""

from made_claims import of, session

from experiments import scaling
from gil_lab.analysis.claims import Outcome


def pools(strategy, walls, in_flight=(1.0, 2.0, 4.0)):
    return session(
        *(
            of(strategy, wall_s, in_flight=tasks, work={"workers": workers})
            for workers, wall_s, tasks in zip((1, 2, 4), walls, in_flight, strict=True)
        )
    )


HOLDS = {
    "Under the GIL, more threads gain nothing": pools("threading", (0.3, 0.31, 0.32)),
    "Two processes are at least one and a half times as fast as one": pools("multiprocessing", (0.3, 0.16, 0.16)),
    "More processes than cores gain nothing, though more tasks are in flight": pools(
        "multiprocessing", (0.3, 0.16, 0.16)
    ),
}
FAILS = {
    "Under the GIL, more threads gain nothing": pools("threading", (0.3, 0.15, 0.1)),
    "Two processes are at least one and a half times as fast as one": pools("multiprocessing", (0.3, 0.25, 0.16)),
    "More processes than cores gain nothing, though more tasks are in flight": pools(
        "multiprocessing", (0.3, 0.16, 0.08)
    ),
}


def test_a_single_pool_is_nothing_to_compare():
    """`--workers 4` leaves the question open."""
    found = [one.judgement for one in scaling.check(session(of("threading", work={"workers": 4})))]
    assert {one.outcome for one in found} == {Outcome.INCONCLUSIVE}
    assert found[0].reason == "comparing needs 2 pools of threading, and 1 was measured"
