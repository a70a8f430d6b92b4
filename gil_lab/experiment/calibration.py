"""The calibration of a machine: the same cell under several names, measured side by side."""

import time
from pathlib import Path

from gil_lab.analysis.calibration import identical_pairs
from gil_lab.experiment import measure
from gil_lab.experiment.results import Results
from gil_lab.model.errors import NothingMeasuredError
from gil_lab.model.frozen import frozen
from gil_lab.model.records import COUNTED_FLAGS
from gil_lab.model.version import __version__
from gil_lab.sessions import reader
from gil_lab.sessions.calibrations import Calibration, MachineIdentity
from gil_lab.sessions.options import Options
from gil_lab.sessions.plan import Design
from gil_lab.sessions.rows import TurnRow
from gil_lab.sessions.run import PreparedSession, SessionWatcher, prepare
from gil_lab.suite.catalogue import Catalogue

WORK = "same"
MOST_WORKERS = 8
"""So that all cells fit into one block on a large machine, too."""
BUDGET_S = 60.0


def design() -> Design:
    """Eight names under two strategies: one core at a time, and all of them.

    Both start fast, so that most of a minute is left for turns: a generation of these 16 cells takes about as long to
    start as one of the 8 cells of cpu-bound, half of which compile. More names would narrow the interval of the false
    positives, and take so much time from the turns that the smallest difference would be that of another session than
    the ones that are usually measured; calibrations that are repeated do it without that.
    """
    catalogue = Catalogue()
    names = (WORK, *catalogue.variant_names(WORK))
    return Design(
        "calibration",
        names,
        ("sequential", "multiprocessing"),
        workers=lambda cores: (min(max(2, cores), MOST_WORKERS),),
        compared=False,
        is_resumable=False,
    )


def prepare_calibration(out: Path, budget_s: float = BUDGET_S) -> PreparedSession:
    """Check the options and plan the session; nothing is measured yet. Raises UsageError."""
    return prepare(design(), Options(budget_s=budget_s, out=out), Catalogue())


@frozen
class MeasuredCalibration:
    """A calibration that is not kept yet, and the session that it comes from."""

    results: Results
    calibration: Calibration


def calibrate(prepared: PreparedSession, watcher: SessionWatcher) -> MeasuredCalibration:
    """Measure it. Raises NothingMeasuredError if no two cells can be compared, StoreError if it cannot be written."""
    began_s = time.monotonic()
    results = measure(prepared, watcher)
    took_s = time.monotonic() - began_s
    contrasts = results.contrasts
    found = identical_pairs(contrasts, [row.cell for row in results.rows]) if contrasts else None
    if found is None:
        raise NothingMeasuredError(
            f"no two cells have an interval; give a longer --budget, or see gil-lab report {results.folder}"
        )
    turns: list[TurnRow] = reader.read_rows(results.session, "turns.csv")
    machine, false_positives = prepared.machine, found.rate
    calibration = Calibration(
        utc=results.session.began_utc,
        gil_lab=__version__,
        machine=MachineIdentity(machine.host, machine.cpu, machine.usable_cores),
        budget_s=prepared.budget_s or took_s,
        took_s=round(took_s, 1),
        turns=len(turns),
        disturbed_turns=sum(not COUNTED_FLAGS.isdisjoint(turn.flags) for turn in turns),
        pairs=found.pairs,
        different=found.different,
        independent=found.independent,
        rate=false_positives.value,
        rate_low=false_positives.low,
        rate_high=false_positives.high,
        smallest_difference=found.smallest_difference,
    )
    return MeasuredCalibration(results, calibration)
