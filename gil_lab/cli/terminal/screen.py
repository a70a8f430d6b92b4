"""The terminal that commands print to."""

import os
import sys

from rich.console import Console

from gil_lab.cli.terminal import streams

NARROWEST, WIDEST = 80, 1000
"""In less, a table would cut its numbers: better that the terminal wraps whole lines."""
SENSIBLE = {"COLUMNS": range(NARROWEST, WIDEST + 1), "LINES": range(1, WIDEST + 1)}


class Screen(Console):
    """A console that never reads markup or emoji codes in data, and is never narrower than it can print.

    When the output cannot be written any more (`| head`), a command that only reads ends; one that `goes_on`, because
    it measures, goes on. With NO_COLOR there are no escape codes at all.
    """

    def __init__(self, *, goes_on: bool = False) -> None:
        _drop_nonsense()
        plain = bool(os.environ.get("NO_COLOR"))
        super().__init__(
            width=_columns(), color_system=None if plain else "auto", markup=False, emoji=False, highlight=False
        )
        fits = self.width <= (_terminal() or self.width)  # lines that are wrapped cannot be drawn over
        self.redraws = self.is_terminal and sys.stdout.isatty() and not self.is_dumb_terminal and not plain and fits
        if goes_on:
            streams.go_on()


def _drop_nonsense() -> None:
    """Rich prints nothing at COLUMNS=0, and fails at LINES=²."""
    for name, sensible in SENSIBLE.items():
        asked = os.environ.get(name, "")
        if not (asked.isascii() and asked.isdigit() and int(asked) in sensible):
            os.environ.pop(name, None)


def _terminal() -> int | None:
    """The columns that it really has; None if it is none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return None


def _columns() -> int:
    """What COLUMNS says, else what the terminal says, else 80."""
    return max(NARROWEST, int(os.environ.get("COLUMNS") or _terminal() or 0))


def write(text: str) -> None:
    """Print `text` as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()
