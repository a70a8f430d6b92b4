"""The task compiled by Cython unchanged, in one thread: what compilation alone gains while types are unknown.

Its reference is plain Python: the work is the same, object by object.
"""

from gil_lab.suite.compilers.cython_build import why_not
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.strategies.sequential import one_at_a_time

STRATEGY = Strategy(
    summary="the task compiled by Cython without C types, one after the other",
    form="cython-untyped",
    open=one_at_a_time,
    workers_are=None,
    reference="cython-untyped",
    requires=("Cython",),
    refuses=why_not,
)
