"""Whether a call lets go of the GIL: seen in one thread that makes it all the time, and in two that do."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from gil_lab.advice import examination, trials
from gil_lab.advice.finding import Measure
from gil_lab.advice.trials import Examined
from gil_lab.analysis.estimates import Estimate, interval
from gil_lab.analysis.gil_release import HARDLY, GilRelease, releases_within, with_ready
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment.results import Results
from gil_lab.interpreters import choose as choose_interpreters
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.gil import ObservedGil
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
LEAST_CALL_S = 1e-6
"""Beside a shorter one the loop that makes the calls, which holds the GIL, is no longer little: some 50 ns."""
OTHERS_HOLD = "other threads hold the GIL, and what they hold cannot be distinguished here"
LEAST_PASSES = 5
"""Of each of the two cells, whatever the budget is: a warm-up, three that are traced, one that is timed."""
LONGEST_CALL_S = 10.0
"""A pass of two then takes as long as a session may be waited for."""


@frozen
class Release:
    """What was seen under one Python."""

    python: str
    call_s: float | None
    """Of one call, with what it takes to make it; None if it could not be measured."""
    released: Estimate | None
    """Share of the call's time, without that in which it waited for the GIL; None where it cannot be seen."""
    unknown: str
    """Why not."""
    held_by_others: float
    """Share of the time in which a thread held the GIL that makes no calls."""
    alone: Summary
    together: Summary | None
    """Of two threads."""

    @property
    def ready(self) -> float:
        """Share of its time in which the thread that makes the calls waited for a core."""
        return (self.alone.states.ready or 0.0) if self.alone.states else 0.0

    @property
    def is_too_short(self) -> bool:
        return self.call_s is not None and self.call_s < LEAST_CALL_S

    @property
    def allowed(self) -> tuple[GilRelease, ...]:
        """What the interval of the share allows."""
        return releases_within(self.released) if self.released else ()

    @property
    def answer(self) -> GilRelease:
        if self.alone.gil is not None and not self.alone.gil.after_work:
            return GilRelease.NO_GIL
        if self.released is None:
            return GilRelease.UNKNOWN
        return self.allowed[0] if len(self.allowed) == 1 and not self.is_too_short else GilRelease.INCONCLUSIVE


@frozen
class FoundRelease:
    """What `gil-lab releases` shows."""

    call: str
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
    target = replace(target, inputs=GivenInputs("repeat", str(TASKS)), repeats=1)
    facts = examination.examine(target, choice.interpreters[0])
    if facts.is_coroutine:
        raise UsageError(f"{called} makes a coroutine, and runs nothing; call asyncio.run of it")
    examined = Examined(target, facts, CompilationFacts((), ""))
    if examined.call_s > LONGEST_CALL_S:
        raise UsageError(f"a call of {called} takes {duration(examined.call_s)}; give it less to do")
    short = examined.call_s < SHORT_CALL_S
    repeats = SHORT_REPEATS if short else max(1, round(TASK_S / examined.call_s))
    tasks = TASKS // 2 if short else max(FEWEST_TASKS, min(TASKS, round(TASKS * TASK_S / examined.call_s)))
    examined = replace(examined, target=replace(target, repeats=repeats))
    seconds = budget_s or BUDGET_S * len(choice.interpreters)
    least_s = 2 * LEAST_PASSES * tasks * repeats * examined.call_s * len(choice.interpreters)
    if examined.call_s > TASK_S and least_s > seconds:  # of a shorter one the first look sees more than the call
        say(f"a call takes {duration(examined.call_s)}: this takes {duration(least_s)} at least")
    prepared = trials.prepared(
        *(examined, choice, seconds, seed, out),
        lambda *_: ((BASELINE, 1), (THREADS, WORKERS)),
        tasks=tasks,
        name="releases",
    )
    results = measure(replace(prepared, judge=None))
    releases = tuple(_release(one, results, tasks * repeats) for one in results.rows if one.is_baseline)
    if all(one.alone.wall_s is None for one in releases):
        raise NothingMeasuredError(f"{called} cannot be measured: {releases[0].alone.detail}; see {results.folder}")
    return FoundRelease(called, results, releases)


def _release(alone: Summary, results: Results, calls: int) -> Release:
    """`calls` are made in a pass."""
    trials_of = {row.trial for row in results.trials if row.cell == alone.cell}
    gils = [row.gil for row in results.gils if row.trial in trials_of]
    held = [share for one in gils if (share := _held_by_calls(one)) is not None]
    together = next(
        (one for one in results.rows if one.cell == replace(alone.cell, strategy=THREADS, workers=WORKERS)), None
    )
    return Release(
        alone.cell.interpreter,
        None if alone.wall_s is None else alone.wall_s / calls,
        _released(held, alone),
        OTHERS_HOLD if gils else alone.gil_seen.unknown or alone.detail,
        fmean([one.held_by_others or 0.0 for one in gils] or [0.0]),
        alone,
        together,
    )


def _held_by_calls(gil: ObservedGil) -> float | None:
    """Share of the time that calls take; None if it cannot be distinguished from what other threads held."""
    if gil.held_by_tasks is not None or (gil.held_by_others or 0.0) >= HARDLY:
        return gil.held_by_tasks
    return gil.held_share


def _released(held: list[float], alone: Summary) -> Estimate | None:
    """The median of the traced passes, with an interval that has room for what the thread would have done in the time
    in which it waited for a core.
    """
    if not held:
        return None
    found = interval([1 - share for share in held])
    low, high = (None if end is None else min(1.0, max(0.0, end)) for end in (found.low, found.high))
    states = alone.states
    ready = 0.0 if states is None or states.ready is None else states.ready / max(1 - (states.gil or 0.0), states.ready)
    return with_ready(Estimate(found.value, low, high), ready)
