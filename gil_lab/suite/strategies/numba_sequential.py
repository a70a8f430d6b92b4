"""The compiled task in one thread: what compilation alone gains; the reference of the compiled strategies."""

from gil_lab.suite.strategies import Strategy
from gil_lab.suite.strategies.sequential import one_at_a_time

CODE = """\
import numba
{imports}

compiled = numba.njit({plain})


def run(inputs):
    return [compiled({item}) for item in inputs]
"""
STRATEGY = Strategy(
    summary="the compiled task, one after the other",
    form="nogil",
    open=one_at_a_time,
    workers_are=None,
    reference="numba-sequential",
    requires=("numba",),
    code=CODE,
)
