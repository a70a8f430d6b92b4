"""The state of the global interpreter lock: whether there is one now, and which import switched it on.

A free-threaded build starts without (PEP 703). Importing an extension module that does not declare itself safe without
the lock switches it on for the rest of the process, with a RuntimeWarning that names the module.
"""

import re
import sys
import warnings
from typing import TextIO

MODULE = re.compile(r"The global interpreter lock \(GIL\) has been enabled to load module '([^']*)'")


def enabled() -> bool:
    """Whether there is a GIL now. Pythons that cannot tell (before 3.13, PyPy) have one."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()


class Culprit:
    """Listens to warnings from the moment on at which it is made; `module` is the one that switched the GIL on."""

    def __init__(self) -> None:
        self.module = ""
        self._show = warnings.showwarning
        warnings.showwarning = self._heard
        warnings.filterwarnings("always", MODULE.pattern, RuntimeWarning)

    def _heard(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if found := MODULE.match(str(message)):
            self.module = self.module or found[1]
        self._show(message, category, filename, lineno, file, line)
