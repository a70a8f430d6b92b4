"""Made-up sessions for the claims about the GIL and its absence."""

from made_claims import of, session


def under(python, strategy, wall_s=0.3, **changes):
    return of(strategy, wall_s, gil=not python.endswith("t"), work={"interpreter": python}, **changes)


def tax(usual_s, locked_s):
    """Sequential seconds under the usual build, and under the other one with its lock on; without it they are 0.5."""
    return session(
        under("3.13", "sequential", usual_s),
        under("3.13t", "sequential", 0.5),
        under("3.13t+gil", "sequential", locked_s),
    )


HOLDS = {
    "With a GIL, threads keep about one core busy, whatever the Python": session(
        under("3.11", "threading", cores_busy=1.0), under("3.13t+gil", "threading", cores_busy=1.05)
    ),
    "Without a GIL, the same threads are parallel": session(
        under("3.11", "threading", cores_busy=1.0), under("3.13t", "threading", cores_busy=1.9)
    ),
    "Subinterpreters are parallel in one process: each has its own GIL": session(
        under("3.14", "subinterpreters", cores_busy=1.9)
    ),
    "Sequential work takes longer in a free-threaded build than in the usual one": tax(0.4, 0.5),
    "That is the price of the build: enabling its GIL changes sequential work by less than a tenth": tax(0.4, 0.5),
}
FAILS = {
    "With a GIL, threads keep about one core busy, whatever the Python": session(
        under("3.11", "threading", cores_busy=1.0), under("3.13t+gil", "threading", cores_busy=1.9)
    ),
    "Without a GIL, the same threads are parallel": session(under("3.13t", "threading", cores_busy=1.0)),
    "Subinterpreters are parallel in one process: each has its own GIL": session(
        under("3.14", "subinterpreters", cores_busy=1.0)
    ),
    "Sequential work takes longer in a free-threaded build than in the usual one": tax(0.6, 0.5),
    "That is the price of the build: enabling its GIL changes sequential work by less than a tenth": tax(0.4, 0.4),
}
