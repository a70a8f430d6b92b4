"""Claims: what an experiment expects, as small functions over results with a sentence each.

    @EXPERIMENT.claim("Under the GIL, threads keep about one core busy")
    def one_core(seen: Evidence) -> Judgement:
        return every(seen.number(cell, "cores_busy").below(1.15) for cell in seen.cells(strategy="threading", gil=True))

A claim holds if the whole 95 % interval of its number lies where it says, does not hold if none of it does, and
otherwise is inconclusive. One that cannot fail says nothing.
"""

from gil_lab.analysis.claims.checking import Checked, Claim, check, unmeasured, unreadable
from gil_lab.analysis.claims.evidence import Evidence
from gil_lab.analysis.claims.judgement import InconclusiveError, Judgement, Outcome, every, is_true
from gil_lab.analysis.claims.quantity import Quantity

CannotTellError = InconclusiveError
"""Its former name, by which users' files import it."""

__all__ = [
    "Checked",
    "Claim",
    "Evidence",
    "InconclusiveError",
    "Judgement",
    "Outcome",
    "Quantity",
    "check",
    "every",
    "is_true",
    "unmeasured",
    "unreadable",
]
