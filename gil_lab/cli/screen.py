"""The terminal that commands print to."""

import os
import sys

from rich.console import Console

NARROWEST, WIDEST = 20, 1000


class ReaderGoneError(Exception):
    """Nobody reads what we print. Not a BrokenPipeError, which typer turns into exit code 1."""


class Screen(Console):
    """A console that never reads markup or emoji codes in data, and is never narrower than it can print.

    When the reader of the output goes away (`| head`), a command that only reads ends; one that measures goes on,
    because progress is never worth a row.
    """

    def __init__(self, *, goes_on: bool = False) -> None:
        super().__init__(width=_columns(), markup=False, emoji=False, highlight=False)
        self.goes_on = goes_on

    def on_broken_pipe(self) -> None:
        """Called by rich; its own way is to exit with 1."""
        silence()
        if not self.goes_on:
            raise ReaderGoneError


def _columns() -> int:
    """What COLUMNS says if it makes sense, else what the terminal says, else 80. Rich prints nothing at COLUMNS=0."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isascii() and asked.isdigit() and NARROWEST <= int(asked) <= WIDEST:
        return int(asked)
    try:
        return max(NARROWEST, os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError, AttributeError):
        return 80


def write(text: str) -> None:
    """Print `text` as it is. Raises ReaderGoneError."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
        raise ReaderGoneError from None


def silence() -> None:
    """Send what is still to be printed nowhere, also what Python flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
