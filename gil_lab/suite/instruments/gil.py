"""The state of the global interpreter lock: whether it is enabled, and which import enabled it.

A free-threaded build starts without it (PEP 703). Importing an extension module that does not declare itself safe
without the lock switches it on for the rest of the process, with a RuntimeWarning that names the module.
"""

import re
import sys
import warnings
from typing import TextIO

WARNING = re.compile(r"The global interpreter lock \(GIL\) has been enabled to load module '([^']*)'")


def enabled() -> bool:
    """Whether the GIL is enabled. Pythons without `sys._is_gil_enabled` (before 3.13, PyPy) always have it."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()


class Culprit:
    """Watches warnings from its creation on; `module` is the one whose import enabled the GIL."""

    def __init__(self) -> None:
        self.module = ""
        self._show = warnings.showwarning
        warnings.showwarning = self._showwarning
        warnings.filterwarnings("always", WARNING.pattern, RuntimeWarning)

    def _showwarning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if match := WARNING.match(str(message)):
            self.module = self.module or match[1]
        self._show(message, category, filename, lineno, file, line)
