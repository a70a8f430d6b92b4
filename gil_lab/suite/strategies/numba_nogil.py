"""Threads over a compiled task that releases the GIL: the pool of `threading`, with another form."""

from gil_lab.suite.strategies import Strategy
from gil_lab.suite.strategies.threading import thread_pool

CODE = """\
from concurrent.futures import ThreadPoolExecutor
import numba
{imports}

compiled = numba.njit(nogil=True)({plain})


def run(inputs):
    with ThreadPoolExecutor({workers}) as pool:
        return list(pool.map(lambda item: compiled({item}), inputs))
"""
STRATEGY = Strategy(
    summary="a pool of threads over the compiled task, which releases the GIL",
    form="nogil",
    open=thread_pool,
    workers_are="threads",
    reference="numba-sequential",
    requires=("numba",),
    code=CODE,
)
