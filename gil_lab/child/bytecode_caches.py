"""Bytecode caches of the modules that pool workers import, written before anything is timed.

Without them each new process or subinterpreter compiles the standard library again, which costs several times more than
starting it: enough to reverse a conclusion. This runs inside the interpreter whose caches they are.
"""

# Thousands of files are checked, and pathlib would take three times as long.
# ruff: noqa: PTH110, PTH116, PTH118, PTH120, PTH123, PTH208

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType

PACKAGES = (
    "asyncio",
    "collections",
    "concurrent",
    "ctypes",
    "email",
    "encodings",
    "http",
    "importlib",
    "json",
    "logging",
    "multiprocessing",
    "pathlib",
    "re",
    "string",
    "sysconfig",
    "urllib",
)
"""Packages of the standard library, beside its top-level modules, that workers of any kind import at start-up."""
OWN_FOLDERS = ("child", "model", "suite")
"""Folders of gil_lab whose modules, at any depth, run in the measured process."""
HASH_BASED = 0b01
"""Flag in the header: the cache is validated by the source's hash, not by its timestamp (PEP 552)."""


def warm(files: Iterable[str]) -> bool:
    """Compile every file without an up-to-date cache. False as soon as a cache cannot be written.

    Not compileall: it recompiles hash-based caches, and takes ten times as long when everything is cached.
    """
    return all(_cached(file) or _compiled(file) for file in files)


def _cached(file: str) -> bool:
    """Whether the next process will find the cache and use it."""
    try:
        with open(importlib.util.cache_from_source(file), "rb", buffering=0) as cache:
            header = cache.read(16)
        source = os.stat(file)
    except (OSError, NotImplementedError):
        return False
    if header[:4] != importlib.util.MAGIC_NUMBER:
        return False
    if int.from_bytes(header[4:8], "little") & HASH_BASED:
        return True
    stamp = (int(source.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + (source.st_size & 0xFFFFFFFF).to_bytes(
        4, "little"
    )
    return header[8:16] == stamp


def _compiled(file: str) -> bool:
    import py_compile

    try:
        py_compile.compile(file, doraise=True)
    except FileNotFoundError:
        return not os.path.exists(file)  # a module whose stated source does not exist
    except (OSError, NotImplementedError):
        return False
    except py_compile.PyCompileError:  # it cannot be imported, so it needs no cache
        return True
    return True


def standard_library() -> Iterator[str]:
    folder = os.path.dirname(os.__file__)
    yield from _sources(folder)
    for package in PACKAGES:
        yield from _tree(os.path.join(folder, package))


def own() -> Iterator[str]:
    """The lab's own files, by the path from which the measured process imports them."""
    package = os.path.dirname(os.path.dirname(__file__))
    yield from _sources(package)
    for folder in OWN_FOLDERS:
        yield from _tree(os.path.join(package, folder))


def loaded(whole: Iterable[str]) -> Iterator[str]:
    """Sources of all imported modules, and of every module of those packages in `whole` that are imported."""
    for module in list(sys.modules.values()):
        spec = module.__dict__.get("__spec__") if isinstance(module, ModuleType) else None
        origin = getattr(spec, "origin", None)
        if isinstance(origin, str) and origin.endswith(".py"):
            yield origin
    for name in whole:
        for folder in getattr(sys.modules.get(name), "__path__", ()):
            yield from _tree(folder)


def _tree(folder: str) -> Iterator[str]:
    for path, folders, _ in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("test", "tests", "__pycache__")]
        yield from _sources(path)


def _sources(folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:  # a package that this version does not have, or a standard library in a zip file
        return
    for name in names:
        if name.endswith(".py"):
            yield os.path.join(folder, name)
