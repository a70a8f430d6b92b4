"""What would disturb a measurement on this machine, and what to fix before trusting numbers."""

import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gil_lab.cli.doctor import calibration, disk, surroundings
from gil_lab.cli.doctor.diagnosis import Diagnosis
from gil_lab.cli.doctor.processors import cores, cpu_speed, load
from gil_lab.cli.doctor.pythons import bytecode, gil, start_methods, threading_layer, together, versions
from gil_lab.interpreters import Interpreter
from gil_lab.measuring.environment import left_out
from gil_lab.measuring.machine import cpu_model

__all__ = ["Diagnosis", "bytecode", "examine", "gil"]


def examine(interpreters: Sequence[Interpreter], out: Path = Path("results")) -> Iterator[Diagnosis]:
    """Examine everything that matters; takes a little over a second, in which the machine should be idle.

    Results will be written to `out`, which need not exist yet. What cannot be examined is a diagnosis, too.
    """
    names = left_out()  # first: examining libraries sets variables
    yield Diagnosis("machine", f"{cpu_model()}, {platform.platform()}")
    yield cores()
    yield from load()
    yield cpu_speed()
    yield surroundings.memory()
    yield surroundings.workers()
    for about in (gil, bytecode, start_methods, versions):
        yield from together(interpreters, about)
    if any(interpreter.executable == sys.executable for interpreter in interpreters):
        yield threading_layer()
    yield disk.results(out)
    yield calibration.of_this_machine(out)
    yield disk.temporary()
    if sys.platform == "linux":  # elsewhere shared memory has no folder
        yield disk.shared_memory()
    yield surroundings.loopback()
    yield from surroundings.variables(names)
