"""`gil_lab.compare`: models of concurrency that are named, side by side, for a function of a program or a notebook."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gil_lab.advice import examination, trials
from gil_lab.advice.finding import measure_silently
from gil_lab.advice.library import pythons_in, target_of
from gil_lab.advice.trials import Examined
from gil_lab.experiment.results import Results
from gil_lab.interpreters import choose as choose_interpreters
from gil_lab.measuring.machine import limits, usable_cores
from gil_lab.model.errors import UsageError
from gil_lab.model.target import CompilationFacts, Target
from gil_lab.sessions.options import Options, check
from gil_lab.sessions.plan import BUDGET_S
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.strategies import BASELINE

STRATEGIES = ("threading", "multiprocessing")


def compare(
    function: Callable[..., Any],
    inputs: Iterable[Any],
    strategies: str | Iterable[str] = STRATEGIES,
    *,
    workers: int | Iterable[int] | None = None,
    python: str | Iterable[str] = "this",
    budget_s: float | None = None,
    seed: int | None = None,
    out: Path | str = "results",
) -> Results:
    """How fast `function` is under these strategies, beside sequential work, with `inputs`, of which it takes one each.

    `gil_lab.advise` chooses the strategies itself. `workers` are numbers of them, by default one a core; `budget_s`
    seconds for all, by default 7.5 for each cell. Raises UsageError for a strategy that cannot take the function, with
    what would have to change, NothingMeasuredError if nothing could be measured.
    """
    options = Options(
        workers=(workers,) if isinstance(workers, int) else tuple(workers or ()) or None,
        strategies=(strategies,) if isinstance(strategies, str) else tuple(strategies),
        pythons=pythons_in(python),
        budget_s=budget_s,
        seed=seed,
        out=Path(out),
    )
    return compared(lambda folder: target_of(function, inputs, folder), options)


def compared(target_in: Callable[[Path], Target], options: Options) -> Results:
    """The same of a target that is made in a folder, which is there as long as it is measured."""
    catalogue = Catalogue()
    names, numbers = (
        tuple(dict.fromkeys(options.strategies or STRATEGIES)),
        options.workers or (max(2, usable_cores()),),
    )
    chosen = [catalogue.strategy(name) for name in names]
    check(options, usable_cores(), limits())
    interpreters = choose_interpreters(options.pythons or ("this",), strategies=(BASELINE, *names))
    if interpreters.missing:
        raise UsageError(interpreters.missing[0].reason)
    first = interpreters.interpreters[0]
    with tempfile.TemporaryDirectory(prefix="gil-lab-compare-") as folder:
        target = target_in(Path(folder))
        facts = examination.examine(target, first)
        target = replace(target, varies=bool(facts.not_comparable))
        examined = Examined(target, facts, CompilationFacts((), ""))
        trials.check_inputs(examined)
        if not all(strategy.runs_plain_python for strategy in chosen):
            examined = replace(examined, compilation=examination.compilation(target, first))
        for name, strategy in zip(names, chosen, strict=True):
            if why := trials.why_not(examined, strategy) or first.facts.reason_against(name):
                raise UsageError(f"{name} cannot take {facts.name}: {why}")
        references = dict.fromkeys((BASELINE, *(strategy.reference for strategy in chosen)))
        pools = {
            (name, number): None
            for name, strategy in zip(names, chosen, strict=True)
            for number in (numbers if strategy.workers_are else (1,))
        }
        variants = tuple(dict.fromkeys([*((name, 1) for name in references), *pools]))
        seconds = options.budget_s or BUDGET_S * len(variants) * len(interpreters.interpreters)
        prepared = trials.prepared(
            *(examined, interpreters, seconds, options.seed, options.out),
            lambda *_: variants,
            name=trials.session_name(facts.name, "compare"),
        )
        return measure_silently(replace(prepared, judge=None))
