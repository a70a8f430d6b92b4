"""When and where a session was measured, and how much, in a few words."""

from collections.abc import Sequence
from datetime import UTC, datetime

from gil_lab.analysis.results import SessionResults
from gil_lab.report.page.about import plain
from gil_lab.sessions.rows import TrialRow


def facts(results: SessionResults) -> list[str]:
    """When, where, and how much."""
    trials, machine = results.trials, results.session.about.get("machine")
    host = plain(machine.get("host")) if isinstance(machine, dict) else ""
    measured = sum(row.numbers is not None for row in trials)
    count = f"{len(trials)} trial{'s' * (len(trials) != 1)}"
    return [
        *([_when(trials)] if trials else []),
        *([f"on {host}"] if host else []),
        count if measured == len(trials) else f"{count}, {len(trials) - measured} of them without numbers",
    ]


def _when(trials: Sequence[TrialRow]) -> str:
    began = min(row.began_utc for row in trials)
    try:
        at = datetime.fromisoformat(began).astimezone(UTC)
    except (ValueError, OverflowError):
        return plain(began, 40)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
