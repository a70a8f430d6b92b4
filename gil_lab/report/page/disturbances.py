"""What disturbed a session: its trials' flags, counted, and what its reader had to leave out."""

from collections import Counter

from gil_lab.analysis.results import SessionResults
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext
from gil_lab.model.records import Flag, Status
from gil_lab.report.page.about import plain


@frozen
class Disturbances:
    """Lines: how many trials have which flag, how many failed and how, and the reader's notes."""

    flagged: list[tuple[Flag, str]]
    failed: list[str]
    notes: list[str]

    def __bool__(self) -> bool:
        return bool(self.flagged or self.failed or self.notes)


def sentence(flag: Flag) -> str:
    """What it means and what to do about it."""
    return f"{gettext(flag.meaning)} {gettext(flag.remedy)}".replace("`", "")


def disturbances(results: SessionResults) -> Disturbances:
    trials = results.trials
    flags = Counter(flag for row in trials for flag in row.flags)
    failures = Counter(row.status for row in trials if row.status is not Status.OK)
    flagged = gettext("{count} of {trials} trials: {meaning}")
    failed = gettext("{count} of {trials} trials without numbers: {status}")
    return Disturbances(
        [
            (flag, flagged.format(count=count, trials=len(trials), meaning=sentence(flag)))
            for flag, count in flags.most_common()
        ],
        [failed.format(count=count, trials=len(trials), status=status) for status, count in failures.most_common()],
        [plain(note) for note in results.session.notes],
    )
