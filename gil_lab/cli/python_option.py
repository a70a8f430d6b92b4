"""The option `--python` of several commands."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gil_lab.cli import parsing
from gil_lab.model.errors import UsageError

if TYPE_CHECKING:
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import Choice, Interpreter


def chosen(given: Sequence[str] | None, file: Path | None = None) -> "tuple[Interpreter, ...]":
    """The interpreters that `--python` names, by default the running one. Raises UsageError if one is missing."""
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import choose

    names = parsing.several("python", given) or ("this",)
    choice = wait_for(Screen(), lambda: choose(names, file=file))
    if choice.missing:
        raise UsageError(choice.missing[0].reason)
    return choice.interpreters


def wait_for(screen: "Screen", choose: "Callable[[], Choice]") -> "Choice":
    """Choose, with a status line: many Pythons take seconds, and minutes if bytecode must be compiled first."""
    with screen.status("Finding out what works under each Python ...") if screen.redraws else contextlib.nullcontext():
        return choose()
