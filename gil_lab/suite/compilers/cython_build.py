"""From Cython source to a function in this process: Cython, the C compiler, the linker, the import.

The compiler is called directly, with what `sysconfig` reports: its name, the folder of Python's headers, the suffix of
extension modules. Rejected: setuptools, which is one more package (not part of Python since 3.12), is slow to import,
and uses the flags that this Python was built with, on whatever machine that was. `pyximport` and `cythonize` need it
as well.
"""

import importlib.metadata
import importlib.util
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gil_lab.model.errors import GilLabError
from gil_lab.model.text import one_line
from gil_lab.suite.compilers.cython_source import MODULE, CythonSource

MIN_CYTHON_VERSION = (3, 3)
"""In older ones a C type in the .pxd conflicts with an annotation in the source."""
FLAGS = ("-O3", "-fwrapv", "-ffp-contract=off", "-fPIC", "-w")
"""Those of CPython itself; and a * b + c is rounded twice, as in Python, even on processors with a fused instruction.
Rejected: -march=native, which installed packages are not built with. Numba does compile for the processor at hand."""
SHARED_LIBRARY_FLAGS = {"darwin": ("-bundle", "-undefined", "dynamic_lookup")}
"""Where linking an extension module needs more than `-shared`: Python's symbols are resolved when it is loaded."""


class BuildError(GilLabError):
    """Cython or the C compiler rejected the source, or is not installed."""


class CythonTask:
    """A task that can be called once it has been built."""

    def __init__(self, source: Callable[[Sequence[Any]], CythonSource]) -> None:
        self.source = source
        self.entry: Callable[[Any], Any] | None = None

    def build(self, inputs: Sequence[Any]) -> None:
        """Build it from scratch, like everything in a trial. Raises BuildError."""
        self.entry = built(self.source(inputs))

    def __call__(self, item: Any) -> Any:
        if self.entry is None:
            raise BuildError("the task has not been compiled; call its form's `compile` first")
        return self.entry(item)


def built(source: CythonSource) -> Callable[[Any], Any]:
    """The function of that source as machine code. Raises BuildError.

    Its file is deleted as soon as it is loaded; Cython runs in a process of its own, so that none of it stays in this.
    """
    with tempfile.TemporaryDirectory(prefix="cython-") as name:
        folder = Path(name)
        text, c, library = (folder / f"{MODULE}{suffix}" for suffix in (".py", ".c", _suffix()))
        text.write_text(source.text, encoding="utf-8")
        if source.types:
            text.with_suffix(".pxd").write_text(source.types, encoding="utf-8")
        _run("Cython", [sys.executable, "-P", "-m", "cython", "-3", text.name], folder)
        shared = SHARED_LIBRARY_FLAGS.get(sys.platform, ("-shared",))
        headers = [f"-I{path}" for path in _header_folders()]
        _run("the C compiler", [*_found_compiler(), *FLAGS, *shared, *headers, c.name, "-o", library.name], folder)
        return _loaded(library, source.entry)


def _loaded(library: Path, entry: str) -> Callable[[Any], Any]:
    spec = importlib.util.spec_from_file_location(MODULE, library)
    if spec is None or spec.loader is None:
        raise BuildError(f"this Python imports no {library.suffix} files; use another one")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[Any], Any] = getattr(module, entry)
    return function


def _run(program: str, command: Sequence[str], folder: Path) -> None:
    """Run `command` in `folder`, which holds its input and output files."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    except OSError as error:
        raise BuildError(f"{program} does not start ({error.strerror}: {command[0]}); reinstall it") from None
    if done.returncode != 0:
        message = complaint((done.stdout + done.stderr).decode(errors="replace"))
        raise BuildError(
            f"{program} failed ({message or f'exit code {done.returncode}'}); fix the source or its C types"
        )


def complaint(output: str) -> str:
    """The most useful line of a compiler's output: the first that names a place in the source or an error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    located = [line for line in lines if f"{MODULE}." in line or "error:" in line.lower()]
    return one_line((located or lines or [""])[0])


def compiler() -> list[str]:
    """The C compiler that Python was built with, or one with a usual name; empty if there is none."""
    built_with = shlex.split(str(sysconfig.get_config_var("CC") or ""))
    known = [command for command in (built_with, ["cc"], ["gcc"], ["clang"]) if command]
    return next((command for command in known if shutil.which(command[0])), [])


def _found_compiler() -> list[str]:
    if not (command := compiler()):
        raise BuildError(NO_COMPILER)
    return command


def _header_folders() -> list[str]:
    return list(dict.fromkeys(sysconfig.get_path(name) for name in ("include", "platinclude")))


def _suffix() -> str:
    return str(sysconfig.get_config_var("EXT_SUFFIX") or ".so")


NO_COMPILER = "there is no C compiler: install one (apt install gcc, xcode-select --install)"


def why_not() -> str | None:
    """Why nothing can be built under this Python, and the remedy; None if it can. Cython itself is installed."""
    version = importlib.metadata.version("cython")
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < MIN_CYTHON_VERSION:
        return f"Cython {version} is too old: install {'.'.join(map(str, MIN_CYTHON_VERSION))} or later"
    if not any(Path(folder, "Python.h").is_file() for folder in _header_folders()):
        name = f"python{sys.version_info[0]}.{sys.version_info[1]}-dev"
        return f"its C headers are missing (Python.h): install them (apt install {name}), or use uv's or pyenv's Python"
    return None if compiler() else NO_COMPILER
