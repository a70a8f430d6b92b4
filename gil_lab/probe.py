"""Asked inside an interpreter: what it is, and which strategies work there. Every need is really imported.

joblib, for one, installs on PyPy and fails when it is imported: being installed is not being usable.
"""

import asyncio
import importlib
import importlib.metadata
import importlib.util
import multiprocessing
import os
import platform
import sys
import sysconfig
from pathlib import Path

from gil_lab.catalogue import Catalogue, with_file
from gil_lab.strategies import Strategy
from gil_lab.wire import Facts, Package, Refusal, encode

PACKAGES = ("numba", "numpy", "joblib", "cloudpickle", "psutil")


def label() -> str:
    """The short name of this interpreter: `3.11`, `3.14t`, `pypy3.11`."""
    name = sys.implementation.name
    return ("" if name == "cpython" else name) + f"{sys.version_info[0]}.{sys.version_info[1]}" + "t" * free_threaded()


def free_threaded() -> bool:
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def refusal(strategy: Strategy) -> str | None:
    """Why the strategy cannot work here, and the remedy; None if it can."""
    if sys.version_info[:2] < strategy.since:
        return f"it needs Python {strategy.since[0]}.{strategy.since[1]} or later; this is {label()}"
    for module in strategy.requires:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name == module:
                return f"{module} is not installed for {label()}: python -m pip install {module}"
            return f"{module} does not import here ({error})"
        except Exception as error:
            return f"{module} does not import here ({type(error).__name__}: {error!s:.80})"
    return strategy.refuses()


def versions() -> tuple[Package, ...]:
    found = {one.metadata["Name"].lower(): one.version for one in importlib.metadata.distributions()}
    return tuple(Package(name, found[name]) for name in PACKAGES if name in found)


def bytecode_cached() -> bool:
    """Whether the standard library has its .pyc files: without them every new process compiles it again."""
    return Path(importlib.util.cache_from_source(asyncio.__file__)).exists()


def facts(catalogue: Catalogue) -> Facts:
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()  # before anything is imported that could switch it on
    asked = {name: refusal(catalogue.strategy(name)) for name in catalogue.strategy_names()}
    return Facts(
        label=label(),
        version=platform.python_version(),
        implementation=platform.python_implementation(),
        compiler=platform.python_compiler(),
        free_threaded=free_threaded(),
        gil=gil,
        bytecode_cached=bytecode_cached(),
        start_methods=tuple(multiprocessing.get_all_start_methods()),
        packages=versions(),
        refusals=tuple(Refusal(name, reason) for name, reason in asked.items() if reason is not None),
    )


if __name__ == "__main__":
    answer = encode(facts(with_file(Path(sys.argv[2])) if len(sys.argv) > 2 else Catalogue()))  # noqa: PLR2004
    os.write(int(sys.argv[1]), answer)
