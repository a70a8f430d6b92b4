"""How the lab is stopped (Ctrl-C, SIGTERM, a closed terminal) and how it is put aside (Ctrl-Z)."""

import contextlib
import os
import signal
import sys
import weakref
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from gil_lab.cli.terminal import streams

STOPS = ("SIGINT", "SIGTERM", "SIGHUP")
LOOK_S = 0.05


class StoppedError(BaseException):
    """A signal asked the lab to stop; it ends as an interrupt does, after the clean-up."""


class Stopping:
    """What a process knows of its being stopped. A first signal raises StoppedError; a second one ends it at once.

    It may be ended at once at any time: what is measured goes down with it, because it is guarded.
    """

    def __init__(self) -> None:
        self.number = 0
        """Of the first signal that asked to stop; 0 if none did."""
        self.note = ""
        """What to tell where nobody has told more: what was kept."""
        self.undraw: Callable[[], object] = lambda: None
        """Takes away what is drawn live."""
        self._raised: Callable[[], StoppedError | None] = lambda: None
        self._told = self._leaving = False

    def install(self) -> None:
        """Signals as this program needs them, whatever it was started with. What is ignored (nohup) stays ignored."""
        handlers = {**dict.fromkeys(STOPS, self._stop), "SIGTSTP": self._put_aside, "SIGALRM": self._look}
        for name, handler in handlers.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)
        signal.signal(
            signal.SIGCHLD, signal.SIG_DFL
        )  # ignored (and inherited so), it would make a crash an exit code 0
        sys.unraisablehook = _unraisable
        signal.pthread_sigmask(signal.SIG_SETMASK, ())

    def told(self, error: BaseException) -> str:
        """Why it ends, for its one line. No second signal tells it again."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._told = True
        notes = "; ".join(getattr(error, "__notes__", ())) or self.note
        return f"stopped by {signal.Signals(self.number).name}{'; ' * bool(notes)}{notes}"

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            self._leave_at_once()
        self.number = number
        signal.setitimer(signal.ITIMER_REAL, LOOK_S, LOOK_S)
        raise self._error()

    def _error(self) -> StoppedError:
        """A new one, to be raised without giving it a name: a frame that holds it would keep it alive."""
        error = StoppedError()
        self._raised = weakref.ref(error)
        return error

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Raise again what is gone and was never told.

        Python drops what is raised in the callbacks of weak references, of which each import has one, and in __del__.
        """
        if self.number and self._raised() is None:
            raise self._error()

    def _leave_at_once(self) -> NoReturn:
        code = 128 + self.number
        if self._leaving:
            os._exit(code)
        self._leaving = True
        with contextlib.suppress(BaseException):
            self.undraw()
        with contextlib.suppress(BaseException):
            getattr(sys.modules.get("gil_lab.measuring.supervised_process"), "remove_unsupervised", lambda: None)()
        streams.show_cursor()
        if not self._told:
            line = f"gil-lab: {self.told(self._raised() or StoppedError())}\n"
            with contextlib.suppress(OSError):
                os.write(2, line.encode("ascii", "backslashreplace"))
        os._exit(code)

    def _put_aside(self, number: int, frame: FrameType | None) -> None:
        """What is measured is in sessions of its own, and would run on."""
        # Where nothing has imported it, nothing is measured.
        measured = sys.modules.get("gil_lab.measuring.supervised_process")
        nothing = lambda: None  # noqa: E731
        getattr(measured, "stop_all", nothing)()
        hidden = streams.show_cursor()
        try:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)  # as if it had no handler: where no shell could continue it, it is not stopped
        finally:
            signal.signal(number, self._put_aside)
            if hidden:
                streams.hide_cursor()
            getattr(measured, "continue_all", nothing)()


def _unraisable(told: "sys.UnraisableHookArgs") -> None:
    if not isinstance(told.exc_value, StoppedError):  # it is raised again
        sys.__unraisablehook__(told)


STOPPING = Stopping()
"""Of this process: signals are its own."""
