"""Bytecode caches of what pool workers import, made before anything is timed.

Without them each new process or subinterpreter compiles the standard library again, which costs several times more than
starting it: enough to turn a conclusion round. This runs inside the interpreter whose caches they are.
"""

# Thousands of files are looked at, and pathlib would take three times as long.
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
"""Of the standard library, beside all modules at its top: what workers of any kind import when they start."""
OWN = ("child", "model", "suite")
"""Folders of gil_lab whose modules run in the measured process, with all that is below them."""
UNCHECKED = 0b01
"""Flag in the header: the cache goes by the source's hash and not by its time (PEP 552)."""


def warm(files: Iterable[str]) -> bool:
    """Compile what has no cache or an old one. False as soon as a cache cannot be written.

    Not compileall, which takes a cache that goes by a hash for an old one, and ten times as long when all is warm.
    """
    return all(_cached(file) or _compiled(file) for file in files)


def _cached(file: str) -> bool:
    """Whether the next process will find the cache and take it."""
    try:
        with open(importlib.util.cache_from_source(file), "rb", buffering=0) as cache:
            header = cache.read(16)
        source = os.stat(file)
    except (OSError, NotImplementedError):
        return False
    if header[:4] != importlib.util.MAGIC_NUMBER:
        return False
    if int.from_bytes(header[4:8], "little") & UNCHECKED:
        return True
    told = (int(source.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + (source.st_size & 0xFFFFFFFF).to_bytes(
        4, "little"
    )
    return header[8:16] == told


def _compiled(file: str) -> bool:
    import py_compile

    try:
        py_compile.compile(file, doraise=True)
    except FileNotFoundError:
        return not os.path.exists(file)  # a module that tells a source that is not there
    except (OSError, NotImplementedError):
        return False
    except py_compile.PyCompileError:  # nobody can import it, so nobody needs its cache
        return True
    return True


def standard_library() -> Iterator[str]:
    folder = os.path.dirname(os.__file__)
    yield from _sources(folder)
    for package in PACKAGES:
        yield from _tree(os.path.join(folder, package))


def own() -> Iterator[str]:
    """The lab's own files, by the path by which the measured process imports them."""
    package = os.path.dirname(os.path.dirname(__file__))
    yield from _sources(package)
    for folder in OWN:
        yield from _tree(os.path.join(package, folder))


def loaded(whole: Iterable[str]) -> Iterator[str]:
    """Sources of all modules that are imported now, and all of the packages in `whole` that are among them."""
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
