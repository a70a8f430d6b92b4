"""A session of four strategies under seven interpreters, as free threading gives it: one made up, and whole on disk."""

from dataclasses import replace

from made import cell, numbers, row, session_in
from made_of_cells import HOSTILE, Made, measured

from gil_lab.analysis.across_interpreters import across
from gil_lab.analysis.summaries import summaries
from gil_lab.experiment.results import Results
from gil_lab.model.records import Status
from gil_lab.sessions.order import ordered
from gil_lab.sessions.reader import Session

PYTHONS = ("3.11", "3.13", "3.13t", "3.13t+gil", "3.14", "3.14+switch=0.5ms", "pypy3.11")
PACE_S = dict(zip(PYTHONS, (0.50, 0.45, 0.60, 0.59, 0.40, 0.41, 0.05), strict=True))
"""Of sequential work. 3.13t is 0.75 times as fast as 3.13: the build tax is a third more time."""
STRATEGIES = ("sequential", "threading", "multiprocessing", "subinterpreters")
REFUSED = "InterpreterPoolExecutor is not there before Python 3.14"
DRIFT = (1.0, 1.02, 0.97)
"""Of the machine, from round to round."""


def gain(strategy, python):
    """Times as fast as sequential work, and cores busy."""
    if strategy == "sequential":
        return 1.0, 1.0
    if strategy == "threading":
        return (1.9, 1.93) if python == "3.13t" else (0.99, 1.0)
    return (1.8, 1.9) if strategy == "multiprocessing" else (1.7, 1.88)


def one(strategy, python, round_, number, workers=2, **changes):
    speedup, busy = gain(strategy, python)
    several = 1 if strategy == "sequential" else workers
    where = cell(strategy, workers=several, interpreter=python)
    noise = 1 + 0.01 * ((number * 7) % 3 - 1)
    lock = python != "3.13t"
    found = numbers(
        PACE_S.get(python, PACE_S["3.11"]) * DRIFT[round_ - 1] * noise / speedup,
        in_flight=1.0 if several == 1 else 0.97 * several,
        cores_busy=busy,
        gil=lock,
        gil_at_start=lock,
        gil_after_imports=lock,
        **changes,
    )
    return row(cell=where, round=round_, number=number, numbers=found)


def trials(pythons=PYTHONS, workers=(2,), **changes):
    """Three rounds of all cells, in another order in each."""
    made = []
    for round_ in (1, 2, 3):
        wanted = [(strategy, python, count) for python in pythons for strategy in STRATEGIES for count in workers]
        for strategy, python, count in dict.fromkeys(wanted[round_:] + wanted[:round_]):
            number = len(made) + 1
            if strategy == "sequential" and count != workers[0]:
                continue
            if strategy == "subinterpreters" and not python.startswith("3.14"):
                if round_ == 1:
                    where = cell(strategy, workers=count, interpreter=python)
                    refused = {"status": Status.SKIPPED, "detail": REFUSED}
                    made.append(row(strategy, None, number, cell=where, round=1, **refused))
                continue
            made.append(one(strategy, python, round_, number, count, **changes))
    return made


def about(pythons=PYTHONS):
    """What session.json tells of it."""
    return {
        "schema": 1,
        "experiment": "free-threading",
        "machine": {"host": "vm", "usable_cores": 2},
        "controller": {"python": "3.11.7", "implementation": "CPython"},
        "interpreters": {python: {"version": python.split("+")[0]} for python in pythons},
        "missing": {"3.14t": "no Python 3.14t was found; uv python install 3.14t"},
        "references": dict.fromkeys(STRATEGIES, "sequential"),
        "trials": 1,
    }


def made(pythons=PYTHONS, workers=(2,), **changes):
    """What pictures and tables are made from."""
    found = trials(pythons, workers, **changes)
    session = Session("nowhere", about(pythons), found, [])
    rows = ordered(summaries(found, lambda _: "sequential"), session)
    return Made(rows, across=tuple(across(found, [one.cell for one in rows])))


def seven_pythons():
    return made()


def scaled_pythons():
    """Three interpreters with one, two and four workers each."""
    return made(("3.11", "3.13t", "3.14"), (1, 2, 4))


def read(folder, pythons=PYTHONS, **changes):
    """The session on disk, as it is read."""
    return Results.read(session_in(folder, trials(pythons, **changes), about(pythons)))


def two_kinds_under_two_pythons():
    """Two workloads, each under two interpreters."""
    one = made(("3.11", "3.13t"))
    rows = [*one.rows, *(replace(each, cell=replace(each.cell, workload="http")) for each in one.rows)]
    return Made(rows, across=one.across)


def hostile_pythons():
    """Interpreters from a file that was made to do harm, two of them alike where they are cut."""
    names = (HOSTILE, "x" * 190, "x" * 90 + "y" + "x" * 99, "+", "a+" * 60)
    return Made([measured("threading", overall=(1.7, 1.8), work={"interpreter": name}) for name in names])
