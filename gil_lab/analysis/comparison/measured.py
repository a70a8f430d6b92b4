"""What two sessions know of the cells that they share, and the ratios that follow; those from turns judged together."""

import math
from collections.abc import Mapping, Sequence

from gil_lab.analysis.comparison import ratios
from gil_lab.analysis.contrasts import Contrast, Contrasts
from gil_lab.analysis.contrasts.discoveries import family
from gil_lab.analysis.estimates import Estimate
from gil_lab.analysis.speedups import baseline_of
from gil_lab.analysis.summaries import Summary
from gil_lab.model.frozen import frozen
from gil_lab.sessions.rows import TrialRow

Ratio = Contrast | Estimate | None


@frozen
class Measured:
    """What one session knows of a cell."""

    summary: Summary
    walls_s: tuple[float, ...]
    """Independent of each other: a mean for each generation, or in sessions of an older gil-lab the trials'."""
    contrast: Contrast | None
    """How many times faster than its baseline it is, from their turns."""
    remedy: str
    """What a user changes so that more is known: `more --rounds`."""
    by_turns: bool

    @classmethod
    def of(cls, summary: Summary, used: Sequence[TrialRow], contrasts: Contrasts | None, remedy: str) -> "Measured":
        means = contrasts.generation_means(summary.cell) if contrasts else ()
        walls_s = tuple(map(math.exp, means)) or tuple(row.numbers.wall_s for row in used if row.numbers)
        contrast = contrasts.between(baseline_of(summary.cell), summary.cell) if contrasts else None
        return cls(summary, walls_s, contrast, remedy, by_turns=bool(means))


@frozen
class MeasuredPair:
    """A cell that both measured."""

    a: Measured
    b: Measured

    @property
    def wall_ratio(self) -> Ratio:
        """How many times faster B is."""
        if self.a.by_turns or self.b.by_turns:
            return ratios.of_means(*([math.log(wall_s) for wall_s in one.walls_s] for one in (self.a, self.b)))
        return ratios.of_walls(self.a.walls_s, self.b.walls_s)

    @property
    def speedup_ratio(self) -> Ratio:
        """How many times greater the speed-up of B is."""
        if self.a.summary.is_baseline:
            return None
        if self.a.contrast and self.b.contrast:
            return ratios.of_contrasts(self.a.contrast, self.b.contrast)
        one, other = self.a.summary.speedup, self.b.summary.speedup
        return ratios.of_speedups(one, other) if one and other else None

    def why_no_wall_ratio(self) -> str:
        """That there is no interval of the wall times, and what to do; empty if there is one."""
        few: dict[tuple[str, str], list[str]] = {}
        for name, side in (("A", self.a), ("B", self.b)):
            if len(side.walls_s) == 1:
                few.setdefault(("generation" if side.by_turns else "round", side.remedy), []).append(name)
        return "; ".join(
            f"a single {what} in {' and '.join(names)}; use {remedy}" for (what, remedy), names in few.items()
        )

    def why_no_speedup_ratio(self) -> str:
        """The same of the speed-ups."""
        if self.a.summary.is_baseline:
            return "the speed-ups are measured against it"
        sides = (("A", self.a), ("B", self.b))
        if missing := " and ".join(name for name, side in sides if side.summary.speedup is None):
            return f"no speed-up in {missing}: no round has a sequential cell beside it"
        few: dict[tuple[str, str], list[str]] = {}
        for name, side in sides:
            if side.summary.speedup and side.summary.speedup.low is None:
                few.setdefault(("too few rounds" if side.by_turns else "a single round", side.remedy), []).append(name)
        return "; ".join(
            f"the speed-up of {what} in {' and '.join(names)}; use {remedy}" for (what, remedy), names in few.items()
        )


def judged(found: Mapping[int, Ratio], threshold: float) -> dict[int, Estimate | None]:
    """Those that come from turns as one family; of sessions of an older gil-lab, each interval is judged alone."""
    alone = {key: ratio for key, ratio in found.items() if not isinstance(ratio, Contrast)}
    return {**alone, **family({key: one for key, one in found.items() if isinstance(one, Contrast)}, threshold)}
