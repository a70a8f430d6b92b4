"""Whether a call lets go of the GIL: seen in one thread that makes it all the time, and in two that do."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gil_lab.advice import examination, trials
from gil_lab.advice.finding import Measure
from gil_lab.advice.trials import Examined
from gil_lab.analysis.estimates import Estimate, interval
from gil_lab.analysis.gil_release import GilRelease, release_of
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment.results import Results
from gil_lab.interpreters import choose as choose_interpreters
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.target import CompilationFacts, GivenInputs, Target
from gil_lab.report.text.sentences import duration
from gil_lab.suite.strategies import BASELINE

THREADS = "threading"
WORKERS = 2
BUDGET_S = 6.0
"""For each Python: some four generations, each with three traced passes."""
TASK_S, TASKS, FEWEST_TASKS = 0.02, 16, 2
"""Of calls in a task, and tasks: a pass of 0.3 s, of which 300 samples are taken."""
SHORT_CALL_S, SHORT_REPEATS = 5e-6, 100_000
"""Of a call that takes less, the first look sees itself in the main: it is repeated so often, whatever it takes."""
LONGEST_CALL_S = 10.0
"""A pass of two then takes as long as a session may be waited for."""


@frozen
class Release:
    """What was seen under one Python."""

    python: str
    released: Estimate | None
    """Share of the call's time; None where it cannot be seen."""
    unknown: str
    """Why not."""
    alone: Summary
    together: Summary | None
    """Of two threads."""

    @property
    def answer(self) -> GilRelease:
        if self.alone.gil is not None and not self.alone.gil.after_work:
            return GilRelease.NO_GIL
        return release_of(self.released.value) if self.released else GilRelease.UNKNOWN


@frozen
class FoundRelease:
    """What `gil-lab releases` shows."""

    call: str
    call_s: float
    """Of one call, with what it takes to make it."""
    results: Results
    releases: tuple[Release, ...]


def find_release(
    target: Target,
    called: str,
    measure: Measure,
    *,
    pythons: tuple[str, ...] = ("this",),
    budget_s: float | None = None,
    seed: int | None = None,
    out: Path = Path("results"),
    say: Callable[[str], None] = lambda _: None,
) -> FoundRelease:
    """Look at a function without arguments. `say` gets a line before each step that takes long.

    Raises UsageError for one that cannot be looked at, NothingMeasuredError if it cannot be measured, StoreError.
    """
    choice = choose_interpreters(pythons, strategies=(BASELINE, THREADS))
    if choice.missing:
        raise UsageError(choice.missing[0].reason)
    say(f"looking at {called}")
    # What it answers says nothing about the GIL: of a clock, of random numbers, it is different each time.
    target = replace(target, inputs=GivenInputs("repeat", str(TASKS)), varies=True)
    facts = examination.examine(target, choice.interpreters[0])
    if facts.is_coroutine:
        raise UsageError(f"{called} makes a coroutine, and runs nothing; name what it calls")
    examined = Examined(target, facts, CompilationFacts((), ""))
    if examined.call_s > LONGEST_CALL_S:
        raise UsageError(f"a call of {called} takes {duration(examined.call_s)}; give it less to do")
    short = examined.call_s < SHORT_CALL_S
    repeats = SHORT_REPEATS if short else max(1, round(TASK_S / examined.call_s))
    tasks = TASKS // 2 if short else max(FEWEST_TASKS, min(TASKS, round(TASKS * TASK_S / examined.call_s)))
    examined = replace(examined, target=replace(target, repeats=repeats))
    seconds = budget_s or BUDGET_S * len(choice.interpreters)
    prepared = trials.prepared(
        *(examined, choice, seconds, seed, out),
        lambda *_: ((BASELINE, 1), (THREADS, WORKERS)),
        tasks=tasks,
        name="releases",
    )
    results = measure(replace(prepared, judge=None))
    releases = tuple(_release(one, results) for one in results.rows if one.is_baseline)
    if all(one.alone.wall_s is None for one in releases):
        raise NothingMeasuredError(f"{called} cannot be measured: {releases[0].alone.detail}; see {results.folder}")
    wall_s = releases[0].alone.wall_s
    each_s = examined.call_s if wall_s is None else wall_s / (tasks * repeats)
    return FoundRelease(called, each_s, results, releases)


def _release(alone: Summary, results: Results) -> Release:
    trials_of = {row.trial for row in results.trials if row.cell == alone.cell}
    shares = [1 - row.gil.held_share for row in results.gils if row.trial in trials_of]
    together = next(
        (one for one in results.rows if one.cell == replace(alone.cell, strategy=THREADS, workers=WORKERS)), None
    )
    unknown = alone.gil_seen.unknown or alone.detail
    return Release(alone.cell.interpreter, _within_bounds(shares), unknown, alone, together)


def _within_bounds(shares: list[float]) -> Estimate | None:
    """Their median, with an interval that is a share as well."""
    if not shares:
        return None
    found = interval(shares)
    low, high = (None if end is None else min(1.0, max(0.0, end)) for end in (found.low, found.high))
    return Estimate(found.value, low, high)
