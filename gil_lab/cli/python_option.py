"""The option `--python` of several commands: the interpreters that it names."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gil_lab.cli import parsing
from gil_lab.model.errors import UsageError

if TYPE_CHECKING:
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import Choice, Interpreter


def chosen(names: Sequence[str] | None, file: Path | None = None) -> "tuple[Interpreter, ...]":
    """The interpreters that `--python` names, by default the running one. Raises UsageError if one is not there."""
    from gil_lab.cli.terminal.screen import Screen
    from gil_lab.interpreters import choose

    asked = parsing.several("python", names) or ("this",)
    choice = wait_for(Screen(), lambda: choose(asked, file=file))
    if choice.missing:
        raise UsageError(choice.missing[0].reason)
    return choice.interpreters


def wait_for(screen: "Screen", choose: "Callable[[], Choice]") -> "Choice":
    """It takes seconds where there are many, and minutes where everything has to be compiled first."""
    with screen.status("Asking Pythons what works there ...") if screen.redraws else contextlib.nullcontext():
        return choose()
