"""Threads over the task compiled by Cython, which releases the GIL: with the pool of `threading`."""

from gil_lab.suite.compilers.cython_build import why_not
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.strategies.threading import thread_pool

STRATEGY = Strategy(
    summary="a pool of threads over the task compiled by Cython, which releases the GIL",
    form="cython",
    open=thread_pool,
    workers_are="threads",
    reference="cython-sequential",
    requires=("Cython",),
    refuses=why_not,
)
