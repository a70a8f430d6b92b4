"""Asked inside an interpreter: what it is, and which strategies work there. Every need is really imported.

joblib, for one, installs on PyPy and fails when it is imported: being installed is not being usable.
"""

import importlib
import importlib.metadata
import importlib.util
import multiprocessing
import os
import platform
import re
import shlex
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from gil_lab.child import bytecode_caches
from gil_lab.model.errors import UsageError
from gil_lab.model.interpreter import Facts, Greeting, Package, Refusal
from gil_lab.model.records import Status
from gil_lab.model.wire import Failed, encode
from gil_lab.suite.catalogue import Catalogue, with_file
from gil_lab.suite.instruments import gil
from gil_lab.suite.strategies import Strategy

PACKAGES = ("numba", "numpy", "joblib", "cloudpickle", "psutil", "cython", "pandas", "numba-cuda")
CONFIGURED = re.compile(
    r"--(?:enable-(?:optimizations|bolt|shared|experimental-jit)|with-(?:lto|pydebug|tail-call-interp)|disable-gil)"
    r"(?:=[a-z-]{1,20})?",
)
"""Flags of CPython's `configure` on which speed depends."""
IMPORTED_WHOLE = ("joblib", "cloudpickle")
"""Packages of which pool workers import more than this process does."""


def _not_cpython() -> bool:
    return Greeting.own().implementation != "cpython"


NOT_TO_BE_HAD: dict[str, tuple[tuple[Callable[[], bool], str], ...]] = {
    "numba": (
        (_not_cpython, "numba has no build for PyPy: use CPython"),
        (lambda: Greeting.own().label == "3.13t", "numba has no build for 3.13t, and will have none: use 3.14t"),
    ),
    "joblib": ((_not_cpython, "joblib is not installed, and fails to import on PyPy (joblib 1.6): use CPython"),),
}
"""Where installing is no remedy, and what is."""


def absent(module: str) -> str:
    """That `module` is not installed, and a command to paste, or what to use instead."""
    for applies, instead in NOT_TO_BE_HAD.get(module, ()):
        if applies():
            return instead
    return f"{module} is not installed for {Greeting.own().label}: {installing(module)}"


def installing(module: str) -> str:
    """The command, for an environment that may have no pip or be kept by the system."""
    python = _shown(sys.executable)
    managed = sys.prefix == sys.base_prefix and Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists()
    if managed:  # PEP 668: pip refuses
        return f"{python} -m venv DIR, then DIR/bin/python -m pip install {module}"
    if importlib.util.find_spec("pip") is None:
        return f"uv pip install --python {python} {module}"
    return f"{python} -m pip install {module}"


def _shown(path: str) -> str:
    """Fit to be pasted into a shell, without the user's name: it is stored with the results."""
    home = os.path.expanduser("~")  # noqa: PTH111
    inside = path.removeprefix(home + "/")
    return f"~/{shlex.quote(inside)}" if inside != path and home != "/" else shlex.quote(path)


def refusal(strategy: Strategy) -> str | None:
    """Why the strategy cannot work here, and the remedy; None if it can."""
    label = Greeting.own().label
    if sys.version_info[:2] < strategy.since:
        since = f"{strategy.since[0]}.{strategy.since[1]}"
        return f"it needs Python {since} or later: choose one with --python {since}"
    for module in strategy.requires:
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name == module:
                return absent(module)
            return f"{module} does not import under {label} ({error}); mend or reinstall it"
        except Exception as error:
            told = f"{module} does not import under {label} ({type(error).__name__}: {error!s:.80})"
            return f"{told}; use {'CPython' if _not_cpython() else 'another version of it'}"
    return strategy.refuses()


def refusals(catalogue: Catalogue, names: Iterable[str]) -> Iterator[Refusal]:
    for name in names:
        try:
            reason = refusal(catalogue.strategy(name))
        except UsageError:
            raise
        except Exception as error:  # its file imports what this standard library does not have
            reason = f"the file of {name} does not import here ({type(error).__name__}: {error!s:.80}); mend it"
        if reason is not None:
            yield Refusal(name, reason)


def packages() -> tuple[Package, ...]:
    found = []
    for name in PACKAGES:
        try:
            found.append(Package(name, str(importlib.metadata.version(name))))
        except importlib.metadata.PackageNotFoundError:
            continue
    return tuple(found)


def facts(catalogue: Catalogue, strategies: Iterable[str]) -> Facts:
    """What this interpreter is; everything that the strategies need is imported, and cached for those who come next."""
    gil_at_start = gil.enabled()  # before anything is imported that could switch it on
    start_methods = multiprocessing.get_all_start_methods()  # the default first; joblib adds its own
    warm = bytecode_caches.warm([*bytecode_caches.standard_library(), *bytecode_caches.own()])
    refused = tuple(refusals(catalogue, strategies))
    warm = bytecode_caches.warm(bytecode_caches.loaded(IMPORTED_WHOLE)) and warm
    own = Greeting.own()
    return Facts(
        label=own.label,
        version=own.version,
        implementation=platform.python_implementation(),
        compiler=platform.python_compiler() or _compiler_of_pypy(),
        configured=configured(),
        free_threaded=own.free_threaded,
        gil=gil_at_start,
        gil_after_imports=gil.enabled(),
        bytecode=("elsewhere" if sys.pycache_prefix else "beside") if warm else "none",
        start_methods=tuple(start_methods),
        packages=packages(),
        refusals=refused,
    )


def configured() -> tuple[str, ...]:
    """As far as the build tells: distributions also optimise by other ways. Two builds differ in more than the lock."""
    return tuple(CONFIGURED.findall(str(sysconfig.get_config_var("CONFIG_ARGS") or "")))


def _compiler_of_pypy() -> str:
    """`[PyPy 8.0.1 with GCC 16.2.0]` at the end of sys.version; `platform` finds none in it."""
    return sys.version.rpartition(" with ")[2].strip("] \n") if " with " in sys.version else ""


def answer(write_fd: int, arguments: Sequence[str]) -> None:
    """Write the facts, or why there are none, to a pipe. Arguments: a user's file or "", `all` or `only`, names."""
    file, which, *names = arguments
    try:
        catalogue = with_file(Path(file)) if file else Catalogue()
        told: Facts | Failed = facts(catalogue, names if which == "only" else catalogue.strategy_names())
    except UsageError as error:
        told = Failed(Status.ERROR, str(error))
    line = memoryview(encode(told))
    while line:
        line = line[os.write(write_fd, line) :]
