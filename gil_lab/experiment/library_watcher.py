"""The watcher of a session that is measured from a script or a notebook: it prints nothing."""

from collections.abc import Sequence

from gil_lab.analysis.speedups_so_far import SpeedupsSoFar
from gil_lab.model.records import Trial, Turn
from gil_lab.sessions.run import PreparedSession, SilentWatcher


class LibraryWatcher(SilentWatcher):
    """Ends the session once the speed-ups are as precise as was asked for."""

    def __init__(self, prepared: PreparedSession) -> None:
        self._speedups = SpeedupsSoFar(prepared.cells, prepared.options.precision)

    def took_turns(self, turns: Sequence[tuple[Trial, Turn]]) -> None:
        self._speedups.add(turns)

    def has_enough(self) -> bool:
        return self._speedups.enough

    def stopped(self, error: BaseException) -> None:
        """By an interrupt, or whatever else ends it before its time; what is kept stands in the error's notes."""
