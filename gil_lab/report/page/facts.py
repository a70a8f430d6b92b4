"""When and where a session was measured, and how much, in a few words."""

from collections.abc import Sequence
from datetime import UTC, datetime

from gil_lab.analysis.results import SessionResults
from gil_lab.model.language import gettext, gettext_noop, ngettext
from gil_lab.report.page.about import plain
from gil_lab.sessions.rows import TrialRow

MONTHS = (
    *(gettext_noop("January"), gettext_noop("February"), gettext_noop("March"), gettext_noop("April")),
    *(gettext_noop("May"), gettext_noop("June"), gettext_noop("July"), gettext_noop("August")),
    *(gettext_noop("September"), gettext_noop("October"), gettext_noop("November"), gettext_noop("December")),
)
"""Rejected: `strftime`, which speaks the language of the process (LC_TIME)."""


def facts(results: SessionResults) -> list[str]:
    """When, where, and how much."""
    trials, machine = results.trials, results.session.about.get("machine")
    host = plain(machine.get("host")) if isinstance(machine, dict) else ""
    measured = sum(row.numbers is not None for row in trials)
    count = ngettext("{count} trial", "{count} trials", len(trials)).format(count=len(trials))
    few = gettext("{trials}, {count} of them without numbers")
    return [
        *([_when(trials)] if trials else []),
        *([gettext("on {host}").format(host=host)] if host else []),
        count if measured == len(trials) else few.format(trials=count, count=len(trials) - measured),
    ]


def _when(trials: Sequence[TrialRow]) -> str:
    began = min(row.began_utc for row in trials)
    try:
        at = datetime.fromisoformat(began).astimezone(UTC)
    except (ValueError, OverflowError):
        return plain(began, 40)
    text = gettext("{day} {month} {year}, {time} UTC")
    return text.format(day=at.day, month=gettext(MONTHS[at.month - 1]), year=at.year, time=f"{at:%H:%M}")
