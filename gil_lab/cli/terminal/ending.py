"""How a command ends that did not end by itself: one line on standard error, and an exit code."""

import contextlib
import os
import signal
import sys

from gil_lab.cli.terminal.stopping import STOPPING
from gil_lab.cli.terminal.streams import ReaderGoneError, show_cursor
from gil_lab.model.errors import GilLabError

BUG = 1
LONGEST_MESSAGE = 2000
"""A row that could not be saved must still be there whole."""


def told(error: BaseException) -> int:
    """Tell it and return the exit code. A stop outranks all that came of it."""
    show_cursor()  # who hid it may have been stopped before it was ready to show it again
    if STOPPING.number:
        return _say(f"gil-lab: {STOPPING.told(error)}", 128 + STOPPING.number)
    if isinstance(error, ReaderGoneError):
        return 128 + signal.SIGPIPE
    with contextlib.suppress(Exception):
        sys.stdout.flush()  # what was printed before it went wrong
    if isinstance(error, GilLabError):
        return _say(f"gil-lab: error: {error}", error.exit_code)
    if os.environ.get("GIL_LAB_DEBUG"):
        import traceback

        traceback.print_exception(error)
        return BUG
    where = "; ".join(getattr(error, "__notes__", ())) or "set GIL_LAB_DEBUG=1 to see where"
    return _say(
        f"gil-lab: error: this is a bug of gil-lab ({type(error).__name__}: {error}); {where}, and report it", BUG
    )


def _say(message: str, code: int) -> int:
    from gil_lab.model.text import one_line

    print(one_line(message, LONGEST_MESSAGE), file=sys.stderr)
    return code
