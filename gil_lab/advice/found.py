"""What an advice consists of."""

from gil_lab.advice.code import Code
from gil_lab.advice.decision import LEAST_GAIN, Decision
from gil_lab.advice.trials import Examined
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment.results import Results
from gil_lab.model.frozen import frozen

SHORTEST_TIMED_S = 10e-6
"""Shorter calls are timed together, in a pass: to read the clocks around each one takes up to half a microsecond."""


@frozen
class Tried:
    """What the advised code gained when it was run as it stands."""

    gain: Estimate
    expected: float
    """What the variant gained beside it, or before, if it did not run once more."""
    sequential_s: float
    """Of the work that it was tried on."""
    tasks: int
    """Calls of which that consists."""

    @property
    def varies(self) -> bool:
        """Whether it gained more than its own variant did beside it, which has no start to pay: by a tenth at least,
        beyond its interval. Then a process is luckier than another one, say with its memory.
        """
        return self.gain.low is not None and self.gain.low > LEAST_GAIN * self.expected


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

    @property
    def is_timed_together(self) -> bool:
        """Whether calls are too short to be timed one by one."""
        return self.examined.call_s < SHORTEST_TIMED_S and self.baseline is not None and bool(self.baseline.wall_s)

    @property
    def call_s(self) -> float:
        """Of one call, on average."""
        base = self.baseline
        if not self.is_timed_together or base is None or base.wall_s is None:
            return self.examined.call_s
        return base.wall_s / base.cell.tasks

    @property
    def all_s(self) -> float:
        """About, of all inputs, one after the other."""
        return self.call_s * self.examined.facts.inputs
