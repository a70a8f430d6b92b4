"""The watcher of a session that is measured from a notebook: one line, which is replaced as the session goes on."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gil_lab.experiment.library_watcher import LibraryWatcher
from gil_lab.model.cell_names import naming_everywhere
from gil_lab.model.records import CoreSample, Trial, Turn
from gil_lab.sessions.rows import TrialRow
from gil_lab.sessions.run import PreparedSession
from gil_lab.sessions.time_left import TimeLeft


class NotebookWatcher(LibraryWatcher):
    """The line is drawn while all measured processes sleep, and stays as a note of what was measured."""

    def __init__(self, prepared: PreparedSession) -> None:
        super().__init__(prepared)
        self._prepared, self._name = prepared, naming_everywhere(prepared.cells)
        self._began = time.monotonic()
        self._left = TimeLeft(prepared.trials, prepared.options.rounds, prepared.budget_s)
        self._line: Any = None

    def stored_in(self, folder: Path) -> None:
        from IPython.display import display  # type: ignore[import-not-found,unused-ignore]  # it is there in a notebook

        self._folder = folder
        self._line = display(_Line("measuring"), display_id=True)  # type: ignore[no-untyped-call,unused-ignore]

    def started(self, trial: Trial) -> None:
        self._left.started(trial)
        self._show(f"starting {self._name(trial.cell)}")

    def tracing(self, trial: Trial) -> None:
        self._left.tracing()
        self._show(f"tracing {self._name(trial.cell)}")

    def took_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        super().took_turns(turns)
        self._left.round_ended()
        if turns:
            self._show(f"round {turns[-1][1].round}")

    def finished(self, row: TrialRow, samples: Sequence[CoreSample]) -> None:
        elapsed = f"{time.monotonic() - self._began:.0f} s"
        self._draw(f"{self._prepared.design.name}: measured for {elapsed}; files: {self._folder}")

    def stopped(self, error: BaseException) -> None:
        self._draw("; ".join([f"{self._prepared.design.name}: stopped", *getattr(error, "__notes__", ())]))

    def _show(self, what: str) -> None:
        left_s = self._left.seconds
        left = "" if left_s is None else f"; about {left_s:.0f} s left"
        self._draw(f"{self._prepared.design.name}: {what}{left}")

    def _draw(self, text: str) -> None:
        if self._line is not None:
            self._line.update(_Line(text))


class _Line:
    """A text that a notebook shows as it is, without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


@contextmanager
def watcher_for(prepared: PreparedSession) -> Iterator[LibraryWatcher]:
    """In a Jupyter notebook one that shows how far the session is, or that it was stopped; else a silent one."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    watcher = NotebookWatcher(prepared) if getattr(shell, "kernel", None) else LibraryWatcher(prepared)
    try:
        yield watcher
    except BaseException as error:
        watcher.stopped(error)
        raise
