"""Servers that belong to a workload's surroundings, each a process of its own.

They run on the controller's Python, whichever Python is measured: else a slow server would slander a fast client.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SERVICE_PYTHON = "GIL_LAB_SERVICE_PYTHON"
"""Set by the launcher."""


@contextmanager
def service(file: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the Python program `file`; it is killed on exit. Its standard input and output are text pipes."""
    program = [os.environ.get(SERVICE_PYTHON, sys.executable), "-P", file, *arguments]
    # PYTHON_GIL=0 is a setting of the measured Python; another one may refuse to start with it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # closing its input is not enough: forked workers hold that open as well
