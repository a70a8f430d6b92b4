"""The pictures of made-up sessions, each drawn once, and those sessions that have nothing for a picture to draw."""

from functools import cache

import made_of_time
from made_of_cells import grown, hostile, many_cores, one_cell, one_round, session, twenty, two_kinds_of_work
from made_of_pythons import hostile_pythons, scaled_pythons, seven_pythons, two_kinds_under_two_pythons

from gil_lab.report import pictures

PICTURES = ("map", "matrix", "speedups", "costs", "scaling")
"""From summaries."""
PICTURES_OF_TIME = ("timeline", "cores")
"""From what happened when."""
UNDER_ONE_PYTHON = (session, grown, twenty, hostile, one_cell, many_cores, one_round, two_kinds_of_work)
UNDER_SEVERAL = (seven_pythons, scaled_pythons, two_kinds_under_two_pythons, hostile_pythons)
CASES = (*UNDER_ONE_PYTHON, *UNDER_SEVERAL)
NOTHING_TO_DRAW = {
    *(("matrix", case) for case in UNDER_ONE_PYTHON),
    ("speedups", one_cell),
    *(("scaling", case) for case in CASES if case not in (grown, twenty, many_cores, one_round, scaled_pythons)),
}
DRAWN = [(name, case) for name in PICTURES for case in CASES if (name, case) not in NOTHING_TO_DRAW]
DRAWN_OF_TIME = [
    (name, case)
    for name in PICTURES_OF_TIME
    for case in (
        *(made_of_time.session, made_of_time.many_workers, made_of_time.one_task),
        *(made_of_time.untold, made_of_time.hostile, made_of_time.two_workloads),
    )
]


@cache
def _made(case):
    return case()


@cache
def drawn(name, case, width=None):
    return pictures.draw(name, _made(case), width)


def case_id(part):
    return getattr(part, "__name__", part)
