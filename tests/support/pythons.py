"""The other Pythons that tests run on: those of GIL_LAB_PYTHONS (programs or virtual environments, as on PATH)."""

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

VARIABLE = "GIL_LAB_PYTHONS"
EXPECTED = ("3.13t", "3.14", "3.15", "pypy3.11", "3.14t")
"""What the lab must run on; one that is not to be had is a skip that says so."""
LABEL = """
import sys, sysconfig
name = sys.implementation.name.replace("cpython", "")
print(f"{name}{sys.version_info[0]}.{sys.version_info[1]}" + "t" * bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
"""


@cache
def found() -> dict[str, str]:
    """Programs by their labels, the first of each. Symbolic links stay: a virtual environment's Python is one."""
    programs: dict[str, str] = {}
    for entry in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        program = str(Path(entry) / "bin" / "python") if Path(entry).is_dir() else entry
        asked = subprocess.run([program, "-I", "-c", LABEL], capture_output=True, text=True, timeout=300, check=True)
        programs.setdefault(asked.stdout.strip(), program)
    return programs


EVERY = [pytest.param(label, id=label) for label in dict.fromkeys((*EXPECTED, *found()))]
"""Labels for `pytest.mark.parametrize`: what is expected, and what else there is. The Python that runs the tests is
there only if it is named: what it can do is tested without this list."""


def version(label: str) -> tuple[int, int]:
    """Of the language that it runs."""
    major, minor = label.lstrip("abcdefghijklmnopqrstuvwxyz").rstrip("t").split(".")
    return int(major), int(minor)


def executable(label: str) -> str:
    """The program. Skips the test where there is none."""
    if label not in found():
        pytest.skip(f"no {label} in {VARIABLE}")
    return found()[label]
