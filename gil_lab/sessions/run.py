"""One session: from an experiment's design to results on disk."""

import dataclasses
import platform
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from gil_lab.interpreters import Choice, Interpreter, choose
from gil_lab.measuring.environment import PASSIVE, left_out
from gil_lab.measuring.launcher import Launcher
from gil_lab.measuring.machine import Machine, limits, this_machine
from gil_lab.model.errors import NothingMeasuredError, UsageError
from gil_lab.model.frozen import frozen
from gil_lab.model.records import Cell, CoreSample, Trial, Turn
from gil_lab.model.version import __version__
from gil_lab.sessions import plan, relay
from gil_lab.sessions.clusters import check_cells, on_the_cluster
from gil_lab.sessions.crash_log import crash_note
from gil_lab.sessions.options import Options, check, check_name
from gil_lab.sessions.plan import MOST_QUICK_S, QUICK_BUDGET_S
from gil_lab.sessions.reader import Session
from gil_lab.sessions.reopened import ReopenedFolder
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.schedule import TRACES, ExactRounds, Schedule, TimeBudget
from gil_lab.sessions.writer import Folder, OpenFolder
from gil_lab.suite.catalogue import Catalogue
from gil_lab.suite.sources import sources


class SessionWatcher(relay.Watcher, Protocol):
    """Who watches a whole session."""

    def stored_in(self, folder: Path) -> None: ...


class SilentWatcher:
    """A watcher for scripts and notebooks, which prints nothing."""

    def stored_in(self, folder: Path) -> None:
        pass

    def started(self, trial: Trial) -> None:
        pass

    def tracing(self, trial: Trial) -> None:
        pass

    def took_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        pass

    def has_enough(self) -> bool:
        return False

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        pass


@frozen
class PreparedSession:
    """A session that could begin now."""

    design: plan.Design
    options: Options
    """As the user gave them, with minimal time and seed filled in."""
    catalogue: Catalogue
    machine: Machine
    choice: Choice
    """The interpreters, and those that the experiment would have liked to have."""
    cells: list[Cell]
    """In the experiment's order; that of the trials is random."""
    trials: list[Trial]
    """Those that shall be run."""
    earlier: "Earlier | None" = None
    """The session that is continued, if this is no new one."""
    judge: relay.Judge | None = None
    """Who says which cells need no further turns; None: all have as many."""

    @property
    def to_measure(self) -> int:
        """The number of cells but for those that cannot be run."""
        skipped = {trial.cell for trial in self.trials if trial.skip}
        return sum(cell not in skipped for cell in self.cells)

    @property
    def budget_s(self) -> float | None:
        """Seconds for all blocks together; None if the number of rounds is given."""
        if self.options.rounds is not None:
            return None
        if self.options.budget_s is not None:
            return self.options.budget_s
        if self.options.quick:
            return min(MOST_QUICK_S, self.to_measure * QUICK_BUDGET_S)
        return self.to_measure * self.design.cell_budget_s


@frozen
class Earlier:
    """What there is of a session that is continued."""

    session: Session
    differences: str
    """Between then and now, in spite of which it is continued."""
    rounds: int = 0
    """The number of the last round that was finished."""
    missing_rounds: Mapping[int, int] = field(default_factory=dict)
    """By block: what generations that were stopped did not come to, of an exact number."""


def prepare(design: plan.Design, options: Options, catalogue: Catalogue) -> PreparedSession:
    """Check everything and plan the trials; nothing is measured or written yet. Raises UsageError."""
    check_name(design.name)
    machine = this_machine()
    kinds = plan.kinds_of_workers(options.strategies or design.strategies, catalogue)
    check(options, machine.usable_cores, limits(), kinds)
    # What stands in a user's file is held to the same limits, but for those of the system, which the lab's own
    # experiments may meet as well: then cells are errors.
    check(plan.filled_in(design, options, machine.usable_cores), machine.usable_cores, kinds=kinds)
    # Bad names are refused before anything is started.
    design, options = on_the_cluster(design, options, catalogue)
    settings = plan.settings(design, options, catalogue, machine.usable_cores, limits())
    choice = choose(plan.pythons(design, options), strategies=settings.strategies, file=catalogue.file)
    if options.pythons is not None and choice.missing:
        raise UsageError(choice.missing[0].reason)
    if not choice.interpreters:
        raise NothingMeasuredError(choice.missing[0].reason)
    facts = {interpreter.label: interpreter.facts for interpreter in choice.interpreters}
    cells = plan.cells(settings, catalogue, tuple(facts))
    trials = plan.trials(cells, settings, catalogue, facts)
    check_cells(choice.interpreters, cells, catalogue)
    chunk = design.chunk if options.chunk is None else options.chunk
    noted = dataclasses.replace(options, min_time_s=settings.min_time_s, seed=settings.seed, chunk=chunk)
    return PreparedSession(design, noted, catalogue, machine, choice, cells, trials)


