"""What would disturb a measurement on this machine, and what to mend before trusting numbers."""

import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gil_lab.cli.doctor import disk, surroundings
from gil_lab.cli.doctor.finding import Finding
from gil_lab.cli.doctor.processors import cores, load, pace
from gil_lab.cli.doctor.pythons import bytecode, gil, start_methods, threading_layer, together, versions
from gil_lab.interpreters import Interpreter
from gil_lab.measuring.environment import left_out
from gil_lab.measuring.machine import cpu_model

__all__ = ["Finding", "bytecode", "examine", "gil"]


def examine(interpreters: Sequence[Interpreter], out: Path = Path("results")) -> Iterator[Finding]:
    """Look at everything that matters; takes a little over a second, in which the machine should be left alone.

    Results are to be kept under `out`, which need not be there yet. What cannot be examined is a finding as well.
    """
    names = left_out()  # first: libraries that are examined set variables of their own
    yield Finding("machine", f"{cpu_model()}, {platform.platform()}")
    yield cores()
    yield from load()
    yield pace()
    yield surroundings.memory()
    yield surroundings.workers()
    for about in (gil, bytecode, start_methods, versions):
        yield from together(interpreters, about)
    if any(one.executable == sys.executable for one in interpreters):
        yield threading_layer()
    yield disk.results(out)
    yield disk.temporary()
    if sys.platform == "linux":  # elsewhere shared memory has no folder
        yield disk.shared_memory()
    yield surroundings.loopback()
    yield from surroundings.variables(names)
