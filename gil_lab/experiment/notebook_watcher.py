"""The watcher of a session that is measured from a notebook: one line, which is replaced as the session goes on."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from gil_lab.experiment.library_watcher import LibraryWatcher
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.model.language import clauses, gettext
from gil_lab.model.records import CoreSample, Trial, Turn
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.run import PreparedSession
from gil_lab.sessions.time_left import TimeLeft

READABLE_S = 2.0
"""That long a message is left on the screen before one of the same kind takes its place: about as long as a line takes
to be noticed and read."""


class ProgressLine(Protocol):
    """Where a notebook shows how far a session is."""

    def show(self, text: str) -> None:
        """In the place of what it showed before; it may leave that if another text follows soon."""

    def end(self, text: str) -> None:
        """The last text, which is always shown."""


class JupyterLine:
    """Below the cell that measures. It stays as a note of what was measured."""

    def __init__(self) -> None:
        from IPython.display import display  # type: ignore[import-not-found,unused-ignore]  # it is there in a notebook

        self._shown: Any = display(_Text("measuring"), display_id=True)  # type: ignore[no-untyped-call,unused-ignore]

    def show(self, text: str) -> None:
        if self._shown is not None:
            self._shown.update(_Text(text))

    end = show


class MarimoLine:
    """In the corner of the page, of which it shows one message at a time.

    Not below the cell: until a cell has run, marimo leaves its former output there, and anything that is shown
    meanwhile takes the place of all that, so that the page would jump under those who read it.
    """

    def __init__(self) -> None:
        self._shown_at = -READABLE_S

    def show(self, text: str) -> None:
        if time.monotonic() - self._shown_at >= READABLE_S:
            self.end(text)

    def end(self, text: str) -> None:
        import marimo  # it is there in a notebook

        title, _, what = text.partition(": ")
        marimo.status.toast(title, what)
        self._shown_at = time.monotonic()


class NotebookWatcher(LibraryWatcher):
    """The line is drawn while all measured processes sleep."""

    def __init__(self, prepared: PreparedSession, line: type[ProgressLine]) -> None:
        super().__init__(prepared)
        self._prepared, self._name = prepared, naming_everywhere(prepared.cells)
        self._began = time.monotonic()
        self._left = TimeLeft(prepared.trials, prepared.options.rounds, prepared.budget_s)
        self._new_line = line
        self._line: ProgressLine | None = None

    def stored_in(self, folder: Path) -> None:
        self._folder = folder
        self._line = self._new_line()

    def started(self, trial: Trial) -> None:
        self._left.started(trial)
        self._show(gettext("starting {name}").format(name=self._name(trial.cell)))

    def tracing(self, trial: Trial) -> None:
        self._left.tracing()
        self._show(gettext("tracing {name}").format(name=self._name(trial.cell)))

    def took_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        super().took_turns(turns)
        self._left.round_ended()
        if turns:
            self._show(gettext("round {round}").format(round=turns[-1][1].round))

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        text = gettext("measured for {seconds} s; files: {folder}")
        self._end(text.format(seconds=f"{time.monotonic() - self._began:.0f}", folder=self._folder))

    def stopped(self, error: BaseException) -> None:
        self._end(clauses([gettext("stopped"), *getattr(error, "__notes__", ())]))

    def _show(self, what: str) -> None:
        left_s = self._left.seconds
        left = [] if left_s is None else [gettext("about {seconds} s left").format(seconds=f"{left_s:.0f}")]
        if self._line is not None:
            self._line.show(f"{self._prepared.design.name}: {clauses([what, *left])}")

    def _end(self, what: str) -> None:
        if self._line is not None:
            self._line.end(f"{self._prepared.design.name}: {what}")


class _Text:
    """One that a notebook shows as it is, without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _line() -> type[ProgressLine] | None:
    """That of the notebook that runs this, if one does."""
    marimo, ipython = sys.modules.get("marimo"), sys.modules.get("IPython")
    if marimo and marimo.running_in_notebook():
        return MarimoLine
    shell = ipython.get_ipython() if ipython else None
    return JupyterLine if getattr(shell, "kernel", None) else None


@contextmanager
def watcher_for(prepared: PreparedSession) -> Iterator[LibraryWatcher]:
    """In a notebook one that shows how far the session is, or that it was stopped; else a silent one."""
    line = _line()
    watcher = NotebookWatcher(prepared, line) if line else LibraryWatcher(prepared)
    try:
        yield watcher
    except BaseException as error:
        watcher.stopped(error)
        raise
