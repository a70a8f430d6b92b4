"""The code of a user's file: what it was when a session was planned, so that no trial runs other code unnoticed."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from gil_lab.model.errors import UsageError
from gil_lab.model.own_file import Source

INSTALLED = ("site-packages", "dist-packages")
"""Folders of packages, which an environment beside the file has; sessions note the versions of those that matter."""
MAX_SOURCES = 200


def sources(file: Path) -> tuple[Source, ...]:
    """The file, and the modules below its folder that were imported with it, by their paths."""
    found, own = {file.name: file}, _folder_of_the_lab()
    for module in tuple(sys.modules.values()):
        path = _path_of(module)
        if path is None or path.is_relative_to(own) or set(path.parts) & set(INSTALLED):
            continue
        if path.is_relative_to(file.parent):
            found[path.relative_to(file.parent).as_posix()] = path
    chosen = [file.name, *sorted(set(found) - {file.name})][:MAX_SOURCES]
    return tuple(Source(name, digest) for name in chosen if (digest := _digest(found[name])))


def check_unchanged(file: Path, planned: Iterable[Source]) -> None:
    """Raise UsageError if a source is another one than when the session was planned."""
    for source in planned:
        if _digest(file.parent / source.path) != source.sha256:
            raise UsageError(f"{source.path} was changed since the session began; start a new one")


def _folder_of_the_lab() -> Path:
    """The package; in a measured process its private folder, in which a link to the package lies (and which may be
    below the file's folder: in /tmp): what is imported from there, another process has elsewhere.
    """
    package = Path(__file__).parents[1]
    return package.parents[1] if package.is_symlink() else package


def _path_of(module: object) -> Path | None:
    """Of a module made from a source file; objects of a user may stand among the modules, and answer anything."""
    name = vars(module).get("__file__") if type(module) is ModuleType else None
    return Path(name) if isinstance(name, str) and name.endswith(".py") else None


def _digest(path: Path) -> str:
    """Empty for what cannot be read."""
    import hashlib  # here, as every measured process imports this module and few have a file of the user's

    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
