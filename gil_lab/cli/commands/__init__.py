"""One file a command, which is called like its file. It defines `COMMAND`: the function, with its options as Typer's.

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
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    order = [*FIRST, *(name for name in names if name not in FIRST)]
    return {name: importlib.import_module(f"{__name__}.{name}").COMMAND for name in order}
