"""One session: from an experiment's design to results on disk."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gil_lab import __version__, controller, interpreters, plan
from gil_lab.catalogue import Catalogue
from gil_lab.errors import NothingMeasuredError
from gil_lab.launcher import Launcher
from gil_lab.machine import Machine, this_machine
from gil_lab.records import Cell, CoreSample, Trial
from gil_lab.results import Results
from gil_lab.rows import TrialRow
from gil_lab.store import Folder
from gil_lab.wire import Facts


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
    facts: Facts
    cells: list[Cell]
    """In the experiment's order; that of the trials is random."""
    trials: list[Trial]


def prepare(design: plan.Design, options: plan.Options, catalogue: Catalogue) -> Prepared:
    """Check everything and plan the trials; nothing is measured or written yet. Raises UsageError."""
    plan.check_name(design.name)
    machine = this_machine()
    plan.check(options, machine.usable_cores)
    settled = options.resolved()
    plan.cells(design, settled, catalogue, machine.usable_cores, "")  # refuses bad names before anything is started
    facts = interpreters.ask(file=catalogue.file)
    cells = plan.cells(design, settled, catalogue, machine.usable_cores, facts.label)
    return Prepared(design, settled, catalogue, machine, facts, cells, plan.trials(cells, settled, catalogue, facts))


def measure(prepared: Prepared, watcher: Watcher) -> Results:
    """Run the trials; each is on disk before the next one starts.

    Raises StoreError if results cannot be written, NothingMeasuredError if no trial was ok.
    """
    launcher = Launcher(file=prepared.catalogue.file)
    with results_folder(prepared) as folder:
        watcher.stored_in(folder.path)
        for trial in prepared.trials:
            watcher.started(trial)
            result = controller.run(trial, launcher, prepared.catalogue)
            watcher.finished(folder.append(result), result.measurement.samples if result.measurement else ())
    results = Results.read(folder.path)
    if not any(row.numbers for row in results.trials):
        first = results.trials[0]
        raise NothingMeasuredError(
            f"no trial was ok ({first.cell.strategy}: {first.status}: {first.detail}); see {folder.path}"
        )
    results.write()
    return results


@contextmanager
def results_folder(prepared: Prepared) -> Iterator[Folder]:
    facts, options = prepared.facts, prepared.options
    strategies = dict.fromkeys(cell.strategy for cell in prepared.cells)
    about = {
        "experiment": prepared.design.name,
        "gil_lab": __version__,
        "machine": dataclasses.asdict(prepared.machine),
        "interpreters": {facts.label: dataclasses.asdict(facts)},
        "options": {**dataclasses.asdict(options), "out": None},
        "references": {name: prepared.catalogue.strategy(name).reference for name in strategies},
        "trials": len(prepared.trials),
    }
    versions = " ".join([f"python {facts.version}", *(f"{one.name} {one.version}" for one in facts.packages)])
    folder = Folder(options.out, prepared.design.name, prepared.machine.host, about, versions)
    try:
        yield folder
    finally:
        folder.close()
