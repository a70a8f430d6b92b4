"""Designs, interpreters and plans that tests of the plan and of its options need."""

from contextlib import contextmanager

import pytest

from gil_lab.model.errors import UsageError
from gil_lab.model.interpreter import Facts, Refusal
from gil_lab.sessions.options import Options, check
from gil_lab.sessions.plan import Design, cells, settings, trials
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import Strategy
from gil_lab.suite.workloads import Workload

CORES = 4


LAB = Catalogue()


DESIGN = Design("cpu-bound", ("primes",))


@contextmanager
def nothing(*arguments):
    yield []


def facts(**refusals):
    """An interpreter that refuses these strategies, for these reasons."""
    refused = tuple(Refusal(name, reason) for name, reason in refusals.items())
    return Facts(
        label="3.11",
        version="3.11.7",
        implementation="CPython",
        compiler="",
        configured=(),
        free_threaded=False,
        gil=True,
        gil_after_imports=True,
        bytecode="beside",
        start_methods=("fork", "spawn"),
        packages=(),
        refusals=refused,
    )


def workload(**changes):
    usual = {"summary": "", "bound": "cpu", "inputs": nothing, "forms": {"call": print}, "verify": print}
    return Workload(**{**usual, "size": 10, "size_unit": "numbers", "max_size": 99, "tasks": 7, **changes})


def strategy(**changes):
    return Strategy(**{"summary": "", "form": "call", "open": nothing, "workers_are": "threads", **changes})


def planned(options=None, design=DESIGN, catalogue=LAB, known=None):
    """The trials, by way of every check that a session makes."""
    asked = options or Options(seed=1)
    check(asked, CORES)
    chosen = settings(design, asked, catalogue, CORES)
    return trials(cells(chosen, catalogue, ("3.11",)), chosen, catalogue, {"3.11": known or facts()})


def asked_for(catalogue=LAB, design=DESIGN, **options):
    return cells(settings(design, Options(**options), catalogue, CORES), catalogue, ("3.11",))


def refused(**options):
    """The message with which the options are refused: one line that names what is wrong."""
    with pytest.raises(UsageError) as caught:
        planned(Options(**options))
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 300
    return message
