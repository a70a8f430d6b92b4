"""Which session a class sees of an experiment: one of its own, if that says what the lecture is about."""

from pathlib import Path

from gil_lab.experiment.results import Results
from gil_lab.model.errors import StoreError
from gil_lab.model.frozen import frozen
from gil_lab.model.language import gettext
from gil_lab.sessions.reader import sessions
from gil_lab.sessions.reference import reference_folder


@frozen
class SessionToShow:
    """The results, and why they are not those that were measured last."""

    results: Results
    passed_over: str = ""
    """One sentence about the newest session; empty if that is the one to show, or nothing was measured here."""


def session_to_show(experiment: str, own: Path | str) -> SessionToShow:
    """The newest session in a folder of results that answers its experiment's question; else the reference session.

    Raises StoreError if a session cannot be read, or this copy of the lab has no reference sessions.
    """
    root = Path(own) / experiment
    passed_over = ""
    for folder in _sessions(root):
        results = Results.read(folder)
        reason = _why_not(results)
        if not reason:
            return SessionToShow(results, passed_over)
        if not passed_over and results.rows:
            text = gettext("{folder}, which was measured here, is not shown: {reason}.")
            passed_over = text.format(folder=folder, reason=reason)
    return SessionToShow(Results.read(reference_folder() / experiment), passed_over)


def is_reference(results: Results) -> bool:
    """Whether it came with the lab."""
    return results.folder.resolve().is_relative_to(reference_folder().resolve())


def _sessions(root: Path) -> list[Path]:
    """The newest first."""
    try:
        return list(sessions(root))
    except StoreError:
        return []


def _why_not(results: Results) -> str:
    """Empty if it was measured as the experiment has it, and well enough to say which answer is right."""
    if not results.rows:
        return gettext("nothing was measured")
    options = results.session.about.get("options")
    chosen = options if isinstance(options, dict) else {}
    if chosen.get("strategies") or chosen.get("workloads"):
        return gettext("it has other strategies or workloads than the experiment")
    (found,) = results.answered
    return found.reason
