"""Where Pythons may be: PATH, pyenv, uv's folder, GIL_LAB_PYTHONS, and what findpython finds."""

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from gil_lab.interpreters.names import Version, at_home

VARIABLE = "GIL_LAB_PYTHONS"
"""Paths of programs, virtual environments or prefixes, written as in PATH."""
IN_FOLDER = ("bin/python", "bin/python3", "bin/pypy3", "Scripts/python.exe")
PROGRAM = re.compile(r"(python|pypy|graalpy)([0-9]+(\.[0-9]+)?)?(t|-nogil)?", re.ASCII)
MINOR = re.compile(r"(?<![0-9.])([0-9]\.[0-9]+)", re.ASCII)

Identity = tuple[int, int, str]


def identity(executable: str) -> Identity | None:
    """Equal for two links to one file, unless one is in a virtual environment: that is an interpreter of its own.

    None if there is no such file.
    """
    path = Path(executable)
    try:
        status = path.stat()
        homes = [home for home in path.parents[:2] if (home / "pyvenv.cfg").is_file()]
        return status.st_dev, status.st_ino, str(homes[0].resolve()) if homes else ""
    except (OSError, ValueError):
        return None


def program(name: str) -> str:
    """The program that a path refers to: itself, or the Python of a folder; links are not resolved.

    Raises FileNotFoundError with a message that continues a sentence.
    """
    path = at_home(name).absolute()
    if not path.exists():
        raise FileNotFoundError("does not exist; give the path of a Python, or of a virtual environment")
    if not path.is_dir():
        return str(path)
    inside = _in_folder(path)
    if inside is None:
        raise FileNotFoundError(
            f"is a folder without {IN_FOLDER[0]}; give a virtual environment, a prefix or a program"
        )
    return inside


def _in_folder(folder: Path) -> str | None:
    paths = (folder / name for name in IN_FOLDER)
    return next((str(path) for path in paths if os.access(path, os.X_OK)), None)


def listed_by_user() -> list[str]:
    """The paths in GIL_LAB_PYTHONS."""
    return [path for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path]


def places() -> str:
    """Where Pythons are looked for, in a sentence for whoever misses one."""
    listed = os.environ.get(VARIABLE)
    own = f"in {VARIABLE}" if listed else f"in {VARIABLE} (paths as in PATH; not set)"
    others = (
        "wherever findpython looks" if find_spec("findpython") else "not where findpython looks (extra interpreters)"
    )
    return f"Looked on PATH, in {_pyenv()} and {_uv()}, {own}, and {others}."


def batches(wanted: Version | None) -> Iterator[list[str]]:
    """Programs that may be the wanted version (None: any), the likeliest batch first; some may not be Python."""
    yield list(_in_path(wanted))
    yield list(chain(_in_versions(_pyenv(), wanted), _in_versions(_uv(), wanted)))


def _in_path(wanted: Version | None) -> Iterator[str]:
    for folder in dict.fromkeys(map(Path, os.environ.get("PATH", "").split(os.pathsep))):
        if not folder.is_absolute() or _shims(folder):
            continue
        for path in sorted(_entries(folder), key=lambda path: (-len(path.name), path.name)):  # the fullest name first
            if PROGRAM.fullmatch(path.name) and _may_be(path, wanted) and os.access(path, os.X_OK) and path.is_file():
                yield str(path)


def _shims(folder: Path) -> bool:
    """Whether the folder holds pyenv's shims, slow scripts that fail unless a version is selected."""
    return folder.name == "shims" and _pyenv().parent in folder.parents


def _in_versions(folder: Path, wanted: Version | None) -> Iterator[str]:
    """The Pythons of prefixes side by side, whose names hold their versions."""
    for path in sorted(_entries(folder), key=_numbers, reverse=True):
        if _may_be(path, wanted) and (executable := _in_folder(path)):
            yield executable


def _pyenv() -> Path:
    return at_home(os.environ.get("PYENV_ROOT") or "~/.pyenv") / "versions"


def _uv() -> Path:
    if folder := os.environ.get("UV_PYTHON_INSTALL_DIR"):
        return Path(folder)
    return at_home(os.environ.get("XDG_DATA_HOME") or "~/.local/share") / "uv" / "python"


def known_to_findpython() -> Iterator[str]:
    """Pythons that findpython finds (extra `interpreters`). It takes seconds: the last resort."""
    try:
        from findpython import Finder
    except ImportError:
        return
    # Without these options it takes ten seconds more, and lists each program under all its names.
    try:
        versions = Finder(resolve_symlinks=True, no_same_file=True).find_all()
    except OSError:  # one of the places that it looks in may not be entered
        return
    for version in versions:
        if not _shims(version.executable.parent):
            yield str(version.executable)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _may_be(path: Path, wanted: Version | None) -> bool:
    """False if the name of a file or folder holds another version; its real version is asked later."""
    in_name = MINOR.search(path.name)
    in_wanted = MINOR.search(wanted.version) if wanted else None
    return in_name is None or in_wanted is None or in_name[1] == in_wanted[1]


def _numbers(path: Path) -> tuple[list[int], str]:
    return [int(part) for part in re.findall("[0-9]{1,9}", path.name)], path.name
