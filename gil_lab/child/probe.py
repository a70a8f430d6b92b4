"""Runs inside an interpreter: reports what it is, and which strategies work there, by importing what they need.

joblib, for example, installs on PyPy but fails to import: installed is not the same as usable.
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
from gil_lab.model.full_write import write_all
from gil_lab.model.interpreter import Facts, Greeting, Package, Refusal
from gil_lab.model.records import Status
from gil_lab.model.wire import Failed, encode
from gil_lab.suite.catalogue import Catalogue, with_file
from gil_lab.suite.instruments import gil
from gil_lab.suite.strategies import Strategy

PACKAGES = (
    "numba",
    "numpy",
    "joblib",
    "cloudpickle",
    "psutil",
    "cython",
    "pandas",
    "numba-cuda",
    "uvloop",
    "gevent",
    "distributed",
)
CONFIGURE_FLAGS = re.compile(
    r"--(?:enable-(?:optimizations|bolt|shared|experimental-jit)|with-(?:lto|pydebug|tail-call-interp)|disable-gil)"
    r"(?:=[a-z-]{1,20})?",
)
"""Flags of CPython's `configure` that affect speed."""
FOUND_ONLY = ("distributed",)
"""Packages that are looked for, and not imported: that takes up to a second, which every examination would pay for."""
IMPORTED_WHOLE = ("joblib", "cloudpickle")
"""Packages of which pool workers import more modules than this process does."""


def _not_cpython() -> bool:
    return Greeting.own().implementation != "cpython"


NOT_INSTALLABLE: dict[str, tuple[tuple[Callable[[], bool], str], ...]] = {
    "numba": (
        (_not_cpython, "numba has no build for PyPy: use CPython"),
        (lambda: Greeting.own().label == "3.13t", "numba has no build for 3.13t, and will have none: use 3.14t"),
    ),
    "compression.zstd": ((lambda: True, "compression.zstd comes with Python 3.14: choose that with --python"),),
    "joblib": ((_not_cpython, "joblib is not installed, and fails to import on PyPy (joblib 1.6): use CPython"),),
    "uvloop": (
        (_not_cpython, "uvloop has no build for PyPy: use CPython"),
        (lambda: Greeting.own().label == "3.13t", "uvloop has no build for 3.13t: use 3.14t"),
    ),
    "gevent": (
        (_not_cpython, "gevent is not tried under PyPy: use CPython"),
        (lambda: Greeting.own().free_threaded, "gevent has no build for Pythons without a GIL: use one with a GIL"),
    ),
}
"""Where installing a package is no remedy, and what is."""


def not_installed(module: str) -> str:
    """The message that `module` is not installed: with a command to paste, or what to use instead."""
    for applies, instead in NOT_INSTALLABLE.get(module, ()):
        if applies():
            return instead
    return f"{module} is not installed for {Greeting.own().label}: {install_command(module)}"


def install_command(module: str) -> str:
    """The command to install `module`, even where there is no pip or the system manages the environment."""
    python = _quoted(sys.executable)
    managed = sys.prefix == sys.base_prefix and Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists()
    if managed:  # PEP 668: pip refuses
        return f"{python} -m venv DIR, then DIR/bin/python -m pip install {module}"
    if importlib.util.find_spec("pip") is None:
        return f"uv pip install --python {python} {module}"
    return f"{python} -m pip install {module}"


def _quoted(path: str) -> str:
    """The path, quoted for a shell, without the user's name: it is stored with the results."""
    home = os.path.expanduser("~")  # noqa: PTH111
    inside = path.removeprefix(home + "/")
    return f"~/{shlex.quote(inside)}" if inside != path and home != "/" else shlex.quote(path)


def refusal(strategy: Strategy) -> str | None:
    """Why the strategy cannot work here, and the remedy; None if it can."""
    if sys.version_info[:2] < strategy.since:
        since = f"{strategy.since[0]}.{strategy.since[1]}"
        return f"it needs Python {since} or later; choose one with --python {since}"
    return reason_against_modules(strategy.requires) or strategy.refuses()


def reason_against_modules(modules: Iterable[str]) -> str | None:
    """Why not all of them can be imported here, and the remedy; None if they can."""
    label = Greeting.own().label
    for module in modules:
        if module in FOUND_ONLY:
            if importlib.util.find_spec(module) is None:
                return not_installed(module)
            continue
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name == module:
                return not_installed(module)
            return f"{module} does not import under {label} ({error}); fix or reinstall it"
        except Exception as error:
            cause = f"{module} does not import under {label} ({type(error).__name__}: {error!s:.80})"
            return f"{cause}; use {'CPython' if _not_cpython() else 'another version of it'}"
    return None


def refusals(catalogue: Catalogue, names: Iterable[str]) -> Iterator[Refusal]:
    for name in names:
        try:
            reason = refusal(catalogue.strategy(name))
        except UsageError:
            raise
        except Exception as error:  # its file imports a module that this standard library lacks
            reason = f"the file of {name} does not import here ({type(error).__name__}: {error!s:.80}); fix it"
        if reason is not None:
            yield Refusal(name, reason)


def packages() -> tuple[Package, ...]:
    installed = []
    for name in PACKAGES:
        try:
            installed.append(Package(name, str(importlib.metadata.version(name))))
        except importlib.metadata.PackageNotFoundError:
            continue
    return tuple(installed)


def facts(catalogue: Catalogue, strategies: Iterable[str]) -> Facts:
    """What this interpreter is. Imports all that the strategies need, and caches its bytecode for later processes."""
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
    """The flags that the build reports; distributions also optimise in other ways. The GIL is not all that differs."""
    return tuple(CONFIGURE_FLAGS.findall(str(sysconfig.get_config_var("CONFIG_ARGS") or "")))


def _compiler_of_pypy() -> str:
    """`[PyPy 8.0.1 with GCC 16.2.0]` at the end of sys.version; `platform` does not find it."""
    return sys.version.rpartition(" with ")[2].strip("] \n") if " with " in sys.version else ""


def answer(write_fd: int, arguments: Sequence[str]) -> None:
    """Write the facts, or why there are none, to a pipe. Arguments: a user's file or "", `all` or `only`, names."""
    file, which, *names = arguments
    try:
        catalogue = with_file(Path(file)) if file else Catalogue()
        reply: Facts | Failed = facts(catalogue, names if which == "only" else catalogue.strategy_names())
    except UsageError as error:
        reply = Failed(Status.ERROR, str(error))
    write_all(write_fd, encode(reply))
