"""The reference sessions of the checkout, each read once for all tests of a process that only look at them."""

from functools import cache

from places import ROOT

from gil_lab.analysis.claims import Checked
from gil_lab.experiment import claims_of
from gil_lab.experiment.results import Results

REFERENCE = ROOT / "results" / "reference"


@cache
def reference(name: str) -> Results:
    """The session of that experiment. Nothing of it may be changed."""
    return Results.read(REFERENCE / name)


@cache
def reference_claims(name: str) -> list[Checked]:
    """What becomes of the claims of that experiment."""
    return claims_of(reference(name))
