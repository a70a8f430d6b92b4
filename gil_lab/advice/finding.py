"""Finds an advice: examines a function, compares the variants that can take it, chooses one, tries its code."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gil_lab.advice import code, examination, trials
from gil_lab.advice.code import Code
from gil_lab.advice.decision import Certainty, choose
from gil_lab.advice.found import FoundAdvice, Tried
from gil_lab.advice.trials import Examined
from gil_lab.analysis.summaries import Summary
from gil_lab.experiment.results import Results
from gil_lab.interpreters import Interpreter
from gil_lab.interpreters import choose as choose_interpreters
from gil_lab.interpreters.names import with_threads
from gil_lab.measuring.machine import usable_cores
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.records import Status
from gil_lab.model.target import CompilationFacts, Target
from gil_lab.model.variables import LIBRARY_THREADS
from gil_lab.sessions.run import PreparedSession, measured_session
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import BASELINE

Measure = Callable[[PreparedSession], Results]
"""Measures a session and returns its results."""


def find(
    target: Target,
    measure: Measure,
    *,
    pythons: tuple[str, ...] = ("this",),
    budget_s: float = trials.BUDGET_S,
    seed: int | None = None,
    out: Path = Path("results"),
    say: Callable[[str], None] = lambda _: None,
) -> FoundAdvice:
    """Examine, compare, choose, try. `say` gets a line before each step that takes long.

    Raises UsageError for a target that no advice can be given on, NothingMeasuredError where not even sequential work
    could be measured, StoreError.
    """
    interpreters = choose_interpreters(pythons, strategies=_advisable())
    if interpreters.missing:
        raise UsageError(interpreters.missing[0].reason)
    first = interpreters.interpreters[0]
    say(f"looking at {target.name}")
    facts = examination.examine(target, _as_users_run_it(first))
    target = replace(target, varies=bool(facts.not_comparable) and target.verify is None)
    examined = Examined(target, facts, CompilationFacts((), ""))
    trials.check_inputs(examined)
    if examined.uses_library_threads:  # then that is what it is compared with, and switching it off is worth a try
        alone = [with_threads(name, threads) for threads in (usable_cores(), 1) for name in pythons[:1]]
        interpreters = choose_interpreters([*alone, *pythons[1:]], strategies=_advisable())
        first = interpreters.interpreters[0]
    if examined.waits or facts.is_coroutine:
        why = "a coroutine is not compiled" if facts.is_coroutine else "it waits; compiling saves no time"
        examined = replace(examined, compilation=CompilationFacts((), why))
    else:
        say("asking Numba whether it compiles it")
        examined = replace(examined, compilation=examination.compilation(target, first))
    prepared = trials.prepared(examined, interpreters, budget_s, seed, out)
    results = measure(prepared)
    baseline = next((one for one in results.rows if one.is_baseline), None)
    if baseline is None or baseline.wall_s is None:
        detail = in_words_of_advice(baseline.detail) if baseline else "nothing was measured"
        raise NothingMeasuredError(f"{target.name} cannot be measured: {detail}; see {results.folder}")
    rows = against_the_first(results, baseline)
    decision = choose(rows, results.contrasts)
    advice = FoundAdvice(examined, results, tuple(rows), decision, _left_out(examined, first))
    if decision.best is None:
        return advice
    say("trying the code")
    return _tried(advice, decision.best, baseline, prepared, measure)


def against_the_first(results: Results, baseline: Summary) -> list[Summary]:
    """The variants under all Pythons, each with its gain over sequential work under the first one."""
    contrasts, home = results.contrasts, baseline.cell.interpreter
    if contrasts is None:
        return list(results.rows)
    return [
        one if one.cell.interpreter == home else replace(one, speedup=contrasts.ratio(baseline.cell, one.cell))
        for one in results.rows
        if one.cell.interpreter == home or one.wall_s is not None
    ]


def _as_users_run_it(interpreter: Interpreter) -> Interpreter:
    """Where libraries have as many threads as there are cores."""
    return replace(interpreter, environment=(*interpreter.environment, (LIBRARY_THREADS, str(usable_cores()))))


def _advisable() -> tuple[str, ...]:
    """Strategies that have code to show, and those that they are compared with."""
    catalogue = Catalogue()
    shown = [name for name in catalogue.strategy_names() if catalogue.strategy(name).code]
    return tuple(dict.fromkeys((BASELINE, *(catalogue.strategy(name).reference for name in shown), *shown)))


def _left_out(examined: Examined, interpreter: Interpreter) -> tuple[tuple[str, str], ...]:
    catalogue, facts = Catalogue(), interpreter.facts
    found = {
        name: trials.why_not(examined, catalogue.strategy(name)) or facts.reason_against(name) for name in _advisable()
    }
    return tuple((name, why) for name, why in found.items() if why)


def _tried(
    advice: FoundAdvice, best: Summary, baseline: Summary, prepared: PreparedSession, measure: Measure
) -> FoundAdvice:
    folder = advice.results.folder
    elsewhere = best.cell.interpreter.partition("+")[0] != baseline.cell.interpreter.partition("+")[0]
    written = code.write(best, advice.examined, folder, elsewhere=elsewhere)
    try:
        results = measure(code.trial_of(written, best, baseline, advice.examined, prepared, folder / "code"))
    except NothingMeasuredError as error:
        return replace(advice, code=written, untried=str(error))
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    row = next((one for one in results.rows if code.tried_cell(one.cell)), None)
    base = next((one for one in results.rows if one.is_baseline), None)
    contrasts = results.contrasts
    gain = contrasts.ratio(base.cell, row.cell) if contrasts and base and row else None
    if row is None or gain is None or row.status is not Status.OK:
        return _not_run(advice, written, row)
    variant = replace(best.cell, tasks=row.cell.tasks)
    beside = contrasts.ratio(base.cell, variant) if contrasts and base else None
    expected = beside or best.speedup
    tried = Tried(gain, expected.value if expected else 1.0, (row.wall_s or 0.0) * gain.value, row.cell.tasks)
    decision = advice.decision
    if doubt := tried.doubt:
        decision = replace(decision, certainty=Certainty.INCONCLUSIVE, why=doubt)
    return replace(advice, decision=decision, code=written, tried=tried)


def _not_run(advice: FoundAdvice, written: Code, row: Summary | None) -> FoundAdvice:
    """What cannot be run as it stands is not sure, whatever was measured before."""
    why = in_words_of_advice(row.detail) if row else "it took no turn"
    unsure = replace(advice.decision, certainty=Certainty.INCONCLUSIVE, why="its code could not be run")
    return replace(advice, decision=unsure, code=written, untried=why)


def in_words_of_advice(detail: str) -> str:
    """Without the next steps of whoever writes a `Workload`."""
    for written in ("; if both", "; if each", "; if tasks"):
        detail = detail.partition(written)[0]
    return detail


def measure_silently(prepared: PreparedSession) -> Results:
    """Silently, but for the progress in a notebook."""
    from gil_lab.experiment.notebook_watcher import watcher_for

    with watcher_for(prepared) as watcher, measured_session(prepared, watcher) as folder:
        results = Results.read(folder)
        results.write()
        return results
