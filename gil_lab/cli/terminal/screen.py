"""The terminal that commands print to."""

import os
import re
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.segment import Segment

from gil_lab.cli.terminal import streams

MIN_COLUMNS, MAX_COLUMNS = 80, 1000
"""In a narrower terminal a table would cut its numbers off: wrapped lines are better."""
VALID_SIZES = {"COLUMNS": range(MIN_COLUMNS, MAX_COLUMNS + 1), "LINES": range(1, MAX_COLUMNS + 1)}


class Screen(Console):
    """A console that never interprets markup or emoji codes in data, and is never narrower than tables need.

    When the output can no longer be written (`| head`), a command that only reads ends; a command that measures sets
    `drop_unwritable`, and continues. With NO_COLOR there are no escape codes at all.
    """

    def __init__(self, *, drop_unwritable: bool = False) -> None:
        _drop_invalid_sizes()
        plain = bool(os.environ.get("NO_COLOR"))
        super().__init__(
            width=_columns(), color_system=None if plain else "auto", markup=False, emoji=False, highlight=False
        )
        fits = self.width <= (_terminal() or self.width)  # wrapped lines cannot be redrawn
        self.redraws = self.is_terminal and sys.stdout.isatty() and not self.is_dumb_terminal and not plain and fits
        if drop_unwritable:
            streams.drop_unwritable()

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        """In a file or a pipe without the spaces with which Rich fills lines: they make differences of equal texts."""
        text = super()._render_buffer(buffer)
        return text if self.is_terminal else re.sub(" +(?=\n)", "", text)


def _drop_invalid_sizes() -> None:
    """Unset invalid values: Rich prints nothing with COLUMNS=0, and fails with LINES=²."""
    for name, valid in VALID_SIZES.items():
        value = os.environ.get(name, "")
        if not (value.isascii() and value.isdigit() and int(value) in valid):
            os.environ.pop(name, None)


def _terminal() -> int | None:
    """The real width of the terminal; None if there is none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return None


def _columns() -> int:
    """The value of COLUMNS, else the width of the terminal, else 80."""
    return max(MIN_COLUMNS, int(os.environ.get("COLUMNS") or _terminal() or 0))


def write(text: str) -> None:
    """Print `text` unchanged."""
    sys.stdout.write(text)
    sys.stdout.flush()
