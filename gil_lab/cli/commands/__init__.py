"""One file per command, named like the command, with underscores for dashes.

It defines `COMMAND`: a function whose parameters are the options, as Typer reads them, and which returns the exit code.
A file whose name begins with an underscore is not a command.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

FIRST = ("run", "report")
"""Shown first in `--help`, because users need them first; the others follow by name."""


def commands() -> dict[str, Callable[..., Any]]:
    """The function of each command by its name, in the order of `--help`."""
    files = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    order = [*FIRST, *(name for name in files if name not in FIRST)]
    return {name.replace("_", "-"): importlib.import_module(f"{__name__}.{name}").COMMAND for name in order}
