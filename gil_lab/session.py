"""One session: from an experiment's design to results on disk."""

import dataclasses
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gil_lab import __version__, controller, plan
from gil_lab.catalogue import Catalogue
from gil_lab.errors import NothingMeasuredError, UsageError
from gil_lab.folder import Folder
from gil_lab.interpreters import Choice, Interpreter, choose
from gil_lab.launcher import Launcher
from gil_lab.machine import Machine, this_machine
from gil_lab.records import Cell, CoreSample, Trial
from gil_lab.results import Results
from gil_lab.rows import TrialRow


class Watcher(Protocol):
    """Told how the session goes on, between trials only: to watch costs the measured work nothing."""

    def stored_in(self, folder: Path) -> None: ...

    def started(self, trial: Trial) -> None: ...

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None: ...


class Nobody:
    """A watcher for scripts and notebooks: says nothing."""

    def stored_in(self, folder: Path) -> None:
        pass

    def started(self, trial: Trial) -> None:
        pass

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        pass


@dataclass(frozen=True)
class Prepared:
    """A session that could begin now."""

    design: plan.Design
    options: plan.Options
    catalogue: Catalogue
    machine: Machine
    choice: Choice
    """The interpreters, and those that the experiment would have liked to have."""
    cells: list[Cell]
    """In the experiment's order; that of the trials is random."""
    trials: list[Trial]


def prepare(design: plan.Design, options: plan.Options, catalogue: Catalogue) -> Prepared:
    """Check everything and plan the trials; nothing is measured or written yet. Raises UsageError."""
    plan.check_name(design.name)
    machine = this_machine()
    plan.check(options, machine.usable_cores)
    settled = options.resolved(design.min_time_s)
    # Bad names are refused before anything is started.
    names = tuple(dict.fromkeys(cell.strategy for cell in plan.cells(design, settled, catalogue, 1, ("",))))
    choice = choose(settled.pythons or design.pythons, strategies=names, file=catalogue.file)
    if settled.pythons is not None and choice.missing:
        raise UsageError(choice.missing[0].reason)
    if not choice.interpreters:
        raise NothingMeasuredError(choice.missing[0].reason)
    facts = {interpreter.label: interpreter.facts for interpreter in choice.interpreters}
    cells = plan.cells(design, settled, catalogue, machine.usable_cores, tuple(facts))
    return Prepared(design, settled, catalogue, machine, choice, cells, plan.trials(cells, settled, catalogue, facts))


def measure(prepared: Prepared, watcher: Watcher) -> Results:
    """Run the trials; each is on disk before the next one starts.

    Raises StoreError if results cannot be written, NothingMeasuredError if no trial was ok.
    """
    launchers = {one.label: launcher(one, prepared.catalogue.file) for one in prepared.choice.interpreters}
    with results_folder(prepared) as folder:
        watcher.stored_in(folder.path)
        for trial in prepared.trials:
            watcher.started(trial)
            result = controller.run(trial, launchers[trial.cell.interpreter], prepared.catalogue)
            watcher.finished(folder.append(result), result.measurement.samples if result.measurement else ())
    results = Results.read(folder.path)
    if not any(row.numbers for row in results.trials):
        first = results.trials[0]
        raise NothingMeasuredError(
            f"no trial was ok ({first.cell.strategy}: {first.status}: {first.detail}); see {folder.path}"
        )
    results.write()
    return results


def launcher(interpreter: Interpreter, file: Path | None) -> Launcher:
    """What starts children under this interpreter."""
    return Launcher((interpreter.executable, "-m", "gil_lab.child"), file, interpreter.environment)


def versions(interpreter: Interpreter) -> str:
    """What each row says of its interpreter: its version and those of the packages that matter."""
    facts = interpreter.facts
    name = "python" if facts.implementation == "CPython" else facts.implementation.lower()
    return " ".join([f"{name} {facts.version}", *(f"{one.name} {one.version}" for one in facts.packages)])


@contextmanager
def results_folder(prepared: Prepared) -> Iterator[Folder]:
    choice, options = prepared.choice, prepared.options
    strategies = dict.fromkeys(cell.strategy for cell in prepared.cells)
    about = {
        "experiment": prepared.design.name,
        "gil_lab": __version__,
        "machine": dataclasses.asdict(prepared.machine),
        "controller": {"python": platform.python_version(), "implementation": platform.python_implementation()},
        "interpreters": {one.label: dataclasses.asdict(one.facts) for one in choice.interpreters},
        "missing": {one.name: one.reason for one in choice.missing},
        "options": {**dataclasses.asdict(options), "out": None, "pythons": None},
        "workloads": list(dict.fromkeys(cell.workload for cell in prepared.cells)),
        "references": {name: prepared.catalogue.strategy(name).reference for name in strategies},
        "trials": len(prepared.trials),
    }
    told = {one.label: versions(one) for one in choice.interpreters}
    folder = Folder(options.out, prepared.design.name, prepared.machine.host, about, told)
    try:
        yield folder
    finally:
        folder.close()
