"""Threads over a compiled task that releases the GIL: the pool of `threading`, with another form."""

from gil_lab.suite.strategies import Strategy
from gil_lab.suite.strategies.threading import thread_pool

STRATEGY = Strategy(
    summary="a pool of threads over the compiled task, which releases the GIL",
    form="nogil",
    open=thread_pool,
    workers_are="threads",
    reference="numba-sequential",
    requires=("numba",),
)
