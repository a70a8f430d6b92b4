"""Trace files of made-up sessions, and what is in them."""

import json

from made import cell
from made_of_time import dealt, session

from gil_lab.report.trace_file import as_trace

HOSTILE = "</script><b>'\"\\\x1b[31m\u202e\U0001f600 {} \x00\ud800"


def hostile():
    """A cell that a file calls something else, beside the usual ones."""
    made = session()
    return made.add(cell(HOSTILE, workload=HOSTILE), dealt(2, 4, 10, 0.2), 50.0, [(0.5, 0.5)], [1.0])


def trace(made):
    return as_trace(made)


def events(made, **fields):
    """All events, or those with these fields."""
    found = json.loads(trace(made))["traceEvents"]
    return [one for one in found if all(one.get(name) == value for name, value in fields.items())]


def names(made, what):
    return [one["args"]["name"] for one in events(made, ph="M", name=what)]
