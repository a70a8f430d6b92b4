"""What disturbed a session: its trials' flags, counted, and what its reader had to leave out."""

from collections import Counter
from dataclasses import dataclass

from gil_lab.analysis.results import SessionResults
from gil_lab.model.records import Flag, Status
from gil_lab.report.page.about import plain

MEANING = {
    Flag.DISTURBED: "others used the cores meanwhile, or the hypervisor took them",
    Flag.DRIFTED: "the machine was not equally fast before and after",
    Flag.IMPOSSIBLE: "more cores busy than can be: a fault of the measurement",
    Flag.SERIAL_FALLBACK: "one worker did everything although several were asked for",
    Flag.GIL_REENABLED: "an import switched the GIL of a free-threaded build back on",
    Flag.LEAKED_PROCESSES: "processes were left running, and have been killed",
    Flag.THROTTLED: "a control group's CPU quota held the measured processes back",
    Flag.CLOCK_GAP: "the machine, the lab or what it measures was stopped meanwhile",
    Flag.AFFINITY_CHANGED: "the cores that may be used were others afterwards",
}


@dataclass(frozen=True, slots=True)
class Disturbances:
    """Lines: how many trials have which flag, how many failed and how, and the reader's notes."""

    flagged: list[tuple[Flag, str]]
    failed: list[str]
    notes: list[str]

    def __bool__(self) -> bool:
        return bool(self.flagged or self.failed or self.notes)


def disturbances(results: SessionResults) -> Disturbances:
    trials = results.trials
    flags = Counter(flag for row in trials for flag in row.flags)
    failures = Counter(row.status for row in trials if row.status is not Status.OK)
    return Disturbances(
        [(flag, f"{count} of {len(trials)} trials: {MEANING[flag]}") for flag, count in flags.most_common()],
        [f"{count} of {len(trials)} trials without numbers: {status}" for status, count in failures.most_common()],
        [plain(note) for note in results.session.notes],
    )
