"""What an advice consists of."""

from gil_lab.advice.code import Code
from gil_lab.advice.decision import CLEARLY, LEAST_GAIN, Decision
from gil_lab.advice.trials import Examined
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment.results import Results
from gil_lab.model.frozen import frozen
from gil_lab.model.text import number

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

    @property
    def doubt(self) -> str:
        """Why the advice is not sure, now that its code was run; empty if that speaks for it."""
        if self.gain.value <= 1:
            return f"its code was no faster when it was run, {number(self.gain.value)}x"
        if not self.gain.shows_a_difference:
            return f"its code was not known to be faster when it was run, {number(self.gain.value)}x"
        if self.varies and self.expected < CLEARLY:  # else it is faster either way
            return "how much it gains varies from process to process"
        return ""


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
