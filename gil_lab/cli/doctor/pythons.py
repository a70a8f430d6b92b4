"""The Pythons: what their builds and environments mean for measurements."""

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gil_lab.cli.doctor.diagnosis import Diagnosis
from gil_lab.interpreters import Interpreter
from gil_lab.model.text import one_line

LAYERS = ("tbb", "omp", "workqueue")
"""Numba's threading layers, in the order in which it tries them (Numba manual, "The Threading Layers")."""


def together(interpreters: Sequence[Interpreter], examine: Callable[[Interpreter], Diagnosis]) -> Iterator[Diagnosis]:
    """One diagnosis for all interpreters that share it."""
    labels: dict[Diagnosis, list[str]] = {}
    for interpreter in interpreters:
        labels.setdefault(examine(interpreter), []).append(interpreter.label)
    for diagnosis, names in labels.items():
        yield replace(diagnosis, state=f"Python {', '.join(names)}: {diagnosis.state}")


def gil(interpreter: Interpreter) -> Diagnosis:
    facts = interpreter.facts
    state = (
        f"{'free-threaded build' if facts.free_threaded else 'build with the GIL'}, GIL {'on' if facts.gil else 'off'}"
    )
    if facts.gil_after_imports and not facts.gil:
        remedy = f"an extension module enables it: update it, or try {interpreter.label}+nogil"
        return Diagnosis("GIL", f"{state}, and on after the imports that strategies need", remedy)
    if facts.free_threaded and facts.gil and "PYTHON_GIL" not in dict(interpreter.environment):
        return Diagnosis("GIL", state, f"{interpreter.label} starts with it: find out what it imports at start-up")
    return Diagnosis("GIL", state)


def bytecode(interpreter: Interpreter) -> Diagnosis:
    kept = interpreter.facts.bytecode
    if kept == "none":
        remedy = "processes start several times slower: make ~/.cache (or XDG_CACHE_HOME) writable for you only"
        return Diagnosis(
            "bytecode", "some modules that workers import are not cached, and caches cannot be written", remedy
        )
    where = dict(interpreter.environment).get("PYTHONPYCACHEPREFIX", "another folder")
    state = "cached" if kept == "beside" else f"cached in {where}, because its own folders cannot be written"
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        state += "; PYTHONDONTWRITEBYTECODE is set, and not passed on to measured processes"
    return Diagnosis("bytecode", state)


def start_methods(interpreter: Interpreter) -> Diagnosis:
    methods = interpreter.facts.start_methods
    return Diagnosis("start methods", f"{', '.join(methods)}; default {methods[0] if methods else 'none'}")


def versions(interpreter: Interpreter) -> Diagnosis:
    facts = interpreter.facts
    versions = [
        f"{facts.implementation} {facts.version}",
        *(f"{package.name} {package.version}" for package in facts.packages),
    ]
    return Diagnosis("versions", ", ".join(versions))


def threading_layer() -> Diagnosis:
    """The layer that Numba chooses, and the thread pools that this loads."""
    missing = []
    for layer in LAYERS:
        try:
            importlib.import_module(f"numba.np.ufunc.{'workqueue' if layer == 'workqueue' else layer + 'pool'}")
        except ImportError:
            missing.append(layer)
            continue
        except Exception as error:  # an invalid variable of Numba, which is not passed on to children
            return Diagnosis("threading layer", one_line(f"Numba cannot be imported here ({error})", 160))
        import threadpoolctl

        pools = sorted({pool["user_api"] for pool in threadpoolctl.threadpool_info()})
        skipped = f" ({', '.join(missing)} not found)" if missing else ""
        state = f"{layer}{skipped}; loaded thread pools: {', '.join(pools) or 'none'}"
        remedy = (
            "workqueue aborts when two threads use it: install tbb or an OpenMP build" if layer == "workqueue" else ""
        )
        return Diagnosis("threading layer", state, remedy)
    return Diagnosis("threading layer", "none: Numba is not installed", "python -m pip install numba")
