"""The terminal that commands print to."""

import os
import sys

from rich.console import Console

NARROWEST = 20


class ReaderGoneError(Exception):
    """Nobody reads what we print. Not a BrokenPipeError, which typer turns into exit code 1."""


class Screen(Console):
    """A console that never reads markup or emoji codes in data, and is never narrower than it can print.

    When the reader of the output goes away (`| head`), a command that only reads ends; one that measures goes on,
    because progress is never worth a row.
    """

    def __init__(self, *, goes_on: bool = False) -> None:
        asked = os.environ.get("COLUMNS", "")
        wide_enough = asked.isascii() and asked.isdigit() and int(asked) >= NARROWEST
        super().__init__(width=int(asked) if wide_enough else None, markup=False, emoji=False, highlight=False)
        self.goes_on = goes_on

    def on_broken_pipe(self) -> None:
        """Called by rich; its own way is to exit with 1."""
        silence()
        if not self.goes_on:
            raise ReaderGoneError


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