@contextmanager
def measured_session(prepared: PreparedSession, watcher: SessionWatcher) -> Iterator[Path]:
    """Run the trials, each on disk before the next one starts; then the session's folder, which is still locked.

    Whatever ends the session meanwhile, and while the caller reads it, gets a note of what is kept and how to resume;
    the traceback of a bug is written into the folder. Raises StoreError if results cannot be written.
    """
    if prepared.earlier and not prepared.trials and not prepared.earlier.session.cut_short:
        yield prepared.earlier.session.path
        return
    with results_folder(prepared) as folder, crash_note(folder):
        watcher.stored_in(folder.path)
        _relay(prepared, folder, watcher).measure(_blocks(prepared))
        folder.note_end()
        yield folder.path


def _relay(prepared: PreparedSession, folder: OpenFolder, watcher: SessionWatcher) -> relay.Relay:
    launchers = {one.label: launcher(one, prepared.catalogue.file) for one in prepared.choice.interpreters}
    order = random.Random(f"turns {prepared.options.seed}")
    rounds = count(1 + (prepared.earlier.rounds if prepared.earlier else 0))
    return relay.Relay(launchers, prepared.catalogue, folder, watcher, order, rounds, prepared.judge)


def _blocks(prepared: PreparedSession) -> list[relay.Block]:
    """The trials of each block, by generation."""
    found: dict[int, dict[int, list[Trial]]] = {}
    for trial in prepared.trials:
        found.setdefault(trial.block, {}).setdefault(trial.round, []).append(trial)
    made = []
    for block, generations in found.items():
        trials = [tuple(generation) for generation in generations.values()]
        measured = sum(not trial.skip for trial in trials[0])
        made.append(relay.Block(trials, _schedule(prepared, block, measured)))
    return made


def _schedule(prepared: PreparedSession, block: int, cells: int) -> Schedule:
    """Of that block, which has so many cells to measure."""
    if prepared.budget_s is None:
        missing = prepared.earlier.missing_rounds.get(block, 0) if prepared.earlier else 0
        return ExactRounds(prepared.options.rounds or 1, missing)
    traces = TRACES if prepared.judge is None else 1  # who drops losers has no use for a precise trace of each
    return TimeBudget(prepared.budget_s * cells / max(1, prepared.to_measure), cells, traces=traces)


def launcher(interpreter: Interpreter, file: Path | None) -> Launcher:
    """What starts children under this interpreter."""
    return Launcher((interpreter.executable, "-m", "gil_lab.child"), file, interpreter.environment)


@contextmanager
def results_folder(prepared: PreparedSession) -> Iterator[OpenFolder]:
    known_versions = {one.label: one.facts.versions for one in prepared.choice.interpreters}
    folder: OpenFolder
    if earlier := prepared.earlier:
        final = {row.trial for row in earlier.session.final}
        missing = len(prepared.trials)
        folder = ReopenedFolder(earlier.session.path, final, known_versions, missing, earlier.differences)
    else:
        out, host = prepared.options.out, prepared.machine.host
        folder = Folder(out, prepared.design.name, host, _about(prepared), known_versions, prepared.trials)
    folder.file = prepared.catalogue.file
    folder.is_resumable = prepared.design.is_resumable and prepared.catalogue.target is None
    try:
        yield folder
    finally:
        folder.close()


def _about(prepared: PreparedSession) -> dict[str, Any]:
    """What session.json says."""
    choice, options = prepared.choice, prepared.options
    prediction = options.prediction
    strategies = dict.fromkeys(cell.strategy for cell in prepared.cells)
    return {
        "experiment": prepared.design.name,
        "gil_lab": __version__,
        "machine": dataclasses.asdict(prepared.machine),
        "controller": {"python": platform.python_version(), "implementation": platform.python_implementation()},
        "interpreters": {one.label: dataclasses.asdict(one.facts) for one in choice.interpreters},
        "missing": {one.name: one.reason for one in choice.missing},
        "options": {**dataclasses.asdict(options), "out": None, "pythons": None, "prediction": None},
        "prediction": dataclasses.asdict(prediction) if prediction else None,
        "file": own_file(prepared.catalogue),
        "target": prepared.catalogue.target.summary if prepared.catalogue.target else None,
        "left_out": left_out(),
        "passive_pools": PASSIVE,
        "workloads": list(dict.fromkeys(cell.workload for cell in prepared.cells)),
        "references": {name: prepared.catalogue.strategy(name).reference for name in strategies},
        "trials": len(prepared.trials) if options.rounds is not None else None,
    }


def own_file(catalogue: Catalogue) -> dict[str, Any] | None:
    """By what a user's file is known again: its name, without its folder, and its content; so for modules beside it."""
    if catalogue.file is None:
        return None
    if not (known := catalogue.sources or sources(catalogue.file)):
        raise UsageError(f"{catalogue.file} cannot be read any more; was it removed?")
    own, *beside = known
    modules = {"modules": {source.path: source.sha256 for source in beside}} if beside else {}
    return {"name": own.path, "sha256": own.sha256, **modules}
