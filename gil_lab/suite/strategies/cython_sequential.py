"""The task compiled by Cython, with C types, in one thread: the reference of the other strategies over it."""

from gil_lab.suite.compilers.cython_build import why_not
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.strategies.sequential import one_at_a_time

STRATEGY = Strategy(
    summary="the task compiled by Cython with C types, one after the other",
    form="cython",
    open=one_at_a_time,
    workers_are=None,
    reference="cython-sequential",
    requires=("Cython",),
    refuses=why_not,
)
