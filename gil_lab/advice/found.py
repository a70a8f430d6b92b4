"""What an advice consists of."""

from gil_lab.advice.code import Code
from gil_lab.advice.decision import Decision
from gil_lab.advice.trials import Examined
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment.results import Results
from gil_lab.model.frozen import frozen


@frozen
class Tried:
    """What the advised code gained when it was run as it stands."""

    gain: Estimate
    expected: float
    """What the variant gained beside it, or before, if it did not run once more."""
    sequential_s: float
    """Of the work that it was tried on."""


@frozen
class FoundAdvice:
    examined: Examined
    results: Results
    rows: tuple[Summary, ...]
    """All variants, with their gains over sequential work under the first Python."""
    decision: Decision
    why_not: tuple[tuple[str, str], ...]
    """Strategies that were not measured, with the reason."""
    code: Code | None = None
    tried: Tried | None = None
    untried: str = ""
    """Why the code could not be run, if that is so."""

    @property
    def baseline(self) -> Summary | None:
        return next((one for one in self.rows if one.is_baseline), None)
