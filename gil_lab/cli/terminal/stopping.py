"""How the lab is stopped (Ctrl-C, SIGQUIT, SIGTERM, a closed terminal) and how it is suspended (Ctrl-Z)."""

import contextlib
import os
import signal
import sys
import weakref
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from gil_lab.cli.terminal import streams

STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
CHECK_PERIOD_S = 0.05


class StoppedError(BaseException):
    """A signal asked the lab to stop; it ends like an interrupt, after the clean-up."""


class Stopping:
    """How the process is being stopped. A first signal raises StoppedError; a second one ends it at once.

    It may be ended at any time: measured processes end with it, because they are supervised.
    """

    def __init__(self) -> None:
        self.number = 0
        """The first stop signal; 0 if there was none."""
        self.note = ""
        """What was kept, for the message, unless the error has notes."""
        self.undraw: Callable[[], object] = lambda: None
        """Removes the live view."""
        self._raised: Callable[[], StoppedError | None] = lambda: None
        self._reported = self._leaving = False

    def install(self) -> None:
        """Install the handlers, whatever it was started with. Ignored signals (nohup) stay ignored."""
        handlers = {**dict.fromkeys(STOP_SIGNALS, self._stop), "SIGTSTP": self._suspend, "SIGALRM": self._check}
        for name, handler in handlers.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if it is inherited as ignored, a crash has exit code 0
        sys.unraisablehook = _unraisable
        signal.pthread_sigmask(signal.SIG_SETMASK, ())

    def message(self, error: BaseException) -> str:
        """Why it ends, for its one line. A second signal does not report it again."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._reported = True
        notes = "; ".join(getattr(error, "__notes__", ())) or self.note
        return f"stopped by {signal.Signals(self.number).name}{'; ' * bool(notes)}{notes}"

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            self._leave_at_once()
        self.number = number
        signal.setitimer(signal.ITIMER_REAL, CHECK_PERIOD_S, CHECK_PERIOD_S)
        raise self._error()

    def _error(self) -> StoppedError:
        """A new one, to be raised without binding it to a name: a frame that holds it would keep it alive."""
        error = StoppedError()
        self._raised = weakref.ref(error)
        return error

    def _check(self, number: int, frame: FrameType | None) -> None:
        """Raise it again if it is gone and was never reported.

        Python drops exceptions raised in weak reference callbacks, which every import has, and in __del__.
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
        streams.show_cursor()
        if not self._reported:
            line = f"gil-lab: {self.message(self._raised() or StoppedError())}\n"
            with contextlib.suppress(OSError):
                os.write(2, line.encode("ascii", "backslashreplace"))
        os._exit(code)

    def _suspend(self, number: int, frame: FrameType | None) -> None:
        """Stop measured processes too: they are in sessions of their own, and would continue."""
        # If the module has not been imported, nothing is measured.
        supervised = sys.modules.get("gil_lab.measuring.supervised_process")
        nothing = lambda: None  # noqa: E731
        getattr(supervised, "stop_all", nothing)()
        hidden = streams.show_cursor()
        try:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)  # as without a handler: if no shell could continue it, it is not stopped
        finally:
            signal.signal(number, self._suspend)
            if hidden:
                streams.hide_cursor()
            getattr(supervised, "continue_all", nothing)()


def _unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    if not isinstance(unraisable.exc_value, StoppedError):  # it is raised again
        sys.__unraisablehook__(unraisable)


STOPPING = Stopping()
"""One per process, like signal handlers."""
