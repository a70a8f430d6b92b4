"""One file a command, which is called like its file, with dashes for underscores.

It defines `COMMAND`: a function whose parameters are the options, as Typer reads them, and which returns the exit code.
A file whose name begins with an underscore is no command.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

FIRST = ("run", "report")
"""What people need first stands first in `--help`; the rest follows by name."""


def commands() -> dict[str, Callable[..., Any]]:
    """The function of each command by its name, in the order of `--help`."""
    files = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    order = [*FIRST, *(name for name in files if name not in FIRST)]
    return {name.replace("_", "-"): importlib.import_module(f"{__name__}.{name}").COMMAND for name in order}
