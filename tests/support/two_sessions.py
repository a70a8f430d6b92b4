"""Two made-up sessions to be compared, from the few words that matter to a test."""

from dataclasses import replace
from pathlib import Path

from made import cell, numbers, row

from gil_lab.analysis.comparison import compare
from gil_lab.analysis.summaries import summaries
from gil_lab.experiment.results import Results
from gil_lab.model.records import CpuSpeed
from gil_lab.sessions.reader import Session

MACHINE = {
    "host": "vm",
    "system": "Linux-6.18",
    "cpu": "AMD EPYC",
    "cores": 2,
    "quota": None,
    "usable_cores": 2,
    "memory_bytes": 25276510208,
}
OTHER_MACHINE = {**MACHINE, "host": "big", "cpu": "Xeon", "cores": 16, "usable_cores": 16}
PYTHON = {
    "version": "3.11.7",
    "implementation": "CPython",
    "compiler": "GCC 12.2.0",
    "free_threaded": False,
    "gil": True,
    "packages": [{"name": "numba", "version": "0.68.1"}, {"name": "numpy", "version": "2.4.6"}],
}
FREE_THREADED = {**PYTHON, "version": "3.14.2", "free_threaded": True, "gil": False}
ABOUT = {
    "experiment": "cpu-bound",
    "gil_lab": "0.1.0",
    "machine": MACHINE,
    "interpreters": {"3.11": PYTHON},
    "options": {"min_time_s": 0.5, "rounds": 3, "tasks": None, "size": None},
}
WALLS = (0.25, 0.26, 0.24)


def rounds(strategy, *walls, flags=(), of=None, **changes):
    """One trial a round; `changes` are of its numbers, `of` of its cell."""
    where = cell(strategy, **(of or {}))
    return [
        row(strategy, round=number, cell=where, flags=flags, numbers=numbers(wall_s, **changes))
        for number, wall_s in enumerate(walls, 1)
    ]


def side(name, trials, about=None):
    """A session with these trials, as it is read."""
    told = ABOUT if about is None else about
    return Results(Session(Path(name), told, trials, []), tuple(summaries(trials, lambda _: "sequential")))


def compared(a, b, about_a=None, about_b=None):
    return compare(side("a", a, about_a), side("b", b, about_b))


def about(**changes):
    """What session.json tells, with some of it changed."""
    return {**ABOUT, **changes}


def paced(trials, pace_s):
    """The same trials on a machine of this pace."""
    return [replace(one, numbers=replace(one.numbers, cpu_speed=CpuSpeed(pace_s, pace_s))) for one in trials]
