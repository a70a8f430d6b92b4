"""The Pythons: what their builds and surroundings do to what is measured under them."""

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gil_lab.cli.doctor.finding import Finding
from gil_lab.interpreters import Interpreter
from gil_lab.model.text import one_line

LAYERS = ("tbb", "omp", "workqueue")
"""Numba's threading layers in the order in which it tries them (Numba manual, "The Threading Layers")."""


def together(interpreters: Sequence[Interpreter], examined: Callable[[Interpreter], Finding]) -> Iterator[Finding]:
    """One finding for all interpreters that have it in common."""
    labels: dict[Finding, list[str]] = {}
    for one in interpreters:
        labels.setdefault(examined(one), []).append(one.label)
    for finding, who in labels.items():
        yield replace(finding, found=f"Python {', '.join(who)}: {finding.found}")


def gil(interpreter: Interpreter) -> Finding:
    facts = interpreter.facts
    told = (
        f"{'free-threaded build' if facts.free_threaded else 'build with the GIL'}, GIL {'on' if facts.gil else 'off'}"
    )
    if facts.gil_after_imports and not facts.gil:
        remedy = f"an extension module switches it on: update it, or try {interpreter.label}+nogil"
        return Finding("GIL", f"{told}, and on after the imports that strategies need", remedy)
    if facts.free_threaded and facts.gil and "PYTHON_GIL" not in dict(interpreter.environment):
        return Finding("GIL", told, f"{interpreter.label} starts with it: look for what imports modules at its start")
    return Finding("GIL", told)


def bytecode(interpreter: Interpreter) -> Finding:
    kept = interpreter.facts.bytecode
    if kept == "none":
        remedy = "make ~/.cache (or XDG_CACHE_HOME) writable for you alone: processes start several times slower"
        return Finding("bytecode", "there are no caches for all that workers import, and none can be written", remedy)
    where = dict(interpreter.environment).get("PYTHONPYCACHEPREFIX", "another folder")
    told = "cached" if kept == "beside" else f"cached in {where}, because its own folders cannot be written"
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        told += "; PYTHONDONTWRITEBYTECODE is set here, and not passed on to what is measured"
    return Finding("bytecode", told)


def start_methods(interpreter: Interpreter) -> Finding:
    methods = interpreter.facts.start_methods
    return Finding("start methods", f"{', '.join(methods)}; default {methods[0] if methods else 'none'}")


def versions(interpreter: Interpreter) -> Finding:
    facts = interpreter.facts
    found = [f"{facts.implementation} {facts.version}", *(f"{one.name} {one.version}" for one in facts.packages)]
    return Finding("versions", ", ".join(found))


def threading_layer() -> Finding:
    """The layer that Numba will choose, and the thread pools that are loaded then."""
    missing = []
    for layer in LAYERS:
        try:
            importlib.import_module(f"numba.np.ufunc.{'workqueue' if layer == 'workqueue' else layer + 'pool'}")
        except ImportError:
            missing.append(layer)
            continue
        except Exception as error:  # a variable that Numba cannot read; children do not get to see it
            return Finding("threading layer", one_line(f"Numba cannot be imported here ({error})", 160))
        import threadpoolctl

        pools = sorted({pool["user_api"] for pool in threadpoolctl.threadpool_info()})
        skipped = f" ({', '.join(missing)} not found)" if missing else ""
        told = f"{layer}{skipped}; loaded thread pools: {', '.join(pools) or 'none'}"
        remedy = (
            "workqueue aborts when two threads use it: install tbb or an OpenMP build" if layer == "workqueue" else ""
        )
        return Finding("threading layer", told, remedy)
    return Finding("threading layer", "none: Numba is not installed", "python -m pip install numba")
