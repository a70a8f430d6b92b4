"""The reference sessions of the checkout, each read once for all tests of a process that only look at them."""

from functools import cache

from places import ROOT

from gil_lab.experiment.results import Results

REFERENCE = ROOT / "results" / "reference"


@cache
def reference(name: str) -> Results:
    """The session of that experiment. Nothing of it may be changed."""
    return Results.read(REFERENCE / name)
