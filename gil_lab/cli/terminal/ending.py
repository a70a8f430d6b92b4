"""How a command ends after an error or a stop: one line on standard error, and an exit code."""

import contextlib
import os
import signal
import sys

from gil_lab.cli.terminal.stopping import STOPPING
from gil_lab.cli.terminal.streams import ReaderGoneError, show_cursor
from gil_lab.model.errors import GilLabError, NothingMeasuredError

BUG = 1
MAX_MESSAGE_CHARACTERS = 2000
"""Enough for a whole row that could not be saved."""

OF_THE_MACHINE = ("/proc/meminfo", "/proc/stat")
"""Files that psutil reads; a /proc that shows processes only lacks them (proc(5))."""


def report(error: BaseException) -> int:
    """Print the error and return the exit code. A stop takes precedence over errors that it caused."""
    show_cursor()  # whatever hid it may have been stopped before showing it again
    if STOPPING.number:
        return _print(f"gil-lab: {STOPPING.message(error)}", 128 + STOPPING.number)
    if isinstance(error, ReaderGoneError):
        return 128 + signal.SIGPIPE
    with contextlib.suppress(Exception):
        sys.stdout.flush()  # output from before the error
    if isinstance(error, GilLabError):
        return _print(f"gil-lab: error: {error}", error.exit_code)
    if isinstance(error, FileNotFoundError) and error.filename in OF_THE_MACHINE:
        return _print(
            f"gil-lab: error: {error.filename} is not there, by which the machine is known; have /proc mounted without "
            "subset=pid (in a unit of systemd: ProcSubset=all)",
            NothingMeasuredError.exit_code,
        )
    if os.environ.get("GIL_LAB_DEBUG"):
        import traceback

        traceback.print_exception(error)
        return BUG
    where = "; ".join(getattr(error, "__notes__", ())) or "set GIL_LAB_DEBUG=1 to see where"
    return _print(
        f"gil-lab: error: this is a bug of gil-lab ({type(error).__name__}: {error}); {where}, and report it", BUG
    )


def _print(message: str, code: int) -> int:
    from gil_lab.model.text import one_line

    print(one_line(message, MAX_MESSAGE_CHARACTERS), file=sys.stderr)
    return code
